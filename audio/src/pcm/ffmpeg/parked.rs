//! Processes of ffmpeg between two runs: the next run of the same file goes on with the one that suits it.
//! Reading from them is left to `stream`.

use std::sync::{Mutex, PoisonError};

use model::limits::transcoding::FFMPEG_PARKED;

use super::stream::Stream;

/// With the file's slot.
static PARKED: Mutex<Vec<(u64, Stream)>> = Mutex::new(Vec::new());

fn with<T>(work: impl FnOnce(&mut Vec<(u64, Stream)>) -> T) -> T {
    work(&mut PARKED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Keeps a process. When there are too many, the one that has come least far is ended: it is the cheapest to start
/// anew.
pub(super) fn park(slot: u64, stream: Stream) {
    if stream.is_ended() {
        return;
    }
    // Dropped when the lock is free again.
    let _ended = with(|parked| {
        parked.push((slot, stream));
        if parked.len() <= FFMPEG_PARKED {
            return None;
        }
        let (least, _) = parked.iter().enumerate().min_by_key(|(_, (_, stream))| stream.position())?;
        Some(parked.swap_remove(least))
    });
}

/// Takes the process of a file that suits and has come furthest.
pub(super) fn take(slot: u64, suits: impl Fn(&Stream) -> bool) -> Option<Stream> {
    with(|parked| {
        let mut suiting = parked.iter().enumerate().filter(|(_, (of, stream))| *of == slot && suits(stream));
        let first = suiting.next()?;
        let (best, _) =
            suiting.fold(first, |best, next| if next.1.1.position() > best.1.1.position() { next } else { best });
        Some(parked.swap_remove(best).1)
    })
}

/// Ends all processes of a file.
pub(super) fn end(slot: u64) {
    let _ended: Vec<_> = with(|parked| parked.extract_if(.., |(of, _)| *of == slot).collect());
}
