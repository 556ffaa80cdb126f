//! `GET /qr/<slug>.png` and `GET /qr/<slug>/download`: a mixtape's address as a QR code, alone and on a card.
//! What they look like is decided in `library`.

use std::fmt::Display;
use std::time::SystemTime;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Extensions, StatusCode, Uri};
use library::card::{Card, Label};
use library::drawing::Drawing;
use library::exchange::file_name;
use library::qr;
use model::{Access, ErrorKind, Mixtape};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::lookup::{self, no_such_mixtape};
use super::{pages, session};
use crate::AppState;
use crate::error::ApiError;
use crate::media::conditional::{Validators, Verdict, evaluate};
use crate::media::disposition;

/// Pixels on a side of a code, if nothing else is wanted, and at most (seed 001).
const CODE: (u32, u32) = (400, 800);
/// Pixels across a card, likewise.
const CARD: (u32, u32) = (800, 1200);

/// As long as the original lets them be kept.
pub(super) const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// A card with a large cover takes a core and some memory for a moment. Two at once leave room for those who listen.
static DRAWING: Semaphore = Semaphore::const_new(2);

/// `GET /qr/<slug>.png?size=&logo=&format=`: the code alone. `.svg` is the same as `format=svg`.
pub(super) async fn code(
    State(state): State<AppState>,
    file: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let Path(file) = file.map_err(|_| no_such_mixtape())?;
    let (slug, format) = match file.rsplit_once('.') {
        Some((slug, "png")) => (slug, Format::Png),
        Some((slug, "svg")) => (slug, Format::Svg),
        _ => return Err(no_such_mixtape()),
    };
    let wishes = Wishes::read(request.uri(), CODE, format)?;
    let (mixtape, may_keep) = find(&state, slug, request.headers(), request.extensions()).await?;
    let address = address(&state, request.headers(), &mixtape)?;
    let title = mixtape.title.clone();
    let picture = draw(wishes.format, title, move || {
        wishes.check_size(&address)?;
        qr::picture(&address, wishes.size, wishes.logo)
    })
    .await?;
    Ok(answer(request.headers(), picture, None, for_this_host(&state, may_keep)))
}

/// `GET /qr/<slug>/download?size=&include_cover=&include_title=&logo=&format=`: the card, to be saved.
pub(super) async fn card(
    State(state): State<AppState>,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let Path(slug) = slug.map_err(|_| no_such_mixtape())?;
    let wishes = Wishes::read(request.uri(), CARD, Format::Png)?;
    let (mixtape, may_keep) = find(&state, &slug, request.headers(), request.extensions()).await?;
    let address = address(&state, request.headers(), &mixtape)?;
    let name = disposition::attachment(&file_name(&mixtape.title, wishes.format.ending()));
    let cover = mixtape.cover.as_deref().filter(|_| wishes.cover).and_then(|file| state.store.cover_path(file));
    let picture = draw(wishes.format, mixtape.title.clone(), move || {
        wishes.check_size(&address)?;
        let label = wishes.title.then(|| Label::of(&mixtape));
        let cover = cover.and_then(|path| library::covers::pixels(&path, CARD.1));
        Card { address: &address, width: wishes.size, label, cover, mark: wishes.logo }.draw()
    })
    .await?;
    Ok(answer(request.headers(), picture, Some(name), for_this_host(&state, may_keep)))
}

/// How a picture is sent.
#[derive(Debug, Clone, Copy)]
enum Format {
    Png,
    Svg,
}

impl Format {
    const fn mime(self) -> HeaderValue {
        match self {
            Self::Png => HeaderValue::from_static("image/png"),
            Self::Svg => HeaderValue::from_static("image/svg+xml"),
        }
    }

    /// What a saved card is called after its title (seed 001).
    const fn ending(self) -> &'static str {
        match self {
            Self::Png => "-qr-code.png",
            Self::Svg => "-qr-code.svg",
        }
    }
}

/// What the query asks for.
#[derive(Debug, Clone, Copy)]
struct Wishes {
    size: u32,
    format: Format,
    logo: bool,
    cover: bool,
    title: bool,
}

