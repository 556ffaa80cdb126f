//! Import of a Mixtape Society data folder: `mixtapes/<slug>.json` with `mixtapes/covers/<slug>.jpg`, new and
//! old field names. The folder is only read; matching tracks against the music index is not done here.

use std::path::{Path, PathBuf};

use base64::Engine;
use model::{ErrorKind, GiftSettings, Millis, Mixtape, Slug, Timestamp, Track, TrackPath, UnwrapStyle};
use serde::Deserialize;
use time::{OffsetDateTime, PrimitiveDateTime, format_description::well_known::Iso8601};

use crate::mixtapes::Saved;
use crate::{Error, Store};

/// What an import did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Tapes that were not there before.
    pub created: Vec<Slug>,
    /// Tapes that were there and are older than the imported ones.
    pub updated: Vec<Slug>,
    /// Tapes that are already here in this state or a newer one.
    pub unchanged: Vec<Slug>,
    /// Files that were left out, each with the reason.
    pub skipped: Vec<(PathBuf, String)>,
    /// Tapes taken without their cover, each with the reason.
    pub without_cover: Vec<(Slug, String)>,
}

/// The original's mixtape file; every field may be missing in some version of it.
#[derive(Deserialize)]
struct OriginalMixtape {
    title: Option<String>,
    client_id: Option<String>,
    created_at: Option<String>,
    #[serde(alias = "saved_at")]
    updated_at: Option<String>,
    cover: Option<String>,
    liner_notes: Option<String>,
    creator_name: Option<String>,
    gift_flow_enabled: Option<bool>,
    unwrap_style: Option<String>,
    #[serde(alias = "show_tracklist")]
    show_tracklist_after_completion: Option<bool>,
    #[serde(default)]
    tracks: Vec<OriginalTrack>,
}

#[derive(Deserialize)]
struct OriginalTrack {
    path: String,
    /// Older files call it `title`.
    #[serde(alias = "title")]
    track: Option<String>,
    artist: Option<String>,
    album: Option<String>,
    duration: Option<OriginalDuration>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OriginalDuration {
    Clock(String),
    Seconds(f64),
}

impl Store {
    /// Imports every mixtape of a data folder, or of the `mixtapes` folder inside it. Importing the same
    /// folder again changes nothing.
    ///
    /// # Errors
    /// When the folder cannot be read or the database fails; a single bad file is only reported.
    pub async fn import_folder(&self, folder: &Path) -> Result<ImportReport, Error> {
        let inner = folder.join("mixtapes");
        let folder = if inner.is_dir() { inner } else { folder.to_owned() };
        let mut report = ImportReport::default();
        for file in json_files(&folder).await? {
            match self.import_file(&folder, &file, &mut report).await {
                Ok(()) => {}
                Err(Refused::Because(reason)) => report.skipped.push((file, reason)),
                Err(Refused::Fatal(error)) => return Err(error),
            }
        }
        Ok(report)
    }

    async fn import_file(&self, folder: &Path, file: &Path, report: &mut ImportReport) -> Result<(), Refused> {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let slug: Slug = stem.parse().map_err(|error| because(&error))?;
        let text = tokio::fs::read(file).await.map_err(|error| because(&error))?;
        let original: OriginalMixtape =
            serde_json::from_slice(&text).map_err(|error| Refused::Because(format!("not a mixtape: {error}")))?;
        let cover = original.cover.clone();
        let mut mixtape = convert(slug, original)?;

        let client_id_owner = match &mixtape.client_id {
            Some(id) => self.mixtape_by_client_id(id).await?,
            None => None,
        };
        // The same tape saved under another slug here keeps its slug: shared links must go on working.
        let there = match client_id_owner {
            Some(tape) => Some(tape),
            None => self.mixtape(&mixtape.slug).await?,
        };
        if let Some(there) = there {
            if there.updated_at >= mixtape.updated_at {
                report.unchanged.push(there.slug);
                return Ok(());
            }
            mixtape.slug = there.slug;
            mixtape.cover = there.cover;
        }
        if let Some(cover) = cover {
            match self.import_cover(folder, &cover).await {
                Ok(name) => mixtape.cover = Some(name),
                Err(Refused::Because(reason)) => report.without_cover.push((mixtape.slug.clone(), reason)),
                Err(fatal) => return Err(fatal),
            }
        }
        match self.save_mixtape(&mixtape).await? {
            Saved::Created => report.created.push(mixtape.slug),
            Saved::Updated => report.updated.push(mixtape.slug),
        }
        Ok(())
    }

