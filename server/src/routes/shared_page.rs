//! A mixtape as the pages of its listeners have it: the notes as HTML, the addresses of the audio, and names only if
//! they are no secret. Whether somebody may have it at all is decided before.

use app::api::Visitor;
use app::page::{SharedTape, TrackNames};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::Extensions;
use http::header::{self, HeaderMap};
use model::{ErrorKind, MediaAddress, Mixtape, PlayTrack, ShareAccess, TrackName};

use super::{lookup, pages, session};
use crate::AppState;
use crate::error::ApiError;
use crate::state::PlayAccess;

/// Set once a mixtape was played to its end in this browser, so that its names are no secret there. The path of the
/// cookie is that of one mixtape.
const NAMES_COOKIE: &str = "ferric_names";
const NAMES_SECONDS: i64 = 365 * 86_400;

/// What is known of the sender of a request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Listener {
    is_owner: bool,
    knows_names: bool,
}

impl Listener {
    pub(super) fn of(request: &Request) -> Self {
        Self::who_sent(request.headers(), request.extensions())
    }

    pub(super) fn who_sent(headers: &HeaderMap, extensions: &Extensions) -> Self {
        let is_owner = Visitor::of(extensions) == Visitor::Owner;
        Self { is_owner, knows_names: session::cookies(headers, NAMES_COOKIE).next().is_some() }
    }

    /// Refuses what contains the names of the tracks before they are due.
    pub(super) fn may_know_names(self, mixtape: &Mixtape) -> Result<(), ApiError> {
        if self.is_owner || self.knows_names || !mixtape.gift.keeps_a_secret() {
            return Ok(());
        }
        let refusal = "What is on this mixtape stays a secret until it was played to its end.";
        Err(ApiError::new(ErrorKind::Forbidden, refusal))
    }
}

/// The addresses of the audio of a mixtape's tracks, in order.
pub(super) async fn media_addresses(state: &AppState, mixtape: &Mixtape) -> Result<Vec<MediaAddress>, ApiError> {
    let sign_all = state.play_access == PlayAccess::Signed;
    Ok(state.store.media_addresses(mixtape, sign_all, session::now()).await?)
}

/// A tape as its page shows it.
pub(super) async fn shared(state: &AppState, mixtape: Mixtape, listener: Listener) -> Result<SharedTape, ApiError> {
    let mixtape = state.store.view(mixtape, &state.index).await?.mixtape;
    let addresses = media_addresses(state, &mixtape).await?;
    let sharing = state.store.share_settings(&mixtape.slug).await?;
    let notes = library::notes::render(&mixtape.liner_notes).await?;
    // The owner's page, too, is as a listener sees it.
    let names = match (mixtape.gift.keeps_a_secret(), listener.knows_names) {
        (false, _) => TrackNames::Public,
        (true, false) => TrackNames::Secret,
        (true, true) => TrackNames::Revealed,
    };
    let tracks = mixtape.tracks.iter().zip(addresses).enumerate();
    let tracks = tracks.map(|(number, (track, media))| {
        if names.are_shown() { PlayTrack::named(track, media) } else { PlayTrack::unnamed(number, track, media) }
    });
    Ok(SharedTape {
        tracks: tracks.collect(),
        notes_html: notes.html.clone(),
        summary: notes.summary.clone(),
        may_keep: sharing.downloads,
        is_private: sharing.access == ShareAccess::Private,
        mixtape,
        quality: state.default_quality,
        names,
        wrapping: None,
        starts: false,
    })
}

/// `POST /share/<slug>/names`: the names of the tracks, for a listener who has played the mixtape to its end. From then
/// on pages have them for this browser from the start.
pub(super) async fn reveal_names(
    State(state): State<AppState>,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let Path(slug) = slug.map_err(|_| lookup::no_such_mixtape())?;
    let mixtape = lookup::mixtape_for(&state, &slug, request.headers(), request.extensions()).await?;
    let names: Vec<_> = mixtape.tracks.into_iter().map(TrackName::from).collect();
    let path = mixtape.slug.share_path();
    // The names are not a secret.
    let cookie = format!("{NAMES_COOKIE}=1; Path={path}; Max-Age={NAMES_SECONDS}; HttpOnly; SameSite=Lax");
    Ok(([(header::SET_COOKIE, cookie)], [(header::CACHE_CONTROL, pages::PRIVATE)], Json(names)).into_response())
}
