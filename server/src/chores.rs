//! What the server does by itself: writing down plays every minute, keeping the index of the music up to date, emptying
//! the bin, and making tracks ready at start, at night and when a mixtape is saved. How that is done is known below.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use audio::jobs::{Job, JobTrack, Pace, Wish};
use audio::transcoder::Overwrite;
use jiff::{ToSpan, Zoned};
use model::progress::ALL_MIXTAPES;
use model::{Mixtape, Timestamp, Track};

use crate::AppState;

/// How often plays are written down.
const PLAYS_EVERY: Duration = Duration::from_mins(1);

/// The hour of the night at which the tracks of all mixtapes are looked through and the bin is emptied, in the zone of
/// the machine.
const NIGHTLY_HOUR: i8 = 3;

/// Runs until the server stops; work in progress is finished first.
pub async fn run(state: AppState, does_warm: bool) {
    let started = SystemTime::now();
    let plays = async {
        while is_running_after(&state, PLAYS_EVERY).await {
            if let Err(error) = state.store.write_plays(&state.plays).await {
                tracing::error!(%error, "plays could not be written down");
            }
        }
    };
    let nights = async {
        loop {
            empty_bin(&state).await;
            remove_unused_covers(&state, started).await;
            state.store.hold_reserve().await;
            if does_warm {
                prepare_all(&state, Overwrite::No).await;
            }
            if !is_running_after(&state, until_night(&Zoned::now())).await {
                break;
            }
        }
    };
    let (music, progress) = (Arc::clone(&state.music), Arc::clone(&state.progress));
    let watch = library::watch::watch(state.index.clone(), state.store.clone(), music, progress);
    // It writes in transactions, so that it may be aborted anywhere.
    let music = async {
        tokio::select! {
            () = state.tasks.stopping() => {}
            _ = async { tokio::join!(watch, scan_on_request(&state)) } => {}
        }
    };
    tokio::join!(plays, nights, music);
}

/// Does the scans that the owner requests. Runs until it is aborted.
pub async fn scan_on_request(state: &AppState) {
    let (music, progress) = (Arc::clone(&state.music), Arc::clone(&state.progress));
    library::watch::scan_on_request(state.index.clone(), state.store.clone(), music, progress).await;
}

async fn remove_unused_covers(state: &AppState, started: SystemTime) {
    match state.store.remove_unused_covers(SystemTime::now(), started).await {
        Ok(0) => {}
        Ok(covers) => tracing::info!(covers, "covers that no mixtape has were removed"),
        Err(error) => tracing::error!(%error, "unused covers could not be removed"),
    }
}

/// Sleeps; false when the server stops meanwhile.
async fn is_running_after(state: &AppState, time: Duration) -> bool {
    tokio::select! {
        () = state.tasks.stopping() => false,
        () = tokio::time::sleep(time) => true,
    }
}

/// Throws away the mixtapes that were deleted long ago.
async fn empty_bin(state: &AppState) {
    match state.store.purge(Timestamp(jiff::Timestamp::now().as_second())).await {
        Ok(0) => {}
        Ok(mixtapes) => tracing::info!(mixtapes, "mixtapes that were long in the bin are thrown away"),
        Err(error) => tracing::error!(%error, "the bin could not be emptied"),
    }
}

/// Pre-caches the tracks of all mixtapes, the most played first. Cached files are not removed to make room for them,
/// unless files are overwritten.
pub async fn prepare_all(state: &AppState, overwrite: Overwrite) {
    let wish = match overwrite {
        Overwrite::No => Wish::MissingWithRoom,
        Overwrite::Yes => Wish::All,
    };
    match state.store.tracks_by_plays().await {
        Ok(tracks) => schedule(state, ALL_MIXTAPES, tracks, wish).await,
        Err(error) => tracing::error!(%error, "the tracks of the mixtapes could not be read"),
    }
}

/// Has the tracks of a mixtape made ready that was just saved, unless the owner does not want that
/// (`AUDIO_CACHE_PRECACHE_ON_UPLOAD`).
pub async fn saved(state: &AppState, mixtape: Mixtape) {
    if state.transcoding.as_ref().is_some_and(|transcoding| transcoding.settings.precache_on_save) {
        prepare(state, mixtape, Overwrite::No).await;
    }
}

/// Pre-caches the tracks of one mixtape.
pub async fn prepare(state: &AppState, mixtape: Mixtape, overwrite: Overwrite) {
    let wish = match overwrite {
        Overwrite::No => Wish::Missing,
        Overwrite::Yes => Wish::All,
    };
    schedule(state, mixtape.slug.as_str(), mixtape.tracks, wish).await;
}

async fn schedule(state: &AppState, task_id: &str, tracks: Vec<Track>, wish: Wish) {
    let Some(transcoding) = &state.transcoding else { return };
    if tracks.is_empty() {
        return;
    }
    let tracks = tracks.into_iter().map(|track| JobTrack { path: track.path, title: track.title }).collect();
    let qualities = transcoding.settings.qualities.clone();
    let job = Job { task_id: task_id.to_owned(), tracks, qualities, pace: Pace::Parallel, wish };
    let state = state.clone();
    // Writing the job down waits for the disk.
    let scheduled = tokio::task::spawn_blocking(move || match &state.transcoding {
        Some(transcoding) => transcoding.worker.schedule(job),
        None => Ok(()),
    });
    if let Ok(Err(error)) = scheduled.await {
        tracing::error!(%error, "a cache job could not be written down; a restart would forget it");
    }
}

/// How long it is until the next night.
fn until_night(now: &Zoned) -> Duration {
    let tonight = |day: &Zoned| day.date().at(NIGHTLY_HOUR, 0, 0, 0).to_zoned(now.time_zone().clone());
    let today = tonight(now).ok().filter(|night| night > now);
    let next = today.or_else(|| tonight(&now.checked_add(1.day()).ok()?).ok());
    let wait = next.map(|night| now.duration_until(&night)).and_then(|wait| Duration::try_from(wait).ok());
    wait.unwrap_or(Duration::from_hours(24))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn the_night_comes_once_a_day_also_when_clocks_change() {
        // Central Europe; clocks go forward at two, so that three is an hour nearer, and back at three.
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        for (now, hours) in [
            (date(2026, 3, 10).at(2, 0, 0, 0), 1),
            (date(2026, 3, 10).at(3, 0, 0, 0), 24),
            (date(2026, 3, 10).at(23, 0, 0, 0), 4),
            (date(2026, 3, 28).at(23, 0, 0, 0), 3),
            (date(2026, 10, 24).at(23, 0, 0, 0), 5),
        ] {
            let wait = until_night(&now.to_zoned(zone.clone()).unwrap());
            assert_eq!(wait, Duration::from_hours(hours), "{now}");
        }
    }
}
