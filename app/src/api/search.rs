//! Searching the music library, and opening what was found.
//! How it is searched is the business of `library`.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
#[cfg(feature = "ssr")]
use model::search::Page;
use model::search::{Pages, ReleaseHit, SearchResults, TrackHit};

use super::Refusal;

/// The longest query, in characters; more is cut off.
#[cfg(feature = "ssr")]
const QUERY_MAX: usize = 500;

/// The most hits of one group in one answer.
#[cfg(feature = "ssr")]
const HITS_MAX: u32 = 200;

/// `GET /api/search?q=…`: artists, releases and tracks that match what was typed.
#[server(endpoint = "search", prefix = "/api", input = GetUrl)]
pub async fn search(q: String, #[server(default)] pages: Option<Pages>) -> Result<SearchResults, Refusal> {
    let services = super::services::for_owner()?;
    let query = library::search::Query::parse(&q.chars().take(QUERY_MAX).collect::<String>());
    let Pages { artists, releases, tracks } = pages.unwrap_or_default();
    let pages = Pages { artists: bounded(artists), releases: bounded(releases), tracks: bounded(tracks) };
    Ok(services.index.search(&query, &pages).await?)
}

/// `GET /api/releases?artist=…`: the releases on which an artist is heard.
#[server(endpoint = "releases", prefix = "/api", input = GetUrl)]
pub async fn releases_of(artist: i64, #[server(default)] offset: u32) -> Result<Vec<ReleaseHit>, Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.index.releases_of(artist, Page { offset, limit: HITS_MAX }).await?)
}

/// `GET /api/tracks?release=…`: the tracks of a release in their order.
#[server(endpoint = "tracks", prefix = "/api", input = GetUrl)]
pub async fn tracks_of(release: i64, #[server(default)] offset: u32) -> Result<Vec<TrackHit>, Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.index.tracks_of(release, Page { offset, limit: HITS_MAX }).await?)
}

#[cfg(feature = "ssr")]
fn bounded(page: Page) -> Page {
    Page { limit: page.limit.min(HITS_MAX), ..page }
}
