//! `GET /og/<slug>.jpg`: the picture that messengers and other sites show with the link of a mixtape.
//! What is on it is decided in `library`.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use library::covers::preview_version;

use super::{covers, lookup, qr};
use crate::AppState;
use crate::error::ApiError;

/// The address that pages give has the version of the picture behind it, and is another one for another picture.
pub(super) async fn picture(
    State(state): State<AppState>,
    file: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let Path(file) = file.map_err(|_| lookup::no_such_mixtape())?;
    let slug = file.strip_suffix(".jpg").ok_or_else(lookup::no_such_mixtape)?;
    let (mixtape, may_keep) = qr::find(&state, slug, request.headers(), request.extensions()).await?;
    let query = request.uri().query().unwrap_or_default();
    let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "v").map(|(_, version)| version);
    let is_current = asked.is_some_and(|version| version == preview_version(&mixtape));
    let caching = if is_current && may_keep == qr::CACHE_CONTROL { super::IMMUTABLE } else { may_keep };
    let preview = state.covers.preview_of(&mixtape).await?;
    Ok(covers::picture(request.method(), request.headers(), preview, caching))
}
