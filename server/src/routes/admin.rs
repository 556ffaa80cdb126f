//! The owner's cache page and its routes: figures, clearing, pre-caching, checking.
//! What the cache is and does is known to `audio`.

use std::sync::atomic::Ordering;
use std::time::Duration;

use app::page::{AdminPage, Page};
use audio::Transcoder;
use audio::attempts::Attempt;
use audio::transcoder::Overwrite;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use model::progress::ALL_MIXTAPES;
use model::{
    CacheCleared, CacheStats, ErrorKind, Mixtape, MixtapeCached, Quality, QualityUsage, SetAside, Slug, TrackPath,
};
use serde::Deserialize;
use serde_json::json;

use super::pages;
use super::parameters::Parameters;
use super::session::Owner;
use crate::error::ApiError;
use crate::{AppState, chores};

/// What a form that was sent has led to, for the page that is shown next.
#[derive(Deserialize)]
pub(super) struct Done {
    cleared: Option<u64>,
    older_than_days: Option<u32>,
    quality: Option<Quality>,
}

/// `GET /admin`: the page.
pub(super) async fn page(
    _: Owner,
    State(state): State<AppState>,
    done: Result<Query<Done>, QueryRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let notice = done.ok().and_then(|Query(done)| {
        let files = done.cleared?;
        Some(cleared_message(files, done.older_than_days, done.quality))
    });
    let page = AdminPage {
        stats: stats_of(&state).await?,
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

/// `POST /admin/cache/clear?older_than_days=N&quality=low`: removes finished files.
pub(super) async fn clear(
    _: Owner,
    State(state): State<AppState>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let parameters = parameters.only(&["older_than_days", "quality"])?;
    let days = parameters.parse::<u32>("older_than_days", "“older_than_days” must be a whole number of days.")?;
    // As the original has it: 0 days are no condition.
    let days = days.filter(|days| *days > 0);
    let quality = match parameters.get("quality") {
        None | Some("all") => None,
        Some(word) => match word.parse() {
            Ok(Quality::Original) => {
                return Err(ApiError::new(
                    ErrorKind::Invalid,
                    "Originals are not in the cache; choose high, medium or low.",
                ));
            }
            quality => Some(quality.map_err(|error| ApiError::unknown_quality(&error))?),
        },
    };
    let age = days.map(|days| Duration::from_hours(24) * days);
    let deleted_files =
        with_transcoder(&state, move |transcoder| transcoder.cache().map_or(Ok(0), |cache| cache.clear(age, quality)))
            .await?;
    let message = cleared_message(deleted_files, days, quality);
    tracing::info!(deleted_files, ?days, ?quality, "{message}");
    if pages::wants_html(&headers) {
        let older = days.map(|days| format!("&older_than_days={days}")).unwrap_or_default();
        let quality = quality.map(|quality| format!("&quality={quality}")).unwrap_or_default();
        return Ok(Redirect::to(&format!("/admin?cleared={deleted_files}{older}{quality}")).into_response());
    }
    Ok(Json(CacheCleared { deleted_files, message }).into_response())
}

/// `POST /admin/cache/fill?mixtape=<slug>&overwrite=true`: pre-caches the tracks of one mixtape, or of all when none
/// is named; with `overwrite` also those that are cached already.
pub(super) async fn fill(
    _: Owner,
    State(state): State<AppState>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let parameters = parameters.only(&["mixtape", "overwrite"])?;
    let overwrite = if parameters.switch("overwrite")? { Overwrite::Yes } else { Overwrite::No };
    if state.transcoding.is_none() {
        return Err(switched_off());
    }
    let task_id = match parameters.get("mixtape") {
        None | Some(ALL_MIXTAPES) => {
            chores::prepare_all(&state, overwrite).await;
            ALL_MIXTAPES.to_owned()
        }
        Some(slug) => {
            let mixtape = mixtape(&state, slug).await?;
            chores::prepare(&state, mixtape, overwrite).await;
            slug.to_owned()
        }
    };
    if pages::wants_html(&headers) {
        return Ok(Redirect::to("/admin").into_response());
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "task_id": task_id }))).into_response())
}

/// The parameters of [`verify`].
#[derive(Deserialize)]
pub(super) struct Verifying {
    #[serde(default)]
    mixtape: String,
    quality: Option<Quality>,
}

