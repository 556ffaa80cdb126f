//! What the server does by itself: writing down plays every minute, keeping the index of the music up to date, emptying
//! the bin, and making tracks ready at start, at night and when a mixtape is saved. How that is done is known below.

use std::sync::Arc;
use std::time::Duration;

use audio::jobs::{Job, JobTrack, Pace, Wish};
use jiff::{ToSpan, Zoned};
use model::progress::ALL_MIXTAPES;
use model::{Mixtape, Timestamp, Track};

use crate::AppState;

/// How often plays are written down.
const PLAYS_EVERY: Duration = Duration::from_mins(1);

/// The hour of the night at which the tracks of all mixtapes are looked through and the bin is emptied, in the zone of
/// the machine.
const NIGHTLY_HOUR: i8 = 3;

/// Runs until it is aborted.
pub async fn run(state: AppState, does_warm: bool) {
    let plays = async {
        loop {
            tokio::time::sleep(PLAYS_EVERY).await;
            if let Err(error) = state.store.write_plays(&state.plays).await {
                tracing::error!(%error, "plays could not be written down");
            }
        }
    };
    let nights = async {
        loop {
            empty_bin(&state).await;
            if does_warm {
                prepare_all(&state).await;
            }
            tokio::time::sleep(until_night(&Zoned::now())).await;
        }
    };
    let (music, progress) = (Arc::clone(&state.music), Arc::clone(&state.progress));
    let music = library::watch::watch(state.index.clone(), state.store.clone(), music, progress);
    tokio::join!(plays, nights, music);
}

/// Throws away the mixtapes that were deleted long ago.
async fn empty_bin(state: &AppState) {
    match state.store.purge(Timestamp(jiff::Timestamp::now().as_second())).await {
        Ok(0) => {}
        Ok(mixtapes) => tracing::info!(mixtapes, "mixtapes that were long in the bin are thrown away"),
        Err(error) => tracing::error!(%error, "the bin could not be emptied"),
    }
}

/// Has the tracks of all mixtapes made ready, the most played first. Nothing has to make room for them.
pub async fn prepare_all(state: &AppState) {
    match state.store.tracks_by_plays().await {
        Ok(tracks) => schedule(state, ALL_MIXTAPES, tracks, Wish::MissingWithRoom).await,
        Err(error) => tracing::error!(%error, "the tracks of the mixtapes could not be read"),
    }
}

/// Has the tracks of a mixtape made ready that was just saved, unless the owner does not want that
/// (`AUDIO_CACHE_PRECACHE_ON_UPLOAD`).
pub async fn saved(state: &AppState, mixtape: Mixtape) {
    if state.transcoding.as_ref().is_some_and(|transcoding| transcoding.settings.precache_on_save) {
        prepare(state, mixtape).await;
    }
}

/// Has the tracks of one mixtape made ready.
pub async fn prepare(state: &AppState, mixtape: Mixtape) {
    schedule(state, mixtape.slug.as_str(), mixtape.tracks, Wish::Missing).await;
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
