//! Saving what an editor sends: a new tape gets an address, one that is there changes only if nobody else has changed
//! it meanwhile. The rules of a draft itself are in `model`.

use std::collections::HashMap;

use model::{Basis, CheckedDraft, CoverChoice, Mixtape, Revision, Slug, Timestamp, Track};
use sqlx::SqliteConnection;

use super::slugs::{free_slug, stored_by_any_slug};
use super::{Outcome, Stored, stored_by_client_id, write};
use crate::{Error, Store};

/// What a save has led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The tape as it is now.
    pub mixtape: Mixtape,
    /// What happened to it.
    pub outcome: Outcome,
}

impl Store {
    /// Saves a draft: as a new tape, or over the state on which it is based. A save that was done before, as one that
    /// is tried again after its answer was lost, changes nothing and answers the tape.
    ///
    /// # Errors
    /// [`Error::Conflict`] with the tape as it is now, if another state was saved since, or if there is no basis and
    /// another draft was saved with the same client id. [`Error::NoSuchMixtape`] and [`Error::InBin`] for a basis that
    /// is not on the shelf, [`Error::NoSuchCover`] for a cover that was not kept. Nothing has changed then.
    pub async fn save(&self, draft: &CheckedDraft, based_on: Option<&Basis>, now: Timestamp) -> Result<Saved, Error> {
        // From here on there is only one writer at a time, so that two cannot both find nothing.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        // Covers are only removed in a transaction of their own.
        if let CoverChoice::File(name) = &draft.cover {
            self.check_cover(name).await?;
        }
        let there = match (based_on, &draft.client_id) {
            (Some(basis), _) => {
                Some(stored_by_any_slug(&mut transaction, &basis.slug).await?.ok_or(Error::NoSuchMixtape)?)
            }
            (None, Some(client_id)) => stored_by_client_id(&mut transaction, client_id).await?,
            (None, None) => None,
        };
        let saved = match there {
            Some(there) if there.is_deleted => return Err(Error::InBin),
            Some(there) if draft.changes_nothing_of(&there.mixtape) => {
                return Ok(Saved { mixtape: there.mixtape, outcome: Outcome::Unchanged });
            }
            Some(there) if based_on.is_some_and(|basis| basis.revision == there.mixtape.revision) => {
                update(&mut transaction, there, draft, now).await?
            }
            Some(there) => return Err(Error::Conflict(Box::new(there.mixtape))),
            None => create(&mut transaction, draft, now).await?,
        };
        transaction.commit().await?;
        Ok(saved)
    }

    async fn check_cover(&self, name: &str) -> Result<(), Error> {
        let path = self.cover_path(name).ok_or(Error::NoSuchCover)?;
        let is_there = tokio::fs::try_exists(&path).await.map_err(Error::file(&path))?;
        if is_there { Ok(()) } else { Err(Error::NoSuchCover) }
    }
}

async fn create(connection: &mut SqliteConnection, draft: &CheckedDraft, now: Timestamp) -> Result<Saved, Error> {
    let mixtape = Mixtape {
        slug: free_slug(connection, &Slug::from_title(&draft.title), None).await?,
        client_id: draft.client_id.clone(),
        revision: Revision::default(),
        title: draft.title.clone(),
        creator_name: draft.creator_name.clone(),
        liner_notes: draft.liner_notes.clone(),
        cover: chosen(&draft.cover, None),
        gift: draft.gift,
        created_at: now,
        updated_at: now,
        tracks: draft.tracks.clone(),
    };
    write(connection, None, &mixtape).await?;
    Ok(Saved { mixtape, outcome: Outcome::Created })
}

async fn update(
    connection: &mut SqliteConnection,
    there: Stored,
    draft: &CheckedDraft,
    now: Timestamp,
) -> Result<Saved, Error> {
    let before = there.mixtape;
    let mixtape = Mixtape {
        revision: Revision(before.revision.0 + 1),
        title: draft.title.clone(),
        creator_name: draft.creator_name.clone(),
        liner_notes: draft.liner_notes.clone(),
        cover: chosen(&draft.cover, before.cover),
        gift: draft.gift,
        // A clock that was put back does not make a save look older than the one before it.
        updated_at: now.max(before.updated_at),
        tracks: with_known_names(&draft.tracks, &before.tracks),
        ..before
    };
    write(connection, Some(there.id), &mixtape).await?;
    Ok(Saved { mixtape, outcome: Outcome::Updated })
}

fn chosen(cover: &CoverChoice, before: Option<String>) -> Option<String> {
    match cover {
        CoverChoice::Keep => before,
        CoverChoice::None => None,
        CoverChoice::File(name) => Some(name.clone()),
    }
}

/// What the store knows of a file is newer than what a page was rendered with.
fn with_known_names(wanted: &[Track], known: &[Track]) -> Vec<Track> {
    let known: HashMap<_, _> = known.iter().map(|track| (&track.path, track)).collect();
    wanted.iter().map(|track| (*known.get(&track.path).unwrap_or(&track)).clone()).collect()
}
