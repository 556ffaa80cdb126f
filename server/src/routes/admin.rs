//! The owner's cache page and its routes: figures, making room, making mixtapes ready (seed 003, "Admin endpoints").
//! What the cache is and does is known to `audio`.

use std::sync::atomic::Ordering;
use std::time::Duration;

use app::page::{AdminPage, Page};
use audio::Transcoder;
use axum::Form;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, http::StatusCode};
use http::header;
use model::progress::ALL_MIXTAPES;
use model::{CacheCleared, CacheStats, ErrorKind, Quality, QualityUsage, Slug};
use serde::Deserialize;
use serde_json::json;

use super::pages;
use super::session::Owner;
use crate::error::ApiError;
use crate::{AppState, chores};

/// What a form that was sent has led to, for the page that is shown next.
#[derive(Deserialize)]
pub(super) struct Done {
    cleared: Option<u64>,
    older_than_days: Option<u32>,
}

/// `GET /admin`: the page.
pub(super) async fn page(
    _: Owner,
    State(state): State<AppState>,
    done: Result<Query<Done>, QueryRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let figures = if state.transcoding.is_some() { stats_of(&state).await? } else { empty() };
    let notice = done.ok().and_then(|Query(done)| Some(cleared_message(done.cleared?, done.older_than_days)));
    let page = AdminPage {
        stats: figures,
        jobs: state.progress.latest(),
        mixtapes: state.store.mixtapes().await?,
        notice,
        is_enabled: state.transcoding.is_some(),
    };
    Ok(pages::render(&state, Page::Admin(Box::new(page)), request).await)
}

/// `GET /admin/cache/stats`: the figures.
pub(super) async fn stats(_: Owner, State(state): State<AppState>) -> Result<Json<CacheStats>, ApiError> {
    stats_of(&state).await.map(Json)
}

/// What [`clear`] is asked, in the address or in a form.
#[derive(Deserialize)]
struct Clearing {
    #[serde(default)]
    older_than_days: String,
}

/// `POST /admin/cache/clear?older_than_days=N`: removes finished files.
pub(super) async fn clear(_: Owner, State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let asked: Clearing = asked(request).await?;
    let days = match asked.older_than_days.trim() {
        "" => None,
        days => Some(
            days.parse::<u32>()
                .map_err(|_| ApiError::new(ErrorKind::Invalid, "“older_than_days” must be a whole number of days."))?,
        ),
    };
    let age = days.map(|days| Duration::from_hours(24) * days);
    let deleted_files =
        with_transcoder(&state, move |transcoder| transcoder.cache().map_or(Ok(0), |cache| cache.clear(age))).await?;
    let message = cleared_message(deleted_files, days);
    tracing::info!(deleted_files, ?days, "{message}");
    if pages::wants_html(&headers) {
        let older = days.map(|days| format!("&older_than_days={days}")).unwrap_or_default();
        return Ok(Redirect::to(&format!("/admin?cleared={deleted_files}{older}")).into_response());
    }
    Ok(Json(CacheCleared { deleted_files, message }).into_response())
}

/// What [`fill`] is asked.
#[derive(Deserialize)]
struct Filling {
    #[serde(default)]
    mixtape: String,
}

/// `POST /admin/cache/fill`: makes the tracks of one mixtape ready, or of all when none is named.
pub(super) async fn fill(_: Owner, State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let Filling { mixtape } = asked(request).await?;
    if state.transcoding.is_none() {
        return Err(switched_off());
    }
    let task_id = if mixtape.is_empty() {
        chores::prepare_all(&state).await;
        ALL_MIXTAPES.to_owned()
    } else {
        let slug = mixtape.parse::<Slug>().ok();
        let found = match &slug {
            Some(slug) => state.store.mixtape(slug).await?,
            None => None,
        };
        let found = found.ok_or_else(|| ApiError::new(ErrorKind::NotFound, "There is no such mixtape."))?;
        chores::prepare(&state, found).await;
        mixtape
    };
    if pages::wants_html(&headers) {
        return Ok(Redirect::to("/admin").into_response());
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "task_id": task_id }))).into_response())
}

/// Reads the form in the body, or what is in the address when there is none.
pub(super) async fn asked<T: for<'a> Deserialize<'a> + Send>(request: Request) -> Result<T, ApiError> {
    let unreadable = || ApiError::new(ErrorKind::Invalid, "The request cannot be understood.");
    if request.headers().contains_key(header::CONTENT_TYPE) {
        let Form(form) = Form::<T>::from_request(request, &()).await.map_err(|_| unreadable())?;
        return Ok(form);
    }
    Query::<T>::try_from_uri(request.uri()).map(|Query(query)| query).map_err(|_| unreadable())
}

fn cleared_message(files: u64, days: Option<u32>) -> String {
    let all = if days.is_some() { "" } else { "all " };
    let files = if files == 1 { "1 cached file".to_owned() } else { format!("{all}{files} cached files") };
    let age = match days {
        None => String::new(),
        Some(1) => " older than 1 day".to_owned(),
        Some(days) => format!(" older than {days} days"),
    };
    format!("Cleared {files}{age}")
}

async fn stats_of(state: &AppState) -> Result<CacheStats, ApiError> {
    with_transcoder(state, |transcoder| {
        let Some(cache) = transcoder.cache() else { return Ok(empty()) };
        let qualities = cache.usage()?;
        let hits = transcoder.served().hits.load(Ordering::Relaxed);
        let misses = transcoder.served().misses.load(Ordering::Relaxed);
        Ok(CacheStats {
            cache_dir: cache.folder().display().to_string(),
            hits,
            misses,
            hit_rate: (hits + misses > 0).then(|| rounded(100.0 * hits as f64 / (hits + misses) as f64)),
            free_disk_bytes: cache.free_disk().ok(),
            max_size_bytes: cache.limit(),
            ..of_qualities(qualities)
        })
    })
    .await
}

fn of_qualities(qualities: Vec<QualityUsage>) -> CacheStats {
    let bytes = qualities.iter().map(|usage| usage.bytes).sum();
    CacheStats {
        cache_size_bytes: bytes,
        cache_size_mb: rounded(bytes as f64 / f64::from(1 << 20)),
        cached_files: qualities.iter().map(|usage| usage.files).sum(),
        cache_dir: String::new(),
        qualities,
        hits: 0,
        misses: 0,
        hit_rate: None,
        free_disk_bytes: None,
        max_size_bytes: None,
    }
}

/// The figures of a cache that is switched off.
fn empty() -> CacheStats {
    let lower = Quality::ALL.into_iter().filter(|quality| quality.bitrate().is_some());
    of_qualities(lower.map(|quality| QualityUsage { quality, files: 0, bytes: 0 }).collect())
}

/// To two decimals.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Does something with the transcoder on a thread that may wait for the disk.
async fn with_transcoder<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce(&Transcoder) -> std::io::Result<T> + Send + 'static,
) -> Result<T, ApiError> {
    let transcoder = state.transcoding.as_ref().map(|transcoding| transcoding.transcoder.clone());
    let transcoder = transcoder.ok_or_else(switched_off)?;
    let done = tokio::task::spawn_blocking(move || work(&transcoder)).await;
    done.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(|error| {
        tracing::error!(%error, "the cache cannot be read");
        ApiError::new(ErrorKind::Internal, "The cache folder cannot be read. The server's log says why.")
    })
}

fn switched_off() -> ApiError {
    ApiError::new(ErrorKind::NotFound, "The cache is switched off (AUDIO_CACHE_ENABLED).")
}
