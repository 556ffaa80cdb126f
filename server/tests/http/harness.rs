//! The one server builder: a real server over a temporary music folder and data folder.
//! Requests are made in `client`.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use audio::{AudioCache, MusicRoot, ProbeCache, ProgressTracker};
use library::covers::Covers;
use library::plays::Plays;
use library::scan::Scope;
use library::{Index, Store};
use model::Quality;
use server::AppState;
use server::peer::TrustedProxies;
use server::rate_limit::PasswordRateLimiter;
use server::serve::Limits;
use server::site::Site;
use server::state::{OnMiss, Parts, PlayAccess, Settings, Transcoding};
use server::tasks::Tasks;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// The owner's password on every test server.
pub const PASSWORD: &str = "open sesame";

/// A running server; it stops when it is dropped.
pub struct TestServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its store, for tests that look behind or prepare mixtapes.
    pub store: Store,
    /// Its covers.
    pub covers: Covers,
    index: Index,
    root: Arc<MusicRoot>,
    folder: TempDir,
    runtime: Option<Runtime>,
    stop: Option<oneshot::Sender<()>>,
    stopped: Mutex<mpsc::Receiver<()>>,
}

impl TestServer {
    /// Starts a server with an empty music folder.
    pub fn start() -> Self {
        Self::start_with(OnMiss::Transcode)
    }

    /// Starts one that does this for a file that is not in the cache.
    pub fn start_with(on_miss: OnMiss) -> Self {
        Self::start_configured(on_miss, |_| {})
    }

    /// Starts one whose parts are changed before.
    pub fn start_configured(on_miss: OnMiss, configure: impl FnOnce(&mut Parts)) -> Self {
        Self::start_limited(on_miss, |parts, _| configure(parts))
    }

    /// Starts one whose parts or limits are changed before.
    pub fn start_limited(on_miss: OnMiss, configure: impl FnOnce(&mut Parts, &mut Limits)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let music = folder.path().join("music");
        std::fs::create_dir(&music).unwrap();
        let cache = folder.path().join("cache");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (stop, stop_asked) = oneshot::channel();
        let (tell_stopped, stopped) = mpsc::channel();
        let (address, store, covers, index, root) = runtime.block_on(async {
            let store = Store::open(&folder.path().join("data")).await.unwrap();
            store.ensure_password(Some(PASSWORD)).await.unwrap();
            let (music, progress) = (Arc::new(MusicRoot::new(&music).unwrap()), Arc::<ProgressTracker>::default());
            let settings = Settings {
                on_miss,
                at_once: NonZeroUsize::MIN,
                precache_on_save: true,
                qualities: vec![Quality::Medium],
            };
            let cache = AudioCache::open(&cache, None).unwrap();
            let transcoding = Transcoding::start(cache, &music, &progress, &settings).unwrap();
            let index = Index::open(&folder.path().join("data")).await.unwrap();
            let covers = Covers::new(store.clone(), index.clone(), Arc::clone(&music));
            let mut parts = Parts {
                covers: covers.clone(),
                music: Arc::clone(&music),
                probes: ProbeCache::default(),
                store: store.clone(),
                index: index.clone(),
                site: site(folder.path()),
                default_quality: Quality::Medium,
                public_url: None,
                play_access: PlayAccess::Open,
                password_attempts: PasswordRateLimiter::default(),
                proxies: TrustedProxies::default(),
                plays: Plays::default(),
                progress,
                tasks: Tasks::here(),
                transcoding: Some(transcoding),
            };
            let mut limits = Limits::with_grace(Duration::from_secs(20));
            configure(&mut parts, &mut limits);
            let state = AppState::new(parts);
            app::start();
            let scanning = state.clone();
            tokio::spawn(async move { server::chores::scan_on_request(&scanning).await });
            let listener = server::serve::listen("127.0.0.1:0".parse().unwrap()).unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async move {
                let stop = async {
                    let _ = stop_asked.await;
                };
                server::serve::serve(listener, state, stop, limits).await.unwrap();
                let _ = tell_stopped.send(());
            });
            (address, store, covers, index, music)
        });
        let (runtime, stop, stopped) = (Some(runtime), Some(stop), Mutex::new(stopped));
        Self { address, store, covers, index, root, folder, runtime, stop, stopped }
    }

    /// The music folder.
    pub fn music(&self) -> PathBuf {
        self.folder.path().join("music").canonicalize().unwrap()
    }

    /// The folder around music and data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a file into the music folder.
    pub fn put(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let file = self.music().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, bytes).unwrap();
        file
    }

    /// Reads the music folder into the index.
    pub fn scan(&self) {
        self.block_on(self.index.scan(&self.root, &Scope::Changes, |_| {})).unwrap();
    }

    /// Runs something on the server's runtime.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().unwrap().block_on(work)
    }

    /// Asks the server to stop, as a signal would.
    pub fn ask_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has stopped; false if it takes longer.
    pub fn has_stopped_within(&self, time: Duration) -> bool {
        self.stopped.lock().unwrap().recv_timeout(time).is_ok()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A small bundle of the shape that `cargo xtask bundle` writes.
fn site(folder: &Path) -> Site {
    let site = folder.join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    std::fs::create_dir_all(site.join("public")).unwrap();
    std::fs::write(site.join("pkg/ferric-0123.js"), "export default 1").unwrap();
    std::fs::write(site.join("pkg/ferric-0123.js.br"), "brotli").unwrap();
    std::fs::write(site.join("public/icon.svg"), "<svg/>").unwrap();
    let assets = r#"{"listeners": {"script": "/pkg/ferric-0123.js", "wasm": "/pkg/ferric-4567.wasm"},
        "owner": {"script": "/pkg/ferric-owner-0123.js", "wasm": "/pkg/ferric-owner-4567.wasm"},
        "style": "/pkg/ferric-89ab.css", "fonts": []}"#;
    std::fs::write(site.join("assets.json"), assets).unwrap();
    Site::open(Some(&site))
}

/// A tiny valid WAV file: 16 bit, mono, 8 kHz, the given number of samples.
pub fn wav(samples: u32) -> Vec<u8> {
    let data = samples * 2;
    let mut file = Vec::with_capacity(44 + data as usize);
    file.extend(b"RIFF");
    file.extend((36 + data).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(8000_u32.to_le_bytes());
    file.extend(16_000_u32.to_le_bytes());
    file.extend(2_u16.to_le_bytes());
    file.extend(16_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(data.to_le_bytes());
    file.extend((0..samples).flat_map(|n| u16::try_from(n * 37 % 65_521).unwrap().to_le_bytes()));
    file
}

/// Bytes that differ from place to place and from file to file, and hold line breaks and dashes.
pub fn sound(len: usize) -> Vec<u8> {
    (0..len).map(|n| u8::try_from((n * 31 + n / 251 + len * 7) % 256).unwrap()).collect()
}
