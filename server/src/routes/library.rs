//! The owner's library page and its routes: figures, problems, reading the music folder again.
//! Reading is the business of `library`.

use app::page::{LibraryPage, Page};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use jiff::tz::TimeZone;
use model::progress::LIBRARY;
use model::{LibraryStats, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::pages;
use super::parameters::Parameters;
use super::session::Owner;
use crate::AppState;
use crate::error::ApiError;

/// Problems on one page.
const PROBLEMS: u32 = 100;

/// Which problems are shown.
#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    first: u64,
}

/// `GET /admin/library`: the page.
pub(super) async fn page(
    _: Owner,
    State(state): State<AppState>,
    shown: Result<Query<Shown>, QueryRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let first = shown.map_or(0, |Query(shown)| shown.first);
    let figures = state.index.statistics().await?;
    let page = LibraryPage {
        last_scan: figures.last_scan.and_then(readable),
        stats: figures,
        problems: state.index.problems(PROBLEMS, first).await?,
        first,
        jobs: state.progress.latest().into_iter().filter(|report| report.task_id == LIBRARY).collect(),
    };
    Ok(pages::render(&state, Page::Library(Box::new(page)), request).await)
}

/// `GET /admin/library/stats`: the figures.
pub(super) async fn stats(_: Owner, State(state): State<AppState>) -> Result<Json<LibraryStats>, ApiError> {
    Ok(Json(state.index.statistics().await?))
}

/// `POST /admin/library/scan`: reads what is new or changed; with `full`, everything.
pub(super) async fn scan(
    _: Owner,
    State(state): State<AppState>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    state.index.request_scan(parameters.only(&["full"])?.switch("full")?);
    if pages::wants_html(&headers) {
        return Ok(Redirect::to("/admin/library").into_response());
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "task_id": LIBRARY }))).into_response())
}

/// A time in the zone of the machine.
fn readable(time: Timestamp) -> Option<String> {
    let time = jiff::Timestamp::from_second(time.0).ok()?.to_zoned(TimeZone::system());
    Some(time.strftime("%-d %B %Y, %H:%M").to_string())
}
