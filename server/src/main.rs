//! The `ferric` program: reads the configuration and runs one command.
//! Everything it does is in the library beside it.

/// Prints a line. Whoever reads it may have seen enough, as `head` has, which is no failure.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($line)*);
    }};
}

mod cache;
mod exchange;
mod scan;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use audio::{AudioCache, MusicRoot, ProbeCache, ProgressTracker};
use library::covers::Covers;
use library::owner::PasswordOrigin;
use library::plays::Plays;
use library::{Index, Store};
use server::attempts::Attempts;
use server::config::{Command, CommandLine, Serve};
use server::peer::TrustedProxies;
use server::site::Site;
use server::state::{Parts, Transcoding};
use server::{AppState, logging};
use tokio::signal::unix::{SignalKind, signal};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let command_line = match CommandLine::read(std::env::args_os()) {
        Ok(command_line) => command_line,
        Err(error) => error.exit(),
    };
    let ran = logging::start(&command_line.log, command_line.log_format)
        .map_err(Failure::from)
        .and_then(|()| tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::from))
        .and_then(|runtime| {
            let result = runtime.block_on(async {
                match command_line.command {
                    Command::Serve(options) => serve(*options).await,
                    Command::Import(options) => exchange::import(&options).await,
                    Command::Backup(options) => exchange::backup(&options).await,
                    Command::Cache(options) => cache::run(&options),
                    Command::Scan(options) => scan::run(&options).await,
                }
            });
            // A read that hangs on a dead network share must not keep the process.
            runtime.shutdown_timeout(Duration::from_secs(2));
            result
        });
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ferric: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Serve) -> Result<(), Failure> {
    server::serve::raise_file_limit();
    let music = MusicRoot::new(&options.music_root)
        .map_err(|error| format!("--music (MUSIC_ROOT) {}: {error}", options.music_root.display()))?;
    let store = Store::open(&options.data.path)
        .await
        .map_err(|error| format!("--data (DATA_ROOT) {}: {error}", options.data.path.display()))?;
    let index = Index::open(&options.data.path)
        .await
        .map_err(|error| format!("--data (DATA_ROOT) {}: {error}", options.data.path.display()))?;
    let (music, progress) = (Arc::new(music), Arc::<ProgressTracker>::default());
    let transcoding = transcoding(&options, &music, &progress)?;
    if options.production && options.password.is_none() && !store.has_password().await? {
        return Err("--production (PRODUCTION): set the owner's password with --password or PASSWORD".into());
    }
    let password = store.ensure_password(options.password.as_deref()).await?;
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .map_err(|error| format!("--listen (LISTEN) {}: {error}", options.listen))?;
    let address = listener.local_addr()?;
    let state = AppState::new(Parts {
        covers: Covers::new(store.clone(), index.clone(), Arc::clone(&music)),
        music,
        probes: ProbeCache::default(),
        store: store.clone(),
        index: index.clone(),
        attempts: Attempts::default(),
        proxies: TrustedProxies(options.trusted_proxies.clone()),
        plays: Plays::default(),
        progress,
        site: Site::open(options.site_root.as_deref()),
        default_quality: options.default_quality,
        public_url: options.public_url.clone(),
        transcoding,
    });
    let origin = options.public_url.unwrap_or_else(|| format!("http://{address}"));
    greet(&origin, &store, &password).await?;
    app::start();
    let stop = stop_signal()?;
    let chores = tokio::spawn(server::chores::run(state.clone(), options.transcoding.audio_cache_warm));
    let listening = state.clone();
    let stop = async move {
        stop.await;
        // Pages that watch a job would hold the server up.
        listening.progress.close();
    };
    server::serve::serve(listener, server::router(state.clone()), stop, options.shutdown_grace).await?;
    chores.abort();
    store.write_plays(&state.plays).await?;
    index.close().await;
    store.close().await;
    Ok(())
}

/// Opens the cache and starts the encoders, if they are wanted.
fn transcoding(
    options: &Serve,
    music: &Arc<MusicRoot>,
    progress: &Arc<ProgressTracker>,
) -> Result<Option<Transcoding>, Failure> {
    let transcoding = &options.transcoding;
    if !transcoding.audio_cache_enabled {
        return Ok(None);
    }
    let folder = options.data.path.join(&options.cache.audio_cache_dir);
    let cache = AudioCache::open(&folder, transcoding.audio_cache_max_size)
        .map_err(|error| format!("--audio-cache-dir (AUDIO_CACHE_DIR) {}: {error}", folder.display()))?;
    Ok(Some(Transcoding::start(cache, music, progress, &transcoding.settings())?))
}

/// Says where everything is, on standard output, where the log is not.
async fn greet(origin: &str, store: &Store, password: &PasswordOrigin) -> Result<(), Failure> {
    say!("Ferric listens on {origin}");
    if let Some(tape) = store.mixtapes().await?.first() {
        say!("  a shared mixtape   {origin}{}", tape.slug.share_path());
    }
    say!("  for the owner      {origin}/mixtapes");
    if let PasswordOrigin::Generated(password) = password {
        say!("  owner's password   {password}   (shown only now; set PASSWORD to choose your own)");
    }
    Ok(())
}

/// Done when the process is asked to stop; asked twice, it ends at once.
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            tracing::warn!("asked to stop a second time");
            std::process::exit(1);
        });
    })
}
