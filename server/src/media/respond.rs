//! The one path from a representation to a response: conditions, then ranges, then headers and body. The only
//! place of the media routes that names status codes; opening files and naming them is done before.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;

use audio::Source;
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::LogPaths;
use super::body::{MediaBody, Piece};
use super::conditional::{self, Validators, Verdict};
use super::date;
use super::range::{self, Selection, WholeBecause};
use crate::connection::Outlet;

/// What a path and a quality stand for, ready to be sent.
pub struct Representation {
    /// The bytes.
    pub source: Arc<dyn Source>,
    /// What tells this state of it from others.
    pub validators: Validators,
    /// Its MIME type.
    pub content_type: &'static str,
    /// How long anybody may keep it.
    pub cache_control: HeaderValue,
    /// Further headers of the answers that carry it (200 and 206).
    pub headers: HeaderMap,
}

/// Who asks, and how.
pub struct Asked<'a> {
    /// GET or HEAD.
    pub method: &'a Method,
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The connection to answer by, where there is one.
    pub outlet: Option<Outlet>,
    /// For the log.
    pub paths: Arc<LogPaths>,
}

/// Answers GET and HEAD for a representation: 200, 206, 304, 412 or 416.
///
/// HEAD gets the headers that GET would get, those of a range included (RFC 9110 9.3.2). Section 14.2 defines
/// ranges for GET alone, but nginx, Apache httpd and Go answer HEAD this way, and so does seed 000's own range
/// check (`curl -I -H "Range: …"`).
#[must_use]
pub fn respond(asked: Asked<'_>, representation: Representation) -> Response {
    match conditional::evaluate(asked.headers, &representation.validators) {
        Verdict::PreconditionFailed => {
            return error(StatusCode::PRECONDITION_FAILED, "The file is not in the state that the request expects.");
        }
        Verdict::NotModified => {
            let mut response = StatusCode::NOT_MODIFIED.into_response();
            describe(response.headers_mut(), &representation.validators);
            response.headers_mut().insert(CACHE_CONTROL, representation.cache_control);
            // An empty body has a length, and HEAD would tell it; but only that of the file may be told (RFC 9110 8.6).
            *response.body_mut() = Body::from_stream(stream::empty::<Result<Bytes, Infallible>>());
            return response;
        }
        Verdict::Proceed => {}
    }
    let len = representation.source.len();
    match selection(&asked, &representation.validators, len) {
        Selection::Unsatisfiable => {
            let LogPaths { request, serving } = &*asked.paths;
            tracing::warn!(request, ?serving, range = ?asked.headers.get(RANGE), len, "range cannot be satisfied");
            let mut response =
                error(StatusCode::RANGE_NOT_SATISFIABLE, "The file is shorter than the range asked for.");
            describe(response.headers_mut(), &representation.validators);
            response.headers_mut().insert(CONTENT_RANGE, header(format!("bytes */{len}")));
            response
        }
        Selection::Whole(_) => {
            let content_type = HeaderValue::from_static(representation.content_type);
            send(asked, representation, StatusCode::OK, content_type, None, VecDeque::from([Piece::Audio(0..len)]))
        }
        Selection::Parts(parts) => match <[Range<u64>; 1]>::try_from(parts) {
            Ok([part]) => {
                let content_type = HeaderValue::from_static(representation.content_type);
                let content_range = header(content_range(&part, len));
                let pieces = VecDeque::from([Piece::Audio(part)]);
                send(asked, representation, StatusCode::PARTIAL_CONTENT, content_type, Some(content_range), pieces)
            }
            Err(parts) => {
                let (content_type, pieces) = multipart(&parts, len, representation.content_type);
                send(asked, representation, StatusCode::PARTIAL_CONTENT, content_type, None, pieces)
            }
        },
    }
}

fn selection(asked: &Asked<'_>, validators: &Validators, len: u64) -> Selection {
    let mut values = asked.headers.get_all(RANGE).iter();
    let (first, second) = (values.next(), values.next());
    let not_asked = Selection::Whole(WholeBecause::NotAsked);
    if first.is_none() || !conditional::range_applies(asked.headers, validators) {
        return not_asked;
    }
    let selection = if second.is_some() {
        // Range is not a list header; two of them are as good as none (RFC 9110 5.3).
        Selection::Whole(WholeBecause::Malformed)
    } else {
        range::select(first.map(HeaderValue::as_bytes), len)
    };
    if let Selection::Whole(because @ (WholeBecause::Malformed | WholeBecause::Excessive)) = selection {
        let LogPaths { request, serving } = &*asked.paths;
        tracing::warn!(request, ?serving, range = ?first, ?because, "range header ignored");
    }
    selection
}

fn send(
    asked: Asked<'_>,
    representation: Representation,
    status: StatusCode,
    content_type: HeaderValue,
    content_range: Option<HeaderValue>,
    pieces: VecDeque<Piece>,
) -> Response {
    let mut headers = representation.headers;
    describe(&mut headers, &representation.validators);
    headers.insert(CACHE_CONTROL, representation.cache_control);
    headers.insert(CONTENT_TYPE, content_type);
    if let Some(content_range) = content_range {
        headers.insert(CONTENT_RANGE, content_range);
    }
    let body = MediaBody::new(representation.source, pieces, asked.outlet, asked.paths);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.length()));
    let body = if asked.method == Method::HEAD { Body::empty() } else { Body::new(body) };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The headers that name the state, in every answer about the representation.
fn describe(headers: &mut HeaderMap, validators: &Validators) {
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(ETAG, header(validators.etag.clone()));
    headers.insert(LAST_MODIFIED, header(date::format(validators.last_modified())));
}

/// A `multipart/byteranges` body (RFC 9110 14.6) with its content type.
fn multipart(parts: &[Range<u64>], len: u64, content_type: &str) -> (HeaderValue, VecDeque<Piece>) {
    let boundary = format!("ferric-{:032x}", rand::random::<u128>());
    let mut pieces = VecDeque::with_capacity(parts.len() * 2 + 1);
    for (index, part) in parts.iter().enumerate() {
        let before = if index == 0 { "" } else { "\r\n" };
        let range = content_range(part, len);
        let text = format!("{before}--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: {range}\r\n\r\n");
        pieces.push_back(Piece::Text(Bytes::from(text)));
        pieces.push_back(Piece::Audio(part.clone()));
    }
    pieces.push_back(Piece::Text(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
    (header(format!("multipart/byteranges; boundary={boundary}")), pieces)
}

fn content_range(part: &Range<u64>, len: u64) -> String {
    format!("bytes {}-{}/{len}", part.start, part.end - 1)
}

fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(serde_json::json!({ "error": message }))).into_response()
}

/// The values made here are visible ASCII by construction.
fn header(value: String) -> HeaderValue {
    HeaderValue::try_from(value).unwrap_or_else(|_| HeaderValue::from_static(""))
}
