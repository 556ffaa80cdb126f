//! Opens a file in a lower quality for a listener: with limited concurrency, a bounded queue, and a time-out. What is
//! opened, and what becomes of it, is decided in `audio`.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use audio::transcoder::{Ffmpeg, Transcoded};
use audio::{AudioFile, Error, Transcoder};
use model::Quality;
use model::limits::transcoding::OPENING;
use tokio::sync::OwnedSemaphorePermit;

use crate::state::OnMiss;

/// What is sent for a quality other than the original.
pub enum Choice {
    /// The original, for its format is served as it is in every quality.
    AsItIs,
    /// The requested quality.
    Transcoded(Transcoded),
    /// The original, until the requested quality is cached.
    Missed,
}

/// Opens a file in a quality other than the original.
///
/// # Errors
/// [`Error::Busy`] when too many wait already, [`Error::Unsupported`] when it cannot be decoded here or its decoder
/// hangs, and [`Error::Io`].
pub async fn open(
    transcoder: &Arc<Transcoder>,
    file: &Arc<AudioFile>,
    quality: Quality,
    on_miss: OnMiss,
) -> Result<Choice, Error> {
    let (looked, cache) = (Arc::clone(file), Arc::clone(transcoder));
    let at_once = blocking(move || {
        if !audio::format::is_transcoded(&looked).map_err(Error::Io)? {
            return Ok(Some(Choice::AsItIs));
        }
        let cached = cache.cached(&looked, quality);
        Ok(cached.map(|cached| Choice::Transcoded(Transcoded { source: Arc::new(cached), is_cached: true })))
    });
    if let Some(choice) = at_once.await? {
        return Ok(choice);
    }
    let open = |ffmpeg| opening(transcoder, file, quality, on_miss, ffmpeg);
    let opened = match open(Ffmpeg::Refused).await {
        Err(Error::NeedsFfmpeg) => open(Ffmpeg::Allowed).await,
        opened => opened,
    };
    match opened {
        // The original can be sent at once, and its copy be made later.
        Err(Error::Busy) if on_miss == OnMiss::Original => Ok(Choice::Missed),
        Err(Error::Hung) => Err(Error::Unsupported("its decoder makes no progress".to_owned())),
        opened => opened,
    }
}

async fn opening(
    transcoder: &Arc<Transcoder>,
    file: &Arc<AudioFile>,
    quality: Quality,
    on_miss: OnMiss,
    ffmpeg: Ffmpeg,
) -> Result<Choice, Error> {
    let permit = transcoder.openings(ffmpeg).enter().await?;
    // Held by the thread, so that it is counted while it works, also when the listener has left.
    let permit: Arc<Mutex<Option<OwnedSemaphorePermit>>> = Arc::new(Mutex::new(Some(permit)));
    let (held, opener, original) = (Arc::clone(&permit), Arc::clone(transcoder), Arc::clone(file));
    let work = blocking(move || {
        let choice = match on_miss {
            OnMiss::Transcode => opener.open(original, quality, ffmpeg).map(Choice::Transcoded),
            OnMiss::Original => opener.prepare(original, quality, ffmpeg).map(|()| Choice::Missed),
        };
        drop(held);
        choice
    });
    if let Ok(finished) = tokio::time::timeout(OPENING, work).await {
        finished
    } else {
        // The thread cannot be stopped. Its permit is released, and the file gets no further thread.
        transcoder.note_hung(file.id());
        permit.lock().unwrap_or_else(PoisonError::into_inner).take();
        Err(Error::Hung)
    }
}

/// Runs work on a thread that may wait for a disk.
fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> impl Future<Output = Result<T, Error>> {
    let running = tokio::task::spawn_blocking(work);
    async { running.await.unwrap_or_else(|error| Err(Error::Io(std::io::Error::other(error)))) }
}
