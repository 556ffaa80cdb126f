//! Finding the mixtape at an address for the sender of a request. To guests, addresses without a mixtape and those of
//! mixtapes that are private or deleted look the same on every route, and guessing addresses is slowed down.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use app::api::Visitor;
use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};
use library::sharing::{Caller, ListenerToken, Reached};
use model::{Access, ErrorKind, Mixtape, Slug};

use super::{session, share};
use crate::AppState;
use crate::error::ApiError;
use crate::rate_limit::{Client, Purpose};

/// For whom a mixtape is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// The sender of the request: the owner, or a listener who may have entered the password.
    Sender,
    /// Everybody, also if the owner sends the request: what is shown on other sites.
    Everybody,
}

/// What the sender of a request finds at an address.
///
/// # Errors
/// [`ErrorKind::TooMany`] for guests who have requested many addresses without a mixtape.
pub(super) async fn reach(
    state: &AppState,
    slug: Option<&Slug>,
    headers: &HeaderMap,
    extensions: &Extensions,
    whom: For,
) -> Result<Reached, ApiError> {
    let is_owner = Visitor::of(extensions) == Visitor::Owner;
    let guesser = Guesser::of(state, headers, extensions);
    if !is_owner && !guesser.is_shared {
        // Existing addresses as well, or they would stand out.
        guesser.check(state)?;
    }
    let token = session::cookies(headers, share::COOKIE).find_map(ListenerToken::parse);
    let caller = match whom {
        For::Sender if is_owner => Caller::Owner,
        For::Sender => Caller::Guest(token.as_ref()),
        For::Everybody => Caller::Guest(None),
    };
    let found = match slug {
        Some(slug) => state.store.reach(slug, session::now(), caller).await?,
        None => Reached::Nothing,
    };
    if found == Reached::Nothing && !is_owner {
        guesser.check(state)?;
        guesser.count(state);
    }
    Ok(found)
}

/// A mixtape that the sender of a request may play; for all others it does not exist.
pub(super) async fn mixtape_for(
    state: &AppState,
    slug: &str,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Mixtape, ApiError> {
    let slug: Option<Slug> = slug.parse().ok();
    match (reach(state, slug.as_ref(), headers, extensions, For::Sender).await?, slug) {
        (Reached::Here(Access::Open), Some(slug)) => state.store.mixtape(&slug).await?.ok_or_else(no_such_mixtape),
        _ => Err(no_such_mixtape()),
    }
}

pub(super) fn no_such_mixtape() -> ApiError {
    ApiError::new(ErrorKind::NotFound, "There is no such mixtape.")
}

/// The client whose misses are counted together.
struct Guesser {
    client: Client,
    /// All listeners may share this address, because it is that of an untrusted proxy. Existing addresses are then
    /// always answered, so that one client cannot lock out the others.
    is_shared: bool,
}

impl Guesser {
    fn of(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let address = state.proxies.client(headers, extensions);
        let is_forwarded = ["x-forwarded-for", "forwarded", "x-real-ip"].iter().any(|name| headers.contains_key(*name));
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        // From a public address, such a header is forged: proxies are on this machine or in its network.
        let is_proxy = peer.is_some_and(|peer| is_near(peer) && !state.proxies.contains(peer));
        Self { client: Client::at(address), is_shared: is_forwarded && is_proxy }
    }

    fn check(&self, state: &AppState) -> Result<(), ApiError> {
        let checked = state.password_attempts.check(&Purpose::MixtapeAddress, &self.client, Instant::now());
        checked.map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            let refusal = format!("Too many addresses without a mixtape. Try again in {seconds} seconds.");
            ApiError::new(ErrorKind::TooMany, refusal).retry_after(seconds)
        })
    }

    fn count(&self, state: &AppState) {
        state.password_attempts.count(&Purpose::MixtapeAddress, &self.client, Instant::now());
    }
}

fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_near() {
        for (address, near) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:10.1.2.3", true),
            ("172.17.0.1", true),
            ("fd00::1", true),
            ("203.0.113.7", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_near(address.parse().unwrap()), near, "{address}");
        }
    }
}
