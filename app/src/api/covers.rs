//! Covers that are made for a tape.
//! How they look is decided in `library`.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::Refusal;

/// `POST /api/compose_cover`: a picture of the covers of these releases, one folder for each track; answers its file
/// name below `/covers/`.
#[server(endpoint = "compose_cover", prefix = "/api", input = Json)]
#[allow(clippy::unused_async)]
pub async fn compose(folders: Vec<String>) -> Result<String, Refusal> {
    let services = super::services::for_owner()?;
    let _ = (services, folders);
    Err(super::refused(model::ErrorKind::NotFound, "Later."))
}

/// `POST /api/draw_cover`: a picture drawn for this title, always the same one; answers its file name.
#[server(endpoint = "draw_cover", prefix = "/api", input = Json)]
#[allow(clippy::unused_async)]
pub async fn draw(title: String) -> Result<String, Refusal> {
    let services = super::services::for_owner()?;
    let _ = (services, title);
    Err(super::refused(model::ErrorKind::NotFound, "Later."))
}
