//! Mixtapes inside other sites: `GET /embed/<slug>`, the player for a frame, and `GET /oembed`, which tells a site how to
//! show it (<https://oembed.com>). Only what is open to everybody is shown there, to the owner too.

use app::page::{EmbedPage, Page};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{self, HeaderValue};
use http::{StatusCode, Uri};
use library::covers::{PREVIEW_HEIGHT, PREVIEW_WIDTH, preview_version};
use library::sharing::Reached;
use model::track::encode_segment;
use model::{Access, ErrorKind, Mixtape, Slug};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::lookup::{self, For};
use super::shared_page::{Listener, shared};
use super::{pages, session};
use crate::AppState;
use crate::error::ApiError;

/// The size of the player where nobody says how much room there is, in pixels.
const SIZE: (u32, u32) = (600, 380);

/// How long what was said here may be believed, in seconds.
const CACHE_SECONDS: u32 = 3600;
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// A mark on responses that other sites may put into a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct ForFrames;

/// `GET /embed/<slug>`: the tape as a small player, or word that its own page says more.
pub(super) async fn page(
    State(state): State<AppState>,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let slug = slug.ok().and_then(|slug| slug.parse::<Slug>().ok());
    let found = lookup::reach(&state, slug.as_ref(), request.headers(), request.extensions(), For::Everybody).await?;
    let (page, status) = match (slug, found) {
        (Some(slug), Reached::Here(Access::Open)) => {
            let mixtape = state.store.mixtape(&slug).await?.ok_or_else(lookup::no_such_mixtape)?;
            let tape = shared(&state, mixtape, Listener::default()).await?;
            (EmbedPage::Tape(Box::new(tape)), StatusCode::OK)
        }
        (Some(slug), Reached::Here(Access::NeedsPassword)) => (EmbedPage::Closed(slug), StatusCode::UNAUTHORIZED),
        (Some(slug), Reached::Here(Access::Expired)) => (EmbedPage::Closed(slug), StatusCode::GONE),
        (_, Reached::Moved(slug)) => return Ok(Redirect::temporary(&slug.embed_path()).into_response()),
        _ => (EmbedPage::Nothing, StatusCode::NOT_FOUND),
    };
    let mut response = pages::render(&state, Page::Embed(page), request).await;
    *response.status_mut() = status;
    response.extensions_mut().insert(ForFrames);
    Ok(response)
}

/// `GET /oembed?url=…&format=json|xml&maxwidth=…&maxheight=…`: how a site shows the tape at an address of ours.
pub(super) async fn oembed(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let Question { url, format, max_width, max_height } = Question::read(request.uri())?;
    let Some(format) = format else {
        let error = json!({ "error": "“format” is json or xml." });
        return Ok((StatusCode::NOT_IMPLEMENTED, Json(error)).into_response());
    };
    let origin = state.public_url.clone().unwrap_or_else(|| pages::origin(request.headers()));
    let slug = slug_in(&url, &origin).ok_or_else(lookup::no_such_mixtape)?;
    let (headers, extensions) = (request.headers(), request.extensions());
    let (slug, access) = match lookup::reach(&state, Some(&slug), headers, extensions, For::Everybody).await? {
        Reached::Here(access) => (slug, access),
        Reached::Moved(slug) => {
            let access = state.store.check_access(&slug, session::now(), None).await?;
            (slug, access)
        }
        Reached::Nothing => return Err(lookup::no_such_mixtape()),
    };
    if access != Access::Open {
        return Err(ApiError::new(ErrorKind::Unauthorized, "This mixtape is not open to everybody."));
    }
    let mixtape = state.store.mixtape(&slug).await?.ok_or_else(lookup::no_such_mixtape)?;
    let answer = Answer::of(&mixtape, &origin, max_width, max_height);
    let mut response = match format {
        Format::Json => Json(answer.into_json()).into_response(),
        Format::Xml => {
            let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"))];
            (kind, answer.into_xml()).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, KEPT);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

#[derive(Debug, Clone, Copy)]
enum Format {
    Json,
    Xml,
}

/// What a site asks.
struct Question {
    url: String,
    /// None for one that we do not speak.
    format: Option<Format>,
    max_width: u32,
    max_height: u32,
}

impl Question {
    fn read(uri: &Uri) -> Result<Self, ApiError> {
        let mut question =
            Self { url: String::new(), format: Some(Format::Json), max_width: u32::MAX, max_height: u32::MAX };
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "url" => question.url = value.into_owned(),
                "format" => {
                    question.format = match &*value {
                        "json" => Some(Format::Json),
                        "xml" => Some(Format::Xml),
                        _ => None,
                    };
                }
                "maxwidth" => question.max_width = pixels(&name, &value)?,
                "maxheight" => question.max_height = pixels(&name, &value)?,
                _ => {}
            }
        }
        if question.url.is_empty() {
            return Err(ApiError::new(ErrorKind::Invalid, "“url” is the address of a mixtape."));
        }
        Ok(question)
    }
}