impl Wishes {
    /// Everything is on unless it is turned off. Unknown names are ignored, unreadable values are not.
    fn read(uri: &Uri, (size, most): (u32, u32), format: Format) -> Result<Self, ApiError> {
        let mut wishes = Self { size, format, logo: true, cover: true, title: true };
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "size" => {
                    let size = value.parse().ok().filter(|size| (1..=most).contains(size));
                    let refusal = || format!("“size” is a number of pixels from 1 to {most}.");
                    wishes.size = size.ok_or_else(|| ApiError::new(ErrorKind::Invalid, refusal()))?;
                }
                "format" => {
                    wishes.format = match &*value {
                        "png" => Format::Png,
                        "svg" => Format::Svg,
                        _ => return Err(ApiError::new(ErrorKind::Invalid, "“format” is png or svg.")),
                    };
                }
                "logo" => wishes.logo = switch(&name, &value)?,
                "include_cover" => wishes.cover = switch(&name, &value)?,
                "include_title" => wishes.title = switch(&name, &value)?,
                _ => {}
            }
        }
        Ok(wishes)
    }

    /// An SVG can be enlarged without loss, a PNG cannot.
    fn check_size(self, address: &str) -> Result<(), library::Error> {
        match self.format {
            Format::Png => qr::check_size(address, self.size),
            Format::Svg => Ok(()),
        }
    }
}

fn switch(name: &str, value: &str) -> Result<bool, ApiError> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(ApiError::new(ErrorKind::Invalid, format!("“{name}” is true or false."))),
    }
}

/// A mixtape that the sender of the request may hear, for its card tells of it; and how long its pictures may be kept.
/// Of a tape that is not open to everybody, no shared cache may keep any.
pub(super) async fn find(
    state: &AppState,
    slug: &str,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<(Mixtape, HeaderValue), ApiError> {
    let mixtape = lookup::mixtape_for(state, slug, headers, extensions).await?;
    let is_open = state.store.check_access(&mixtape.slug, session::now(), None).await? == Access::Open;
    Ok((mixtape, if is_open { CACHE_CONTROL } else { pages::PRIVATE }))
}

/// Without `PUBLIC_URL`, a picture leads to the host of the request, which shared caches may not distinguish.
fn for_this_host(state: &AppState, may_keep: HeaderValue) -> HeaderValue {
    if state.public_url.is_none() && may_keep == CACHE_CONTROL {
        HeaderValue::from_static("private, max-age=3600")
    } else {
        may_keep
    }
}

/// The whole address of the share page, which is what a camera opens.
fn address(state: &AppState, headers: &HeaderMap, mixtape: &Mixtape) -> Result<String, ApiError> {
    let origin = state.public_url.clone().unwrap_or_else(|| pages::origin(headers));
    if origin.is_empty() {
        let refusal = "The request does not say where this server is; set PUBLIC_URL, or send a Host header.";
        return Err(ApiError::new(ErrorKind::Invalid, refusal));
    }
    Ok(origin + &mixtape.slug.share_path())
}

/// A picture as it is sent.
struct Picture {
    file: Vec<u8>,
    format: Format,
    /// A strong entity tag with its quotes.
    etag: String,
}

/// Draws on a thread that may be busy, and makes the file there, too.
async fn draw(
    format: Format,
    title: String,
    drawing: impl FnOnce() -> Result<Drawing, library::Error> + Send + 'static,
) -> Result<Picture, ApiError> {
    let turn = DRAWING.acquire().await.map_err(|error| broken_off(&error))?;
    let drawn = tokio::task::spawn_blocking(move || {
        // Kept until the work is done, also when nobody waits for it any more.
        let _turn = turn;
        let drawing = drawing()?;
        let file = match format {
            Format::Png => drawing.to_png()?,
            Format::Svg => drawing.to_svg(&title)?.into_bytes(),
        };
        let etag = format!("\"{}\"", hex::encode(&Sha256::digest(&file)[..16]));
        Ok::<_, library::Error>(Picture { file, format, etag })
    });
    Ok(drawn.await.map_err(|error| broken_off(&error))??)
}

fn broken_off(reason: &dyn Display) -> ApiError {
    tracing::error!(%reason, "drawing was broken off");
    ApiError::new(ErrorKind::Internal, "The picture could not be drawn. The server's log says why.")
}

/// Sends a picture, or says that the client has it.
fn answer(asked: &HeaderMap, picture: Picture, name: Option<HeaderValue>, may_keep: HeaderValue) -> Response {
    let now = SystemTime::now();
    // Only tags count: since when a picture looks as it does, nobody knows.
    let known = asked.contains_key(header::IF_NONE_MATCH)
        && evaluate(asked, &Validators::new(picture.etag.clone(), now, now)) == Verdict::NotModified;
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(picture.file));
        response.headers_mut().insert(header::CONTENT_TYPE, picture.format.mime());
        if let Some(name) = name {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, may_keep);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(etag) = HeaderValue::try_from(picture.etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}
