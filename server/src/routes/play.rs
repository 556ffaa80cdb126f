//! `GET`, `HEAD` and `OPTIONS /play/<path>?quality=…`: from a request to a representation of an audio file
//! (seeds 001 and 002). How that is answered, ranges and all, is decided in `media`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use audio::transcoder::Transcoded;
use audio::{AudioFile, AudioProperties, RelativePath, Source};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Uri};
use model::{ErrorKind, Quality, Slug, TrackPath};
use percent_encoding::percent_decode_str;

use crate::AppState;
use crate::connection::Outlet;
use crate::error::ApiError;
use crate::media::conditional::Validators;
use crate::media::disposition;
use crate::media::respond::{Asked, Representation, respond};
use crate::state::{OnMiss, Transcoding};

/// Length of the audio in seconds, with milliseconds.
const X_AUDIO_DURATION: HeaderName = HeaderName::from_static("x-audio-duration");
/// Average bitrate in kbit/s.
const X_AUDIO_BITRATE: HeaderName = HeaderName::from_static("x-audio-bitrate");

const ALLOW: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// An hour, as seed 001 asks ("Response headers"); the entity tag answers for the time after.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// The handler for every method.
pub(super) async fn play(State(state): State<AppState>, request: Request) -> Response {
    let (request, _body) = request.into_parts();
    let mut response = match request.method {
        Method::GET | Method::HEAD => stream(&state, &request).await.unwrap_or_else(IntoResponse::into_response),
        Method::OPTIONS => preflight(),
        _ => {
            let error = ApiError::new(ErrorKind::Invalid, "This address can only be read: use GET or HEAD.");
            let mut response = error.into_response();
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(header::ALLOW, ALLOW);
            response
        }
    };
    // A Chromecast reads audio as a page of another origin does (DESIGN, "CORS on media").
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "Content-Type, Accept-Encoding, Range, Content-Range, Content-Length, Accept-Ranges, ETag, \
             X-Audio-Duration, X-Audio-Bitrate",
        ),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Answers a CORS preflight; whether the file exists is not told here.
fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, ALLOW);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOW);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Content-Type, Accept-Encoding, Range, If-Range, If-None-Match, If-Modified-Since"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

async fn stream(state: &AppState, request: &Parts) -> Result<Response, ApiError> {
    let request_path = request.uri.path();
    let refused = |error: ApiError| {
        if error.kind() == ErrorKind::Internal {
            tracing::error!(request = request_path, ?error, "cannot play");
        } else {
            tracing::warn!(request = request_path, ?error, "refused");
        }
        error
    };
    let path = parse_path(request_path).map_err(|error| refused(error.into()))?;
    let quality = parse_quality(request.uri.query()).map_err(refused)?;
    let (file, properties) = open(state, path.clone()).await.map_err(|error| refused(error.into()))?;

    let file = Arc::new(file);
    let Served { source, etag, content_type, bitrate } =
        serve(state, &file, quality, request).await.map_err(|error| refused(error.into()))?;

    let serving = file.path().display();
    if starts_a_stream(request) {
        tracing::info!(request = request_path, %serving, %quality, bytes = source.len(), "stream starts");
        if let Some(path) = path.as_path().to_str() {
            state.plays.count(TrackPath(path.to_owned()), shared_from(&request.headers));
        }
    } else {
        tracing::debug!(request = request_path, %serving, %quality, range = ?request.headers.get(header::RANGE), "part");
    }

    let mut headers = HeaderMap::with_capacity(16);
    let renamed = bitrate.map(|_| Path::new(path.file_name()).with_extension("mp3"));
    let name = renamed.as_deref().map_or(path.file_name(), Path::as_os_str);
    headers.insert(header::CONTENT_DISPOSITION, disposition::inline(name));
    if let Some(properties) = properties {
        let AudioProperties { duration, bitrate: own } = properties;
        let seconds = format!("{}.{:03}", duration.0 / 1000, duration.0 % 1000);
        if let Ok(seconds) = HeaderValue::try_from(seconds) {
            headers.insert(X_AUDIO_DURATION, seconds);
        }
        headers.insert(X_AUDIO_BITRATE, HeaderValue::from(bitrate.unwrap_or(own)));
    }
    let representation = Representation {
        validators: Validators::new(etag, file.modified(), SystemTime::now()),
        content_type,
        cache_control: CACHE_CONTROL,
        headers,
        source,
    };
    let asked = Asked {
        method: &request.method,
        headers: &request.headers,
        outlet: request.extensions.get::<Outlet>().cloned(),
        request: Arc::from(request_path),
    };
    Ok(respond(asked, representation))
}

/// The path after `/play/`, decoded to bytes: file names on Unix need not be UTF-8.
fn parse_path(request_path: &str) -> Result<RelativePath, audio::Error> {
    let encoded = request_path.strip_prefix("/play").unwrap_or_default();
    let encoded = encoded.strip_prefix('/').unwrap_or(encoded);
    let well_formed = encoded
        .split('%')
        .skip(1)
        .all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()));
    if !well_formed {
        return Err(audio::Error::MalformedPath);
    }
    RelativePath::parse(percent_decode_str(encoded).collect())
}

