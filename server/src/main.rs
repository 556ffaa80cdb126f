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
use model::ShareAccess;
use server::config::{CacheCommand, Command, CommandLine, Serve};
use server::folders::{self, Named};
use server::peer::TrustedProxies;
use server::rate_limit::PasswordRateLimiter;
use server::serve::Limits;
use server::site::Site;
use server::state::{Parts, Transcoding};
use server::tasks::Tasks;
use server::{AppState, logging};
use tokio::signal::unix::{SignalKind, signal};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    folders::make_files_private();
    let command_line = match CommandLine::read(std::env::args_os()) {
        Ok(command_line) => command_line,
        Err(error) => error.exit(),
    };
    let ran = logging::start(&command_line.log, command_line.log_format)
        .map_err(Failure::from)
        .and_then(|()| check_folders(&command_line.command).map_err(Failure::from))
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

/// Nothing that is kept may lie where listeners can read it, and other users of the machine read none of it.
fn check_folders(command: &Command) -> Result<(), String> {
    let (data, music, cache) = match command {
        Command::Serve(options) => (&options.data, Some(&options.music_root), Some(&options.cache)),
        Command::Scan(options) => (&options.data, Some(&options.music_root), None),
        Command::Cache(options) => match &options.command {
            CacheCommand::Verify { music_root, .. } | CacheCommand::Explain { music_root, .. } => {
                (&options.data, Some(music_root), Some(&options.cache))
            }
            _ => (&options.data, None, None),
        },
        Command::Import(options) => (&options.data, None, None),
        Command::Backup(options) => (&options.data, None, None),
    };
    if let Some(music) = music {
        folders::refuse_overlap(Named::music(music), Named::data(&data.path))?;
        if let Some(cache) = cache {
            let cache = data.path.join(&cache.audio_cache_dir);
            folders::refuse_overlap(Named::music(music), Named::cache(&cache))?;
        }
    }
    folders::make_private(&data.path);
    Ok(())
}

async fn serve(options: Serve) -> Result<(), Failure> {
    server::serve::raise_file_limit();
    let password = options.configured_password()?;
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
    if options.production && password.is_none() && !store.has_password().await? {
        return Err("--production (PRODUCTION): set the owner's password with PASSWORD, or PASSWORD_FILE".into());
    }
    let password = store.ensure_password(password.as_deref()).await?;
    let listener = server::serve::listen(options.listen)
        .map_err(|error| format!("--listen (LISTEN) {}: {error}", options.listen))?;
    let address = listener.local_addr()?;
    let state = AppState::new(Parts {
        covers: Covers::new(store.clone(), index.clone(), Arc::clone(&music)),
        music,
        probes: ProbeCache::default(),
        store: store.clone(),
        index: index.clone(),
        password_attempts: PasswordRateLimiter::default(),
        proxies: TrustedProxies::new(options.trusted_proxies.clone()),
        plays: Plays::default(),
        progress,
        tasks: Tasks::here(),
        site: Site::open(options.site_root.as_deref()),
        default_quality: options.default_quality,
        public_url: options.public_url.clone(),
        play_access: options.play_access,
        transcoding,
    });
    let origin = options.public_url.unwrap_or_else(|| format!("http://{address}"));
    greet(&origin, &store, &password).await?;
    app::start();
    let stop = stop_signal()?;
    state.tasks.spawn(server::chores::run(state.clone(), options.transcoding.audio_cache_warm));
    let listening = state.clone();
    let stop = async move {
        stop.await;
        // Pages that watch a job would hold the server up.
        listening.progress.close();
    };
    let limits = Limits::with_grace(options.shutdown_grace);
    server::serve::serve(listener, state.clone(), stop, limits).await?;
    if let Some(transcoding) = &state.transcoding {
        transcoding.worker.close();
    }
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
    let tapes = store.mixtapes().await?;
    if let Some(tape) = tapes.iter().find(|tape| tape.sharing.access != ShareAccess::Private) {
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