/// `GET /admin/cache/verify?mixtape=<slug>&quality=medium`: which tracks of a mixtape need no transcoding any more.
pub(super) async fn verify(
    _: Owner,
    State(state): State<AppState>,
    asked: Result<Query<Verifying>, QueryRejection>,
) -> Result<Json<MixtapeCached>, ApiError> {
    let Query(asked) = asked.map_err(|_| {
        ApiError::new(ErrorKind::Invalid, "Name a mixtape, and a quality (high, medium or low) if not the default.")
    })?;
    let mixtape = mixtape(&state, &asked.mixtape).await?;
    let quality = asked.quality.unwrap_or(state.default_quality);
    let paths: Vec<TrackPath> = mixtape.tracks.into_iter().map(|track| track.path).collect();
    let checked = {
        let (state, paths) = (state.clone(), paths.clone());
        tokio::task::spawn_blocking(move || {
            let transcoding = state.transcoding.as_ref()?;
            Some(transcoding.worker.verify(&paths, quality))
        })
        .await
    };
    let checked = checked.map_err(|error| {
        tracing::error!(%error, "the cache cannot be checked");
        ApiError::new(ErrorKind::Internal, "The cache could not be checked. The server's log says why.")
    })?;
    let tracks = paths.into_iter().zip(checked.ok_or_else(switched_off)?).collect();
    Ok(Json(MixtapeCached { quality, tracks }))
}

async fn mixtape(state: &AppState, slug: &str) -> Result<Mixtape, ApiError> {
    let found = match slug.parse::<Slug>() {
        Ok(slug) => state.store.mixtape(&slug).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| ApiError::new(ErrorKind::NotFound, "There is no such mixtape."))
}

fn cleared_message(files: u64, days: Option<u32>, quality: Option<Quality>) -> String {
    let all = if days.is_some() { "" } else { "all " };
    let files = if files == 1 { "1 cached file".to_owned() } else { format!("{all}{files} cached files") };
    let quality = quality.map(|quality| format!(" of {quality} quality")).unwrap_or_default();
    let age = match days {
        None => String::new(),
        Some(1) => " older than 1 day".to_owned(),
        Some(days) => format!(" older than {days} days"),
    };
    format!("Cleared {files}{quality}{age}")
}

/// The figures; zeros when the cache is switched off.
async fn stats_of(state: &AppState) -> Result<CacheStats, ApiError> {
    if state.transcoding.is_none() {
        return Ok(empty());
    }
    let worked_on = state.clone();
    with_transcoder(state, move |transcoder| {
        let Some(cache) = transcoder.cache() else { return Ok(empty()) };
        let qualities = cache.usage()?;
        let hits = transcoder.served().hits.load(Ordering::Relaxed);
        let misses = transcoder.served().misses.load(Ordering::Relaxed);
        let disk = cache.disk().ok();
        Ok(CacheStats {
            cache_dir: cache.folder().display().to_string(),
            hits,
            misses,
            hit_rate: (hits + misses > 0).then(|| rounded(100.0 * hits as f64 / (hits + misses) as f64)),
            free_disk_bytes: disk.map(|(disk, _)| disk.free),
            reserved_disk_bytes: disk.map(|(disk, _)| disk.floor()),
            is_disk_low: disk.is_some_and(|(_, is_low)| is_low),
            max_size_bytes: cache.limit(),
            set_aside: set_aside(&worked_on),
            ..of_qualities(qualities)
        })
    })
    .await
}

/// Files that are skipped by pre-caching.
fn set_aside(state: &AppState) -> Vec<SetAside> {
    let attempts = state.transcoding.as_ref().map(|transcoding| transcoding.worker.set_aside()).unwrap_or_default();
    let entry = |attempt: Attempt| {
        let reason = attempt.unfinished.reason().to_owned();
        SetAside { path: attempt.path.0, reason }
    };
    attempts.into_iter().map(entry).collect()
}

/// `POST /admin/cache/retry`: lets skipped files be transcoded again.
pub(super) async fn retry(_: Owner, State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let worked_on = state.clone();
    let files = with_transcoder(&state, move |_| {
        worked_on.transcoding.as_ref().map_or(Ok(0), |transcoding| transcoding.worker.retry_set_aside())
    })
    .await?;
    chores::prepare_all(&state, Overwrite::No).await;
    if pages::wants_html(request.headers()) {
        return Ok(Redirect::to("/admin").into_response());
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "task_id": ALL_MIXTAPES, "files": files }))).into_response())
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
        reserved_disk_bytes: None,
        is_disk_low: false,
        set_aside: Vec::new(),
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
