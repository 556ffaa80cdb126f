//! What the server does by itself: writing down plays every minute, and making tracks ready at start, at night and
//! when a mixtape is saved. How a track is made ready is known to `audio`.

use std::time::Duration;

use audio::jobs::{Job, JobTrack, Pace, Wish};
use jiff::{ToSpan, Zoned};
use model::progress::ALL_MIXTAPES;
use model::{Mixtape, Track};

use crate::AppState;

/// How often plays are written down.
const PLAYS_EVERY: Duration = Duration::from_mins(1);

/// The hour of the night at which the tracks of all mixtapes are looked through, in the zone of the machine.
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
        if !does_warm {
            return;
        }
        loop {
            prepare_all(&state).await;
            tokio::time::sleep(until_night(&Zoned::now())).await;
        }
    };
    tokio::join!(plays, nights);
}

/// Has the tracks of all mixtapes made ready, the most played first. Nothing has to make room for them.
pub async fn prepare_all(state: &AppState) {
    match state.store.tracks_by_plays().await {
        Ok(tracks) => schedule(state, ALL_MIXTAPES, tracks, Wish::MissingWithRoom).await,
        Err(error) => tracing::error!(%error, "the tracks of the mixtapes could not be read"),
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
    use super::*;

    #[test]
    fn the_night_comes_once_a_day_also_when_clocks_change() {
        for (now, hours) in [
            ("2026-03-10T02:00:00+01:00[Europe/Berlin]", 1),
            ("2026-03-10T03:00:00+01:00[Europe/Berlin]", 24),
            ("2026-03-10T23:00:00+01:00[Europe/Berlin]", 4),
            // Clocks go forward at two, so that three is an hour nearer; in October an hour farther away.
            ("2026-03-28T23:00:00+01:00[Europe/Berlin]", 3),
            ("2026-10-24T23:00:00+02:00[Europe/Berlin]", 5),
        ] {
            assert_eq!(until_night(&now.parse().unwrap()), Duration::from_hours(hours), "{now}");
        }
    }
}
