//! `GET /editor/progress/<slug>` and `GET /admin/progress`: reports of longer work as server-sent events (seed 004).
//! Who reports, and what, is known to `audio::progress`.

use std::convert::Infallible;
use std::time::Duration;

use audio::progress::Listener;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderMap, StatusCode};

use super::session::Owner;
use crate::AppState;

/// A stream without a report for so long ends (seed 004, `listen(timeout=300)`); a browser comes back by itself.
const IDLE: Duration = Duration::from_mins(5);

/// A sign of life for proxies that cut quiet connections.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The reports about one task.
pub(super) async fn of_task(
    _: Owner,
    State(state): State<AppState>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Response {
    events(state.progress.listen(Some(&slug), last_heard(&headers)))
}

/// The reports about all tasks.
pub(super) async fn of_all(_: Owner, State(state): State<AppState>, headers: HeaderMap) -> Response {
    events(state.progress.listen(None, last_heard(&headers)))
}

/// The number of the last report that a browser had before its connection broke.
fn last_heard(headers: &HeaderMap) -> u64 {
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok());
    last.and_then(|last| last.parse().ok()).unwrap_or(0)
}

fn events(listener: Listener) -> Response {
    if listener.has_heard_all() {
        // With this answer a browser does not ask again (HTML, "server-sent events").
        return StatusCode::NO_CONTENT.into_response();
    }
    let reports = stream::unfold(listener, |mut listener| async {
        let (number, report) = tokio::time::timeout(IDLE, listener.next()).await.ok()??;
        let event = Event::default().id(number.to_string()).json_data(&report).unwrap_or_default();
        Some((Ok::<_, Infallible>(event), listener))
    });
    Sse::new(reports).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}