/// The `quality` parameter; without one the original is meant (DESIGN section 3).
fn parse_quality(query: Option<&str>) -> Result<Quality, ApiError> {
    let parameters = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    match parameters.into_iter().find(|(name, _)| name == "quality") {
        None => Ok(Quality::Original),
        Some((_, word)) => word.parse().map_err(|error| ApiError::unknown_quality(&error)),
    }
}

/// Opens and probes at once when the kernel has everything at hand, else on a thread that may wait.
async fn open(state: &AppState, path: RelativePath) -> Result<(AudioFile, Option<AudioProperties>), audio::Error> {
    if let Some(opened) = state.music.open_now(&path) {
        let file = opened?;
        if let Some(properties) = state.probes.get(file.id()) {
            return Ok((file, properties));
        }
    }
    let state = state.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let file = state.music.open(&path)?;
        let properties = state.probes.get(file.id()).unwrap_or_else(|| state.probes.probe(&file));
        Ok((file, properties))
    });
    opened.await.unwrap_or_else(|error| Err(audio::Error::Io(std::io::Error::other(error))))
}

/// What is sent for a file in a quality.
struct Served {
    source: Arc<dyn Source>,
    etag: String,
    content_type: &'static str,
    /// Of what was transcoded, in kbit/s.
    bitrate: Option<u32>,
}

/// What is sent for a quality other than the original.
enum Choice {
    /// The original, for its format is served as it is in every quality.
    AsItIs,
    Transcoded(Transcoded),
    /// The original, until the cache has what is asked for.
    Missed,
}

/// Chooses between the original, the cache and the transcoder.
async fn serve(
    state: &AppState,
    file: &Arc<AudioFile>,
    quality: Quality,
    request: &Parts,
) -> Result<Served, audio::Error> {
    let original = || Served {
        source: Arc::<AudioFile>::clone(file),
        etag: etag(file),
        content_type: audio::mime_type(file.path()),
        bitrate: None,
    };
    if quality == Quality::Original {
        return Ok(original());
    }
    let Some(Transcoding { transcoder, settings, .. }) = &state.transcoding else { return Ok(original()) };
    let serving = file.path().display();
    let opened = {
        let (transcoder, on_miss, file) = (Arc::clone(transcoder), settings.on_miss, Arc::clone(file));
        tokio::task::spawn_blocking(move || {
            if !audio::format::is_transcoded(&file).map_err(audio::Error::Io)? {
                return Ok(Choice::AsItIs);
            }
            Ok(match on_miss {
                OnMiss::Transcode => Choice::Transcoded(transcoder.open(file, quality)?),
                OnMiss::Original => match transcoder.cached(&file, quality) {
                    Some(cached) => Choice::Transcoded(Transcoded { source: Arc::new(cached), is_cached: true }),
                    None => transcoder.prepare(file, quality).map(|()| Choice::Missed)?,
                },
            })
        })
        .await
        .unwrap_or_else(|error| Err(audio::Error::Io(std::io::Error::other(error))))
    };
    if starts_a_stream(request) && !matches!(opened, Ok(Choice::AsItIs)) {
        let is_hit = matches!(&opened, Ok(Choice::Transcoded(transcoded)) if transcoded.is_cached);
        let counter = if is_hit { &transcoder.served().hits } else { &transcoder.served().misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }
    let request = request.uri.path();
    match opened {
        Ok(Choice::AsItIs) => Ok(original()),
        Ok(Choice::Transcoded(Transcoded { source, is_cached })) => {
            if is_cached {
                tracing::debug!(request, %serving, %quality, "cache hit");
            } else {
                tracing::warn!(request, %serving, %quality, "cache miss, transcoding");
            }
            let mark = audio::cache::hex(audio::cache::mark(file, quality));
            Ok(Served { source, etag: format!("\"{mark}\""), content_type: "audio/mpeg", bitrate: quality.bitrate() })
        }
        Ok(Choice::Missed) => {
            tracing::warn!(request, %serving, %quality, "cache miss, serving the original");
            Ok(original())
        }
        Err(audio::Error::Unsupported(reason)) => {
            tracing::warn!(request, %serving, %quality, reason, "cannot be transcoded, serving the original");
            Ok(original())
        }
        Err(error) => Err(error),
    }
}

/// Strong: another file, length or modification time gives another tag. Times are to the nanosecond.
fn etag(file: &AudioFile) -> String {
    let id = file.id();
    format!("\"{:x}-{:x}-{:x}\"", id.inode, id.len, id.modified_ns)
}

/// The mixtape on whose page a stream was started. Browsers tell a page of the same site where they come from; of the
/// listener it says nothing.
fn shared_from(headers: &HeaderMap) -> Option<Slug> {
    let page: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let starts = ["/share/", "/gift-playful/", "/gift-elegant/", "/embed/"];
    let slug = starts.iter().find_map(|start| page.path().strip_prefix(start))?;
    percent_decode_str(slug).decode_utf8().ok()?.parse().ok()
}

/// Whether this request begins to play a file, rather than asking for a later part of it.
fn starts_a_stream(request: &Parts) -> bool {
    let range = request.headers.get(header::RANGE).map(HeaderValue::as_bytes);
    request.method == Method::GET && range.is_none_or(|range| range.starts_with(b"bytes=0-"))
}
