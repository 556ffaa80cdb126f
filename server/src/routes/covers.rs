//! `GET /covers/<file>`: the covers of mixtapes, under names that never change their picture; and
//! `GET /api/covers/<release_dir>`: those of releases. Finding and making pictures is done in `library`.

use std::time::SystemTime;

use axum::body::Bytes;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use library::covers::{Cover, Encoding, ReleaseCover};
use model::{CoverSize, ErrorKind};
use serde::Deserialize;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use crate::AppState;
use crate::error::ApiError;
use crate::media::conditional::{self, Validators, Verdict};

/// A release may get another cover, but that can wait a day where it is not asked for again; the tag tells.
const LONG: HeaderValue = HeaderValue::from_static("public, max-age=86400, stale-while-revalidate=2592000");

/// The music may not be read yet, or a cover be put there at any time.
const SHORT: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// How a cover is wanted.
#[derive(Deserialize)]
pub(super) struct Wanted {
    size: Option<String>,
}

impl Wanted {
    fn size(wanted: Result<Query<Self>, QueryRejection>) -> Result<Option<CoverSize>, ApiError> {
        let unreadable = |_| ApiError::new(ErrorKind::Invalid, "Give one size, as in ?size=256x256.");
        let Query(Self { size }) = wanted.map_err(unreadable)?;
        size.map(|size| size.parse()).transpose().map_err(|error| ApiError::unknown_cover_size(&error))
    }
}

/// Serves the cover of a mixtape; with `?size=96x96` and so on, the middle of it as a square. Covers are pictures for
/// everybody: any site may show them, as a link preview does.
pub(super) async fn cover(
    State(state): State<AppState>,
    file: Result<Path<String>, PathRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let not_found = || ApiError::new(ErrorKind::NotFound, "There is no such cover.");
    let Path(file) = file.map_err(|_| not_found())?;
    let path = state.store.cover_path(&file).ok_or_else(not_found)?;
    if let Some(size) = Wanted::size(wanted)? {
        let encoding = encoding(request.headers());
        if let Some(cover) = state.covers.of_mixtape(&file, size, encoding).await? {
            return Ok(picture(request.method(), request.headers(), cover, super::IMMUTABLE));
        }
    }
    // What cannot be made smaller may still be a picture to a browser.
    let mut response = match ServeFile::new(path).oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    };
    if response.status() == StatusCode::NOT_FOUND {
        return Err(not_found());
    }
    let headers = response.headers_mut();
    if let Some(mime) = library::covers::mime_type(&file) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    }
    headers.insert(header::CACHE_CONTROL, super::IMMUTABLE);
    for_everybody(headers);
    Ok(response)
}

/// Serves the cover of a release, and a drawing where it has none or there is no such release: a picture in a page is
/// never broken.
pub(super) async fn release(
    State(state): State<AppState>,
    folder: Result<Path<String>, PathRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(folder) = folder.map_err(|_| ApiError::new(ErrorKind::Invalid, "The address is not UTF-8."))?;
    of_folder(&state, &folder, wanted, &method, &headers).await
}

/// Serves the cover of what lies in the music folder itself.
pub(super) async fn loose(
    State(state): State<AppState>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    of_folder(&state, "", wanted, &method, &headers).await
}

async fn of_folder(
    state: &AppState,
    folder: &str,
    wanted: Result<Query<Wanted>, QueryRejection>,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let size = Wanted::size(wanted)?;
    Ok(match state.covers.of_release(folder.trim_end_matches('/'), size, encoding(headers)).await? {
        ReleaseCover::Picture(cover) => picture(method, headers, cover, LONG),
        ReleaseCover::Drawing(svg) => drawing(svg),
    })
}

/// `GET /og/cover/<file>`: the cover of a mixtape on a wide card, for the previews of messengers.
pub(super) async fn preview(
    State(state): State<AppState>,
    file: Result<Path<String>, PathRejection>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let cover = match file {
        Ok(Path(file)) => state.covers.preview(&file).await?,
        Err(_) => None,
    };
    let cover = cover.ok_or_else(|| ApiError::new(ErrorKind::NotFound, "There is no such cover."))?;
    Ok(picture(&method, &headers, cover, super::IMMUTABLE))
}

/// WebP for those who name it. A client that takes just anything may know no more than JPEG.
fn encoding(headers: &HeaderMap) -> Encoding {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let takes_webp = lines.flat_map(|line| line.split(',')).any(|kind| {
        let mut parts = kind.split(';').map(str::trim);
        let is_webp = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("image/webp"));
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        is_webp && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    });
    if takes_webp { Encoding::WebP } else { Encoding::Jpeg }
}

pub(super) fn picture(method: &Method, asked: &HeaderMap, cover: Cover, caching: HeaderValue) -> Response {
    // Covers have no date of their own, so that only tags are compared.
    let validators = Validators::new(cover.etag.clone(), SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH);
    let conditions = without_dates(asked);
    let mut response = match conditional::evaluate(&conditions, &validators) {
        Verdict::PreconditionFailed => StatusCode::PRECONDITION_FAILED.into_response(),
        Verdict::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Verdict::Proceed => {
            let kind = HeaderValue::from_static(cover.encoding.mime_type());
            let len = cover.bytes.len();
            let body = if *method == Method::HEAD { Bytes::new() } else { Bytes::from(cover.bytes) };
            ([(header::CONTENT_TYPE, kind), (header::CONTENT_LENGTH, HeaderValue::from(len))], body).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, caching);
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    if let Ok(etag) = HeaderValue::try_from(cover.etag) {
        headers.insert(header::ETAG, etag);
    }
    for_everybody(headers);
    response
}

fn drawing(svg: String) -> Response {
    let mut response = svg.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    headers.insert(header::CACHE_CONTROL, SHORT);
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    // Opened by itself it is a document, which has nothing to load and nothing to run.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    for_everybody(headers);
    response
}

fn for_everybody(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}

fn without_dates(headers: &HeaderMap) -> HeaderMap {
    let tags = [header::IF_MATCH, header::IF_NONE_MATCH];
    let lines =
        tags.iter().flat_map(|name| headers.get_all(name).iter().map(move |value| (name.clone(), value.clone())));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webp_is_for_those_who_name_it() {
        for (accept, webp) in [
            ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", true),
            ("image/png, IMAGE/WEBP ;q=0.5", true),
            ("image/webp;q=0", false),
            ("image/webp;q=0.000, image/jpeg", false),
            ("image/*", false),
            ("*/*", false),
            ("text/plain;x=image/webp", false),
        ] {
            let headers = [(header::ACCEPT, HeaderValue::from_static(accept))].into_iter().collect();
            assert_eq!(encoding(&headers) == Encoding::WebP, webp, "{accept}");
        }
        assert_eq!(encoding(&HeaderMap::new()), Encoding::Jpeg);
    }
}
