//! `/editor/preferences`: what new mixtapes begin with, and where backups are made and taken in.
//! Keeping them is the business of `library`.

use app::page::{Page, PreferencesPage};
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::progress::RESTORE;
use model::{ErrorKind, GiftSettings, Preferences, UnwrapStyle};
use serde::Deserialize;

use super::pages;
use super::session::Owner;
use crate::AppState;
use crate::error::ApiError;

/// The part of the page that is about backups.
pub(super) const BACKUP: &str = "/editor/preferences#backup";

/// What the form that was sent has led to.
#[derive(Deserialize)]
pub(super) struct Done {
    saved: Option<String>,
}

/// `GET /editor/preferences`: the page.
pub(super) async fn page(
    _: Owner,
    State(state): State<AppState>,
    done: Result<Query<Done>, QueryRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let page = PreferencesPage {
        preferences: state.store.preferences().await?,
        is_saved: done.is_ok_and(|Query(done)| done.saved.is_some()),
        jobs: state.progress.latest().into_iter().filter(|report| report.task_id == RESTORE).collect(),
    };
    Ok(pages::render(&state, Page::Preferences(Box::new(page)), request).await)
}

/// The form. What is not ticked is not sent.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    creator_name: String,
    gift_flow_enabled: Option<String>,
    unwrap_style: Option<UnwrapStyle>,
    keeps_a_secret: Option<String>,
}

/// `POST /editor/preferences`: sets them.
pub(super) async fn set(
    _: Owner,
    State(state): State<AppState>,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, ApiError> {
    let Form(wanted) = wanted.map_err(|_| ApiError::new(ErrorKind::Invalid, "The form cannot be understood."))?;
    let gift = GiftSettings {
        flow_enabled: wanted.gift_flow_enabled.is_some(),
        unwrap_style: wanted.unwrap_style.unwrap_or(GiftSettings::default().unwrap_style),
        show_tracklist: wanted.keeps_a_secret.is_none(),
    };
    state.store.set_preferences(Preferences { creator_name: wanted.creator_name, gift }).await?;
    Ok(Redirect::to("/editor/preferences?saved").into_response())
}
