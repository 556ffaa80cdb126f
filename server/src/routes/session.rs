//! `POST /login` and `POST /logout`, and the mark on every request that says whether it comes from the owner.
//! Passwords and sessions are kept in `library`.

use std::time::{SystemTime, UNIX_EPOCH};

use app::api::Visitor;
use axum::Form;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::Extensions;
use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use library::owner::{BrowserToken, KNOWN_BROWSER_SECONDS, SESSION_SECONDS, SessionToken};
use model::limits::transcoding::RETRY_AFTER;
use model::{ErrorKind, Timestamp};
use serde::Deserialize;

use super::pages;
use crate::AppState;
use crate::error::ApiError;
use crate::rate_limit::{Client, Purpose};

const WRONG: &str =
    "That is not the password. If you have lost it, start the server once with PASSWORD set to a new one.";

const OWNER_ONLY: &str = "This is for the owner. Sign in first.";

/// A cookie of the owner's, under its name for HTTP and for HTTPS. With the second, browsers take it from this host
/// alone and over HTTPS alone, so that no other site of the domain can set it (RFC 6265bis 4.1.3.2).
#[derive(Clone, Copy)]
struct CookieName {
    plain: &'static str,
    secure: &'static str,
}

impl CookieName {
    const fn of(self, secure: bool) -> &'static str {
        if secure { self.secure } else { self.plain }
    }
}

const SESSION: CookieName = CookieName { plain: "ferric_session", secure: "__Host-ferric_session" };

/// Identifies a browser in which the owner has signed in before; it stays when the session ends.
const KNOWN_BROWSER: CookieName = CookieName { plain: "ferric_browser", secure: "__Host-ferric_browser" };

#[derive(Deserialize)]
pub(super) struct Credentials {
    password: String,
}

#[derive(Deserialize)]
struct SignOut {
    everywhere: Option<String>,
}

/// Signs the owner in and leads to the mixtapes; a wrong password shows the form again.
pub(super) async fn sign_in(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let wrong_form = |_| ApiError::new(ErrorKind::Invalid, "The form needs a password.");
    let (parts, body) = request.into_parts();
    let form = Request::from_parts(parts.clone(), body);
    let Form(credentials) = Form::<Credentials>::from_request(form, &()).await.map_err(wrong_form)?;
    let address = state.proxies.client(&parts.headers, &parts.extensions);
    let secure = is_secure(&state, &parts.headers, &parts.extensions);
    let known = known_browser(&state, &parts.headers, secure).await?;
    let client = known.map_or_else(|| Client::at(address), Client::KnownBrowser);
    if let Err(wait) = state.password_attempts.wait_turn(&Purpose::OwnerSignIn, &client).await {
        tracing::warn!(client = %address, "sign-in refused: too many attempts");
        let seconds = wait.as_secs() + 1;
        let refusal = format!("Too many attempts. Try again in {seconds} seconds.");
        let mut response = pages::login_again(&state, bodiless(parts), ErrorKind::TooMany, refusal).await;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let signed_in = match state.store.sign_in(&credentials.password, now()).await {
        Err(error) if error.kind() == ErrorKind::Busy => {
            let mut response = pages::login_again(&state, bodiless(parts), ErrorKind::Busy, error.to_string()).await;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER.as_secs()));
            return Ok(response);
        }
        signed_in => signed_in?,
    };
    let Some(token) = signed_in else {
        tracing::warn!(client = %address, "sign-in refused: wrong password");
        return Ok(pages::login_again(&state, bodiless(parts), ErrorKind::Unauthorized, WRONG.to_owned()).await);
    };
    state.password_attempts.succeeded(&Purpose::OwnerSignIn, &client);
    tracing::info!(client = %address, "the owner signed in");
    let mut response = Redirect::to("/mixtapes").into_response();
    set_cookie(&mut response, &cookie(SESSION, token.as_str(), SESSION_SECONDS, secure));
    if known.is_none() {
        match state.store.remember_browser(now()).await {
            Ok(browser) => {
                set_cookie(&mut response, &cookie(KNOWN_BROWSER, browser.as_str(), KNOWN_BROWSER_SECONDS, secure));
            }
            Err(error) => tracing::warn!(%error, "the browser of the owner could not be remembered"),
        }
    }
    Ok(response)
}

