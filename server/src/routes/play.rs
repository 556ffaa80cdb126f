//! `GET`, `HEAD` and `OPTIONS` of `/play/<path>?quality=…` and of the signed addresses of a mixtape's tracks: from a
//! request to a representation of an audio file. Who may have which is decided in `media_access`; how it is answered,
//! ranges and all, in `media`.

use std::path::{Path, PathBuf};
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

use super::media_access::{self, Granted};
use crate::AppState;
use crate::connection::Outlet;
use crate::error::ApiError;
use crate::media::LogPaths;
use crate::media::conditional::Validators;
use crate::media::opening::Choice;
use crate::media::respond::{Asked, Representation, respond};
use crate::media::{disposition, opening};
use crate::state::Transcoding;

/// Length of the audio in seconds, with milliseconds.
const X_AUDIO_DURATION: HeaderName = HeaderName::from_static("x-audio-duration");
/// Average bitrate in kbit/s.
const X_AUDIO_BITRATE: HeaderName = HeaderName::from_static("x-audio-bitrate");

const ALLOW: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

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
    let Granted { path, name, cache_control } =
        media_access::authorise(state, request).await.map_err(|error| refused(request_path, None, error))?;
    let quality = parse_quality(request.uri.query()).map_err(|error| refused(request_path, None, error))?;
    let (file, properties) =
        open(state, path.clone()).await.map_err(|error| refused(request_path, None, error.into()))?;

    let file = Arc::new(file);
    let Served { source, serving, etag, content_type, bitrate } = serve(state, &file, quality, request)
        .await
        .map_err(|error| refused(request_path, Some(file.path()), error.into()))?;

    if starts_a_stream(request) {
        tracing::info!(request = request_path, ?serving, %quality, bytes = source.len(), "stream starts");
        if let Some(path) = state.music.plain_path(&path, &file).and_then(Path::to_str) {
            state.plays.count(TrackPath(path.to_owned()), shared_from(&request.headers));
        }
    } else {
        tracing::debug!(request = request_path, ?serving, %quality, range = ?request.headers.get(header::RANGE), "part");
    }

    let mut headers = HeaderMap::with_capacity(16);
    let renamed = bitrate.map(|_| Path::new(&name).with_extension("mp3"));
    let name = renamed.as_deref().map_or(name.as_os_str(), Path::as_os_str);
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
        cache_control,
        headers,
        source,
    };
    let asked = Asked {
        method: &request.method,
        headers: &request.headers,
        outlet: request.extensions.get::<Outlet>().cloned(),
        paths: Arc::new(LogPaths { request: request_path.to_owned(), serving }),
    };
    Ok(respond(asked, representation))
}

/// Logs why a request is not answered with audio.
fn refused(request: &str, file: Option<&Path>, error: ApiError) -> ApiError {
    let serving = file.map(tracing::field::debug);
    if error.kind() == ErrorKind::Internal {
        tracing::error!(request, serving, ?error, "cannot play");
    } else {
        tracing::warn!(request, serving, ?error, "refused");
    }
    error
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
    if let Some(opened) = state.music.open_audio_now(&path) {
        let file = opened?;
        if let Some(properties) = state.probes.get(file.id()) {
            return Ok((file, properties));
        }
    }
    let state = state.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let file = state.music.open_audio(&path)?;
        let properties = state.probes.get(file.id()).unwrap_or_else(|| state.probes.probe(&file));
        Ok((file, properties))
    });
    opened.await.unwrap_or_else(|error| Err(audio::Error::Io(std::io::Error::other(error))))
}

/// What is sent for a file in a quality.
struct Served {
    source: Arc<dyn Source>,
    /// The file that is read: the original or the one in the cache.
    serving: PathBuf,
    etag: String,
    content_type: &'static str,
    /// Of what was transcoded, in kbit/s.
    bitrate: Option<u32>,
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
        serving: file.path().to_owned(),
        etag: etag(file),
        content_type: audio::mime_type(file.path()),
        bitrate: None,
    };
    if quality == Quality::Original {
        return Ok(original());
    }
    let Some(Transcoding { transcoder, settings, .. }) = &state.transcoding else { return Ok(original()) };
    let opened = opening::open(transcoder, file, quality, settings.on_miss).await;
    // Once a stream: neither for its later parts nor for HEAD.
    let is_start = starts_a_stream(request);
    if is_start && !matches!(opened, Ok(Choice::AsItIs)) {
        let is_hit = matches!(&opened, Ok(Choice::Transcoded(transcoded)) if transcoded.is_cached);
        let counter = if is_hit { &transcoder.served().hits } else { &transcoder.served().misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }
    let (request, original_path) = (request.uri.path(), file.path());
    match opened {
        Ok(Choice::AsItIs) => Ok(original()),
        Ok(Choice::Transcoded(Transcoded { source, is_cached })) => {
            let cached = transcoder.cache().filter(|_| is_cached).and_then(|cache| cache.path(original_path, quality));
            let serving = cached.unwrap_or_else(|| original_path.to_owned());
            if is_start && is_cached {
                tracing::info!(request, ?serving, %quality, "Cache hit");
            } else if is_start {
                tracing::warn!(request, ?serving, %quality, "Cache miss, transcoding");
            }
            let etag = format!("\"{}\"", audio::cache::hex(audio::cache::mark(file, quality)));
            Ok(Served { source, serving, etag, content_type: "audio/mpeg", bitrate: quality.bitrate() })
        }
        Ok(Choice::Missed) => {
            if is_start {
                tracing::warn!(request, serving = ?original_path, %quality, "Cache miss, serving the original");
            }
            Ok(original())
        }
        Err(audio::Error::Unsupported(reason)) => {
            if is_start {
                tracing::error!(request, serving = ?original_path, %quality, reason, "cannot be decoded, serving the original");
            }
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

/// Whether this request begins to play a file, rather than asking for a later part of it. Safari asks for the first
/// two bytes before it begins, to learn whether there are ranges.
fn starts_a_stream(request: &Parts) -> bool {
    let begins = |range: &HeaderValue| {
        let end = range.as_bytes().strip_prefix(b"bytes=0-");
        end.is_some_and(|end| !matches!(end, b"0" | b"1"))
    };
    request.method == Method::GET && request.headers.get(header::RANGE).is_none_or(begins)
}