fn pixels(name: &str, value: &str) -> Result<u32, ApiError> {
    let refusal = || ApiError::new(ErrorKind::Invalid, format!("“{name}” is a number of pixels."));
    value.parse().ok().filter(|pixels| *pixels > 0).ok_or_else(refusal)
}

/// The tape at an address of one of its pages on this host. The scheme may be another one: a proxy adds HTTPS.
fn slug_in(url: &str, origin: &str) -> Option<Slug> {
    let url: Uri = url.parse().ok()?;
    let host = |uri: &Uri| uri.authority().map(|host| host.as_str().to_ascii_lowercase());
    let is_web = matches!(url.scheme_str(), Some("http" | "https"));
    if !is_web || host(&url)? != origin.parse().ok().as_ref().and_then(host)? {
        return None;
    }
    let (page, slug) = url.path().strip_prefix('/')?.split_once('/')?;
    if !["share", "embed", "gift-playful", "gift-elegant"].contains(&page) {
        return None;
    }
    percent_decode_str(slug).decode_utf8().ok()?.parse().ok()
}

/// What a site is told, with the names of the specification (section 2.3.4).
struct Answer(Vec<(&'static str, Value)>);

impl Answer {
    /// For a tape, and a site that has so much room.
    fn of(mixtape: &Mixtape, origin: &str, max_width: u32, max_height: u32) -> Self {
        let (width, height) = (max_width.min(SIZE.0), max_height.min(SIZE.1));
        let address = format!("{origin}{}", mixtape.slug.embed_path());
        let html = format!(
            "<iframe src=\"{}\" width=\"{width}\" height=\"{height}\" title=\"{}\" style=\"border:0\" loading=\"lazy\"></iframe>",
            escape(&address),
            escape(&mixtape.title),
        );
        let mut fields = vec![
            ("version", json!("1.0")),
            ("type", json!("rich")),
            ("provider_name", json!("Ferric")),
            ("provider_url", json!(origin)),
            ("title", json!(mixtape.title)),
            ("cache_age", json!(CACHE_SECONDS)),
            ("html", json!(html)),
            ("width", json!(width)),
            ("height", json!(height)),
        ];
        if !mixtape.creator_name.is_empty() {
            fields.push(("author_name", json!(mixtape.creator_name)));
        }
        // All three or none, and none that is larger than what was asked for.
        if PREVIEW_WIDTH <= max_width && PREVIEW_HEIGHT <= max_height {
            let slug = encode_segment(mixtape.slug.as_str());
            let address = format!("{origin}/og/{slug}.jpg?v={}", preview_version(mixtape));
            fields.push(("thumbnail_url", json!(address)));
            fields.push(("thumbnail_width", json!(PREVIEW_WIDTH)));
            fields.push(("thumbnail_height", json!(PREVIEW_HEIGHT)));
        }
        Self(fields)
    }

    fn into_json(self) -> Value {
        self.0.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn into_xml(self) -> String {
        let mut xml = "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<oembed>".to_owned();
        for (name, value) in self.0 {
            let text = value.as_str().map_or_else(|| value.to_string(), escape);
            xml.extend(["<", name, ">", &text, "</", name, ">"]);
        }
        xml + "</oembed>\n"
    }
}

/// For text between tags and inside attributes in double quotes. What XML 1.0 has no sign for is left out.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    text.replace(|sign: char| sign.is_control() || matches!(sign, '\u{fffe}' | '\u{ffff}'), "")
}
