//! Making and changing mixtapes.
//! What a save may do and how tapes are kept is decided in `library`.

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use model::shelf::ListQuery;
use model::{Basis, Draft, Mixtape, MixtapePage, MixtapeView, Shared, Sharing, SharingChange, Slug};

use super::Refusal;

/// `POST /api/save`: saves a new tape, or over the state it is based on; 409 if there is another state by now.
#[server(endpoint = "save", prefix = "/api", input = Json)]
pub async fn save(draft: Draft, #[server(default)] based_on: Option<Basis>) -> Result<Mixtape, Refusal> {
    let services = super::services::for_owner()?;
    let draft = draft.check().map_err(|error| super::invalid(&error))?;
    let mixtape = services.store.save(&draft, based_on.as_ref(), super::services::now()).await?.mixtape;
    (services.saved)(mixtape.clone());
    Ok(mixtape)
}

/// `GET /api/mixtape?slug=…`: a tape as it is now, with what is known of its files.
#[server(name = OpenMixtape, endpoint = "mixtape", prefix = "/api", input = GetUrl)]
pub async fn mixtape(slug: Slug) -> Result<MixtapeView, Refusal> {
    let services = super::services::for_owner()?;
    let mixtape = services.store.mixtape(&slug).await?.ok_or(library::Error::NoSuchMixtape)?;
    Ok(services.store.view(mixtape, &services.index).await?)
}

/// `GET /api/mixtapes?query[search]=…`: some of the tapes of the shelf.
#[server(endpoint = "mixtapes", prefix = "/api", input = GetUrl)]
pub async fn mixtapes(#[server(default)] query: ListQuery) -> Result<MixtapePage, Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.store.list(&query).await?)
}

/// `POST /api/delete`: puts a tape into the bin.
#[server(endpoint = "delete", prefix = "/api", input = Json)]
pub async fn delete(slug: Slug) -> Result<(), Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.store.delete(&slug, super::services::now()).await?)
}

/// `POST /api/restore`: takes a tape out of the bin.
#[server(endpoint = "restore", prefix = "/api", input = Json)]
pub async fn restore(slug: Slug) -> Result<Mixtape, Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.store.restore(&slug).await?)
}

/// `POST /api/duplicate`: makes a second tape like this one.
#[server(endpoint = "duplicate", prefix = "/api", input = Json)]
pub async fn duplicate(slug: Slug) -> Result<Mixtape, Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.store.duplicate(&slug, super::services::now()).await?)
}

/// `GET /api/sharing?slug=…`: how a tape is shared.
#[server(name = OpenSharing, endpoint = "sharing", prefix = "/api", input = GetUrl)]
pub async fn sharing(slug: Slug) -> Result<Sharing, Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.store.share_settings(&slug).await?)
}

/// `POST /api/set_sharing`: shares a tape differently from now on.
#[server(endpoint = "set_sharing", prefix = "/api", input = Json)]
pub async fn set_sharing(slug: Slug, change: SharingChange) -> Result<Sharing, Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.store.set_sharing(&slug, &change).await?)
}

/// `POST /api/share`: shares a private tape, at its address or at a random one that cannot be guessed.
#[server(endpoint = "share", prefix = "/api", input = Json)]
pub async fn share(slug: Slug, #[server(default)] unguessable: bool) -> Result<Shared, Refusal> {
    let services = super::services::for_owner()?;
    let slug = if unguessable { services.store.renew_link(&slug).await? } else { slug };
    let sharing = services.store.share(&slug, super::services::now()).await?;
    Ok(Shared { slug, sharing })
}

/// `POST /api/new_link`: gives a tape an address that nobody knows yet; the old one leads nowhere.
#[server(endpoint = "new_link", prefix = "/api", input = Json)]
pub async fn new_link(slug: Slug) -> Result<Slug, Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.store.renew_link(&slug).await?)
}

/// `POST /api/rename_address`: gives a tape the address that goes with its title; the old one leads there.
#[server(endpoint = "rename_address", prefix = "/api", input = Json)]
pub async fn rename_address(slug: Slug) -> Result<Slug, Refusal> {
    let services = super::services::for_owner()?;
    Ok(services.store.rename_slug(&slug, None).await?)
}

/// `POST /api/notes`: liner notes as listeners will see them, as safe HTML.
#[server(name = ShowNotes, endpoint = "notes", prefix = "/api", input = Json)]
pub async fn notes(markdown: String) -> Result<String, Refusal> {
    super::services::for_owner()?;
    Ok(library::notes::render(&markdown).await?.html.clone())
}