    /// A cover is `covers/<file>` beside the mixtapes, or a picture inside the file as a `data:` address.
    async fn import_cover(&self, folder: &Path, cover: &str) -> Result<String, Refused> {
        let picture = if let Some(data) = cover.strip_prefix("data:") {
            let (_, encoded) = data.split_once("base64,").ok_or_else(|| Refused::Because("unknown encoding".into()))?;
            base64::engine::general_purpose::STANDARD.decode(encoded.trim()).map_err(|error| because(&error))?
        } else {
            let name = Path::new(cover).file_name().ok_or_else(|| Refused::Because("no file name".into()))?;
            let path = folder.join("covers").join(name);
            tokio::fs::read(&path).await.map_err(|error| Refused::Because(format!("{}: {error}", path.display())))?
        };
        let kept = match self.keep_upload(picture.clone()).await {
            // It was shown until now; browsers make something of what cannot be read here.
            Err(Error::DamagedPicture(_) | Error::NotAPicture) => self.keep_cover(&picture).await,
            kept => kept,
        };
        kept.map_err(|error| if error.kind() == ErrorKind::Invalid { because(&error) } else { Refused::Fatal(error) })
    }
}

/// Why a file or its cover was not taken.
enum Refused {
    Because(String),
    Fatal(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Fatal(error)
    }
}

fn because(error: &dyn std::error::Error) -> Refused {
    Refused::Because(error.to_string())
}

async fn json_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    let mut entries = tokio::fs::read_dir(folder).await.map_err(Error::file(folder))?;
    while let Some(entry) = entries.next_entry().await.map_err(Error::file(folder))? {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn convert(slug: Slug, original: OriginalMixtape) -> Result<Mixtape, Refused> {
    if original.tracks.is_empty() {
        return Err(Refused::Because("it has no tracks".into()));
    }
    let unwrap_style = match original.unwrap_style.as_deref() {
        Some(word) => word.parse().map_err(|error| because(&error))?,
        None => UnwrapStyle::Playful,
    };
    let title = shortened(original.title, Mixtape::TITLE_MAX);
    let updated_at = original.updated_at.as_deref().and_then(parse_time);
    let created_at = original.created_at.as_deref().and_then(parse_time);
    let known = updated_at.or(created_at).unwrap_or(Timestamp(0));
    Ok(Mixtape {
        slug,
        client_id: original.client_id.filter(|id| !id.is_empty()),
        title: if title.is_empty() { Mixtape::UNNAMED.into() } else { title },
        creator_name: shortened(original.creator_name, Mixtape::CREATOR_MAX),
        liner_notes: original.liner_notes.unwrap_or_default(),
        cover: None,
        gift: GiftSettings {
            flow_enabled: original.gift_flow_enabled.unwrap_or(false),
            unwrap_style,
            show_tracklist: original.show_tracklist_after_completion.unwrap_or(true),
        },
        created_at: created_at.unwrap_or(known),
        updated_at: known,
        tracks: original.tracks.into_iter().map(convert_track).collect(),
    })
}

fn convert_track(original: OriginalTrack) -> Track {
    let path = TrackPath(original.path);
    let named = original.track.filter(|title| !title.trim().is_empty());
    Track {
        title: named.unwrap_or_else(|| {
            let name = path.file_name();
            name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
        }),
        artist: original.artist.unwrap_or_default(),
        album: original.album.unwrap_or_default(),
        duration: original.duration.and_then(|duration| match duration {
            OriginalDuration::Clock(text) => Millis::parse_clock(&text),
            OriginalDuration::Seconds(seconds) => Some(Millis::from_seconds(seconds)),
        }),
        path,
    }
}

fn shortened(text: Option<String>, max: usize) -> String {
    text.unwrap_or_default().trim().chars().take(max).collect()
}

/// ISO 8601, with a zone or, as the original wrote it, without one; then it is taken as UTC.
fn parse_time(text: &str) -> Option<Timestamp> {
    let with_zone = OffsetDateTime::parse(text, &Iso8601::PARSING).ok();
    let time =
        with_zone.or_else(|| PrimitiveDateTime::parse(text, &Iso8601::PARSING).ok().map(PrimitiveDateTime::assume_utc));
    time.map(|time| Timestamp(time.unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 9, 9];

    async fn imported(files: &[(&str, &str)]) -> (tempfile::TempDir, Store, ImportReport) {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("original");
        std::fs::create_dir_all(source.join("mixtapes/covers")).unwrap();
        std::fs::write(source.join("mixtapes/covers/new.jpg"), JPEG).unwrap();
        for (name, text) in files {
            std::fs::write(source.join("mixtapes").join(name), text).unwrap();
        }
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        let report = store.import_folder(&source).await.unwrap();
        (folder, store, report)
    }

    const NEW: &str = r#"{"title": "New", "client_id": "c1", "created_at": "2024-01-02T03:04:05.678901",
        "updated_at": "2024-09-28T12:34:56", "cover": "covers/new.jpg", "liner_notes": "hi", "creator_name": "Me",
        "gift_flow_enabled": true, "unwrap_style": "elegant", "show_tracklist_after_completion": false,
        "schema_version": 2, "tracks": [{"artist": "A", "album": "B", "track": "T", "duration": "3:04",
        "path": "a/b/c.flac", "filename": "c.flac", "cover": "x"}]}"#;

    #[tokio::test]
    async fn both_generations_of_files_are_read_and_bad_ones_named() {
        let old = r#"{"saved_at": "2020-05-06T07:08:09", "tracks": [{"title": "Old", "path": "x/Some Song.mp3"}, {"path": "x/Unnamed.mp3"}]}"#;
        let (_folder, store, report) = imported(&[
            ("new.json", NEW),
            ("old.json", old),
            ("empty.json", r#"{"title": "E", "tracks": []}"#),
            ("broken.json", "{"),
            ("style.json", r#"{"unwrap_style": "loud", "tracks": [{"path": "a"}]}"#),
        ])
        .await;
        assert_eq!(report.created.len(), 2);
        assert_eq!(report.skipped.len(), 3);

        let new = store.mixtape(&"new".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((new.created_at, new.updated_at), (Timestamp(1_704_164_645), Timestamp(1_727_526_896)));
        assert_eq!(new.tracks[0].duration, Some(Millis(184_000)));
        assert_eq!(std::fs::read(store.cover_path(&new.cover.unwrap()).unwrap()).unwrap(), JPEG);
        assert!(new.gift.flow_enabled && !new.gift.show_tracklist);

        let old = store.mixtape(&"old".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(old.title, Mixtape::UNNAMED);
        assert_eq!((old.tracks[0].title.as_str(), old.tracks[1].title.as_str()), ("Old", "Unnamed"));
        assert_eq!(old.updated_at, old.created_at);
    }

    #[tokio::test]
    async fn covers_are_made_small_where_they_can_be_read() {
        let mut picture = Vec::new();
        let large = image::DynamicImage::new_rgb8(2000, 1000);
        large.write_to(&mut std::io::Cursor::new(&mut picture), image::ImageFormat::Jpeg).unwrap();
        let inside = base64::engine::general_purpose::STANDARD.encode(&picture);
        let text = NEW.replace("covers/new.jpg", &format!("data:image/jpeg;base64,{inside}"));
        let (_folder, store, _) = imported(&[("new.json", &text)]).await;
        let cover = store.mixtape(&"new".parse().unwrap()).await.unwrap().unwrap().cover.unwrap();
        let kept = image::image_dimensions(store.cover_path(&cover).unwrap()).unwrap();
        assert_eq!(kept, (1200, 600));
    }

    #[tokio::test]
    async fn a_second_import_changes_nothing_and_a_newer_file_updates() {
        let (folder, store, _) = imported(&[("new.json", NEW)]).await;
        let source = folder.path().join("original");
        let again = store.import_folder(&source).await.unwrap();
        assert_eq!((again.created.len(), again.updated.len(), again.unchanged.len()), (0, 0, 1));

        // Renamed and saved again in the original: the shared link must stay.
        std::fs::rename(source.join("mixtapes/new.json"), source.join("mixtapes/renamed.json")).unwrap();
        let newer = NEW.replace("2024-09-28", "2024-10-28").replace("\"New\"", "\"Newer\"");
        std::fs::write(source.join("mixtapes/renamed.json"), newer).unwrap();
        let report = store.import_folder(&source).await.unwrap();
        assert_eq!(report.updated, ["new".parse().unwrap()]);
        assert_eq!(store.mixtape(&"new".parse().unwrap()).await.unwrap().unwrap().title, "Newer");
    }
}