/// The hash of the token of a browser in which the owner has signed in before.
async fn known_browser(state: &AppState, headers: &HeaderMap, secure: bool) -> Result<Option<[u8; 32]>, ApiError> {
    match cookies(headers, KNOWN_BROWSER.of(secure)).find_map(BrowserToken::parse) {
        Some(token) => Ok(state.store.known_browser(&token, now()).await?),
        None => Ok(None),
    }
}

fn set_cookie(response: &mut Response, cookie: &str) {
    // Tokens are hexadecimal.
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// A request whose form has been read.
fn bodiless(parts: Parts) -> Request {
    Request::from_parts(parts, Body::empty())
}

/// Ends the session; with `everywhere` in the form, those of all other browsers too.
pub(super) async fn sign_out(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let form = Form::<SignOut>::from_request(Request::from_parts(parts.clone(), body), &()).await;
    let secure = is_secure(&state, &parts.headers, &parts.extensions);
    if let Some(token) = token(&parts.headers, secure) {
        let is_owner = state.store.is_signed_in(&token, now()).await?;
        if is_owner && form.is_ok_and(|Form(form)| form.everywhere.is_some()) {
            let ended = state.store.sign_out_everywhere().await?;
            tracing::info!(ended, "the owner signed out everywhere");
        }
        state.store.sign_out(&token).await?;
    }
    let cookie = cookie(SESSION, "", 0, secure);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// Marks each request with its [`Visitor`], and refuses what another site has sent: nothing that changes anything gets
/// past here unmarked.
pub(super) async fn mark_visitor(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if !request.method().is_safe() {
        refuse_other_sites(request.headers())?;
    }
    let (mut parts, body) = request.into_parts();
    state.proxies.warn_of_untrusted(&parts.headers, &parts.extensions);
    let is_owner = is_signed_in(&state, &parts.headers, &parts.extensions).await?;
    parts.extensions.insert(if is_owner { Visitor::Owner } else { Visitor::Guest });
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// Found on the owner's requests only: a guest who wants a page is led to the sign-in, everything else is refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner;

impl<S: Sync> FromRequestParts<S> for Owner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        if Visitor::of(&parts.extensions) == Visitor::Owner {
            return Ok(Self);
        }
        if parts.method.is_safe() && pages::wants_html(&parts.headers) {
            return Err(Redirect::to("/login").into_response());
        }
        Err(ApiError::new(ErrorKind::Unauthorized, OWNER_ONLY).into_response())
    }
}

/// Browsers say where a form was sent from; one of another site is refused.
fn refuse_other_sites(headers: &HeaderMap) -> Result<(), ApiError> {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let foreign_site = !matches!(site, None | Some(b"same-origin" | b"none"));
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let foreign_origin = match (origin.and_then(|origin| origin.split_once("://")), host) {
        (Some((_, from)), Some(host)) => from != host,
        // `Origin: null` and an unreadable one come from nowhere that we know.
        (None, _) => origin.is_some(),
        (Some(_), None) => true,
    };
    if foreign_site || (site.is_none() && foreign_origin) {
        return Err(ApiError::new(ErrorKind::Forbidden, "This form was sent from another site."));
    }
    Ok(())
}

/// Whether a request comes from the owner, for routes whose requests are not marked.
pub(super) async fn is_signed_in(
    state: &AppState,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<bool, ApiError> {
    Ok(match token(headers, is_secure(state, headers, extensions)) {
        Some(token) => state.store.is_signed_in(&token, now()).await?,
        None => false,
    })
}

fn token(headers: &HeaderMap, secure: bool) -> Option<SessionToken> {
    cookies(headers, SESSION.of(secure)).next().and_then(SessionToken::parse)
}

/// The cookies of this name.
pub(super) fn cookies<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(found, _)| *found == name).map(|(_, text)| text)
}

/// Whether the cookie must never travel without encryption.
pub(super) fn is_secure(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> bool {
    state.public_url.as_deref().is_some_and(|url| url.starts_with("https:"))
        || state.proxies.is_https(headers, extensions)
}

fn cookie(name: CookieName, text: &str, seconds: i64, is_secure: bool) -> String {
    let (name, secure) = (name.of(is_secure), if is_secure { "; Secure" } else { "" });
    format!("{name}={text}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
