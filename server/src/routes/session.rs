//! `POST /login` and `POST /logout`, and the question whether a request comes from the owner.
//! Passwords and sessions are kept in `library`.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::Form;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{self, HeaderMap, HeaderValue};
use library::owner::{SESSION_SECONDS, SessionToken};
use model::{ErrorKind, Timestamp};
use serde::Deserialize;

use super::pages;
use crate::AppState;
use crate::error::ApiError;

const COOKIE: &str = "ferric_session";

#[derive(Deserialize)]
pub(super) struct Credentials {
    password: String,
}

/// Signs the owner in and leads to the mixtapes; a wrong password shows the form again.
pub(super) async fn sign_in(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    refuse_other_sites(request.headers())?;
    let wrong_form = |_| ApiError::new(ErrorKind::Invalid, "The form needs a password.");
    let (parts, body) = request.into_parts();
    let form = Request::from_parts(parts.clone(), body);
    let Form(credentials) =
        <Form<Credentials> as axum::extract::FromRequest<()>>::from_request(form, &()).await.map_err(wrong_form)?;
    let Some(token) = state.store.sign_in(&credentials.password, now()).await? else {
        tracing::warn!("sign-in refused: wrong password");
        return Ok(pages::login_again(&state, Request::from_parts(parts, axum::body::Body::empty())).await);
    };
    tracing::info!("the owner signed in");
    Ok(([(header::SET_COOKIE, cookie(&state, token.as_str(), SESSION_SECONDS))], Redirect::to("/mixtapes"))
        .into_response())
}

/// Ends the session.
pub(super) async fn sign_out(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, ApiError> {
    refuse_other_sites(&headers)?;
    if let Some(token) = token(&headers) {
        state.store.sign_out(&token).await?;
    }
    Ok(([(header::SET_COOKIE, cookie(&state, "", 0))], Redirect::to("/")).into_response())
}

/// Whether the request carries an open session.
pub(super) async fn is_owner(state: &AppState, headers: &HeaderMap) -> Result<bool, ApiError> {
    match token(headers) {
        Some(token) => Ok(state.store.is_signed_in(&token, now()).await?),
        None => Ok(false),
    }
}

/// Refuses whoever is not the owner.
pub(super) async fn require_owner(state: &AppState, headers: &HeaderMap) -> Result<(), ApiError> {
    if is_owner(state, headers).await? {
        return Ok(());
    }
    Err(ApiError::new(ErrorKind::Unauthorized, "This is for the owner. Sign in first."))
}

/// Browsers say where a form was sent from; one of another site is refused.
pub(super) fn refuse_other_sites(headers: &HeaderMap) -> Result<(), ApiError> {
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

fn token(headers: &HeaderMap) -> Option<SessionToken> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).and_then(|(_, text)| SessionToken::parse(text))
}

fn cookie(state: &AppState, text: &str, seconds: i64) -> String {
    let https = state.public_url.as_deref().is_some_and(|url| url.starts_with("https:"));
    let secure = if https { "; Secure" } else { "" };
    format!("{COOKIE}={text}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
