//! A store in a temporary folder, and drafts to put into it.
//! What becomes of them is for the tests to say.

use library::Store;
use library::mixtapes::Saved;
use model::{Basis, CoverChoice, Draft, GiftSettings, Millis, Mixtape, Timestamp, Track, TrackPath};
use tempfile::TempDir;

pub const NOW: Timestamp = Timestamp(1_700_000_000);
pub const JPEG: &[u8] = include_bytes!("../files/inks.jpg");

pub struct Shelf {
    pub store: Store,
    pub folder: TempDir,
}

impl Shelf {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { store: Store::open(folder.path()).await.unwrap(), folder }
    }

    /// Saves a new tape with this title and tracks of these names.
    pub async fn tape(&self, title: &str, tracks: &[&str]) -> Mixtape {
        self.create(draft(title, tracks)).await.unwrap().mixtape
    }

    pub async fn create(&self, draft: Draft) -> Result<Saved, library::Error> {
        self.store.save(&draft.check().unwrap(), None, NOW).await
    }

    /// Saves over the state that an editor has before it.
    pub async fn update(&self, before: &Mixtape, draft: Draft) -> Result<Saved, library::Error> {
        let later = Timestamp(NOW.0 + 60);
        self.store.save(&draft.check().unwrap(), Some(&basis(before)), later).await
    }

    pub async fn slugs(&self) -> Vec<String> {
        self.store.mixtapes().await.unwrap().into_iter().map(|tape| tape.slug.to_string()).collect()
    }
}

pub fn basis(mixtape: &Mixtape) -> Basis {
    Basis { slug: mixtape.slug.clone(), revision: mixtape.revision }
}

pub fn draft(title: &str, tracks: &[&str]) -> Draft {
    Draft {
        client_id: None,
        title: title.to_owned(),
        creator_name: "Ada".to_owned(),
        liner_notes: "*hi*".to_owned(),
        cover: CoverChoice::Keep,
        gift: GiftSettings::default(),
        tracks: tracks.iter().map(|name| track(name)).collect(),
    }
}

pub fn track(name: &str) -> Track {
    Track {
        path: TrackPath(format!("{name}.mp3")),
        title: name.to_owned(),
        artist: "Somebody".to_owned(),
        album: "Anything".to_owned(),
        duration: Some(Millis(1000)),
    }
}

pub fn titles(mixtape: &Mixtape) -> Vec<&str> {
    mixtape.tracks.iter().map(|track| track.title.as_str()).collect()
}
