//! Covers that are made for a tape.
//! How they look is decided in `library`.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::Refusal;

/// `POST /api/compose_cover`: a picture of the covers of these releases, one folder for each track; answers its file
/// name below `/covers/`. With a grid it has that many covers a side.
#[server(endpoint = "compose_cover", prefix = "/api", input = Json)]
pub async fn compose(folders: Vec<String>, #[server(default)] grid: Option<u8>) -> Result<String, Refusal> {
    let services = super::services::for_owner()?;
    let none = || super::refused(model::ErrorKind::NotFound, "None of these songs has a cover.");
    services.covers.compose(&folders, grid).await?.ok_or_else(none)
}

/// `POST /api/draw_cover`: a picture drawn for this title; each variant is another one. Answers its file name.
#[server(endpoint = "draw_cover", prefix = "/api", input = Json)]
pub async fn draw(title: String, #[server(default)] variant: u32) -> Result<String, Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.covers.generate(&title, variant).await?)
}
