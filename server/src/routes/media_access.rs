//! Access control of audio: the file behind `/play/<path>` or behind the signed address of a mixtape's track, and
//! whether the sender of a request may have it. How a file is sent is decided in `play` and `media`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use audio::RelativePath;
use http::header::HeaderValue;
use http::request::Parts;
use library::media::SignedMedia;
use model::ErrorKind;
use percent_encoding::percent_decode_str;

use super::session;
use crate::AppState;
use crate::error::ApiError;
use crate::state::PlayAccess;

/// Where the signed addresses are.
const SIGNED: &str = "/media/";

/// An hour, as the original application has it; the entity tag answers for the time after.
const PUBLIC: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// The same for restricted media: no shared cache may store it.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, max-age=3600");

/// What the sender of a request may play.
#[derive(Debug)]
pub(super) struct Granted {
    /// The file.
    pub(super) path: RelativePath,
    /// The name under which it is saved.
    pub(super) name: OsString,
    /// Which caches may store it, and how long.
    pub(super) cache_control: HeaderValue,
}

/// Finds the file that a request names, if its sender may have it. Whether that file exists is not checked here.
pub(super) async fn authorise(state: &AppState, request: &Parts) -> Result<Granted, ApiError> {
    let path = request.uri.path();
    if let Some(track) = path.strip_prefix(SIGNED) {
        return signed(state, track, request.uri.query().unwrap_or_default()).await;
    }
    let path = parse_path(path)?;
    let cache_control = match state.play_access {
        PlayAccess::Open => PUBLIC,
        PlayAccess::Signed if session::is_signed_in(state, &request.headers, &request.extensions).await? => PRIVATE,
        PlayAccess::Signed => {
            let refusal = "Music is played from the page of a mixtape here. Open its link, or sign in as the owner.";
            return Err(ApiError::new(ErrorKind::Forbidden, refusal));
        }
    };
    Ok(Granted { name: path.file_name().to_owned(), path, cache_control })
}

async fn signed(state: &AppState, address: &str, query: &str) -> Result<Granted, ApiError> {
    let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let parameter = |wanted: &str| {
        let found = parameters.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| &**value).unwrap_or_default()
    };
    let (mixtape, track) = address.split_once('/').unwrap_or((address, ""));
    let asked = SignedMedia { mixtape, track, expires: parameter("expires"), signature: parameter("signature") };
    let opened = state.store.open_media(&asked, session::now()).await?;
    let path = RelativePath::parse(opened.path.0.into_bytes())?;
    let name = if opened.is_secret { unnamed(opened.position, path.file_name()) } else { path.file_name().to_owned() };
    Ok(Granted { path, name, cache_control: PRIVATE })
}

/// A file name that reveals nothing but the format.
fn unnamed(position: usize, file_name: &OsStr) -> OsString {
    let mut name = OsString::from(format!("Track {}", position + 1));
    if let Some(ending) = Path::new(file_name).extension() {
        name.push(".");
        name.push(ending);
    }
    name
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
