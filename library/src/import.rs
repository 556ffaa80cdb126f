//! Import of a Mixtape Society data folder: `mixtapes/<slug>.json` with `mixtapes/covers/<slug>.jpg`, new and
//! old field names. The folder is only read; matching tracks against the music index is not done here.

use std::path::{Path, PathBuf};

use base64::Engine;
use model::{
    CoverChoice, Draft, ErrorKind, GiftSettings, Millis, Mixtape, Preferences, Slug, Timestamp, Track, TrackPath,
    UnwrapStyle, limits,
};
use serde::Deserialize;
use time::{OffsetDateTime, PrimitiveDateTime, format_description::well_known::Iso8601};
use tokio::io::AsyncReadExt;

use crate::covers::{MAX_BYTES, mime_of};
use crate::exchange::bounded;
use crate::mixtapes::{Outcome, TakenIn};
use crate::{Error, Store};

/// The original's preferences, beside the folder of mixtapes.
#[derive(Deserialize)]
struct OriginalPreferences {
    creator_name: Option<String>,
    default_gift_flow_enabled: Option<bool>,
    default_unwrap_style: Option<String>,
    default_show_tracklist: Option<bool>,
}

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
    /// Mixtapes that are private here although they were shared elsewhere, each with the reason.
    pub closed: Vec<(Slug, String)>,
    /// Whether the owner's preferences were taken over.
    pub preferences: bool,
}

impl ImportReport {
    /// Takes down what became of a tape, of which a file was read.
    pub(crate) fn take(
        &mut self,
        taken_in: Result<TakenIn, Error>,
        without_cover: Option<String>,
        file: PathBuf,
    ) -> Result<(), Error> {
        let TakenIn { slug, outcome } = match taken_in {
            Err(Error::InBin) => {
                self.skipped.push((file, "it was deleted here; it is in the bin".to_owned()));
                return Ok(());
            }
            taken_in => taken_in?,
        };
        if let Some(reason) = without_cover.filter(|_| outcome != Outcome::Unchanged) {
            self.without_cover.push((slug.clone(), reason));
        }
        match outcome {
            Outcome::Created => self.created.push(slug),
            Outcome::Updated => self.updated.push(slug),
            Outcome::Unchanged => self.unchanged.push(slug),
        }
        Ok(())
    }
}

/// The original's mixtape file; every field may be missing in some version of it.
#[derive(Deserialize)]
struct OriginalMixtape {
    title: Option<String>,
    client_id: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    /// What older files have for it; some have both.
    saved_at: Option<String>,
    cover: Option<String>,
    liner_notes: Option<String>,
    creator_name: Option<String>,
    gift_flow_enabled: Option<bool>,
    unwrap_style: Option<String>,
    show_tracklist_after_completion: Option<bool>,
    #[serde(default, deserialize_with = "bounded::tracks")]
    tracks: Vec<OriginalTrack>,
}

#[derive(Deserialize)]
struct OriginalTrack {
    path: String,
    track: Option<String>,
    /// What older files call it; some have both.
    title: Option<String>,
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
    /// Imports every mixtape of a data folder, or of the `mixtapes` folder inside it, and the preferences if none are
    /// set here. Importing the same folder again changes nothing.
    ///
    /// # Errors
    /// When the folder cannot be read or the database fails; a single bad file is only reported.
    pub async fn import_folder(&self, folder: &Path) -> Result<ImportReport, Error> {
        let inner = folder.join("mixtapes");
        let (folder, preferences) = if inner.is_dir() {
            (inner, folder.join("preferences.json"))
        } else {
            (folder.to_owned(), folder.join("../preferences.json"))
        };
        let mut report = ImportReport::default();
        match self.import_preferences(&preferences).await {
            Ok(taken) => report.preferences = taken,
            Err(Refused::Because(reason)) => report.skipped.push((preferences, reason)),
            Err(Refused::Fatal(error)) => return Err(error),
        }
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
        // Early versions named files after titles, with a space at the end if the title had one.
        let slug = stem.parse().unwrap_or_else(|_| Slug::from_title(&stem));
        let text = read(file, limits::backups::MIXTAPE_BYTES).await?;
        let original: OriginalMixtape =
            serde_json::from_slice(&text).map_err(|error| Refused::Because(format!("not a mixtape: {error}")))?;
        let cover = original.cover.clone().filter(|cover| !cover.is_empty());
        let mut mixtape = convert(slug, original)?;
        let mut without_cover = None;
        if let Some(cover) = cover {
            match self.import_cover(folder, &cover).await {
                Ok(name) => mixtape.cover = Some(name),
                Err(Refused::Because(reason)) => without_cover = Some(reason),
                Err(fatal) => return Err(fatal),
            }
        }
        Ok(report.take(self.take_in(&mixtape).await, without_cover, file.to_owned())?)
    }

    /// The owner's preferences, unless there are some here.
    async fn import_preferences(&self, file: &Path) -> Result<bool, Refused> {
        if !file.is_file() || self.has_preferences().await? {
            return Ok(false);
        }
        let text = read(file, limits::backups::MIXTAPE_BYTES).await?;
        let original: OriginalPreferences =
            serde_json::from_slice(&text).map_err(|error| Refused::Because(format!("not preferences: {error}")))?;
        let usual = GiftSettings::default();
        let gift = GiftSettings {
            flow_enabled: original.default_gift_flow_enabled.unwrap_or(usual.flow_enabled),
            unwrap_style: original
                .default_unwrap_style
                .as_deref()
                .and_then(|style| style.parse().ok())
                .unwrap_or(usual.unwrap_style),
            show_tracklist: original.default_show_tracklist.unwrap_or(usual.show_tracklist),
        };
        let creator_name = shortened(original.creator_name, Mixtape::CREATOR_MAX);
        self.set_preferences(Preferences { creator_name, gift }).await?;
        Ok(true)
    }

    /// A cover is `covers/<file>` beside the mixtapes, or a picture inside the file as a `data:` address.
    async fn import_cover(&self, folder: &Path, cover: &str) -> Result<String, Refused> {
        let picture = if let Some(data) = cover.strip_prefix("data:") {
            let (_, encoded) = data.split_once("base64,").ok_or_else(|| Refused::Because("unknown encoding".into()))?;
            base64::engine::general_purpose::STANDARD.decode(encoded.trim()).map_err(|error| because(&error))?
        } else {
            let name = Path::new(cover).file_name().ok_or_else(|| Refused::Because("no file name".into()))?;
            let path = folder.join("covers").join(name);
            read(&path, MAX_BYTES as u64).await?
        };
        // Browsers show AVIF, which nothing here can read.
        let is_avif = mime_of(&picture) == Some("image/avif");
        let kept = if is_avif { self.keep_cover(&picture).await } else { self.keep_upload(picture).await };
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

/// The bytes of a file that is no larger than this.
async fn read(file: &Path, max: u64) -> Result<Vec<u8>, Refused> {
    let named = |error: std::io::Error| Refused::Because(format!("{}: {error}", file.display()));
    let mut bytes = Vec::new();
    let opened = tokio::fs::File::open(file).await.map_err(named)?;
    opened.take(max + 1).read_to_end(&mut bytes).await.map_err(named)?;
    if bytes.len() as u64 > max {
        return Err(Refused::Because(format!("{} is too large", file.display())));
    }
    Ok(bytes)
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
    let unwrap_style = match original.unwrap_style.as_deref() {
        Some(word) => word.parse().map_err(|error| because(&error))?,
        None => UnwrapStyle::Playful,
    };
    let updated_at = original.updated_at.or(original.saved_at).as_deref().and_then(parse_time);
    let created_at = original.created_at.as_deref().and_then(parse_time);
    let known = updated_at.or(created_at).unwrap_or(Timestamp(0));
    let draft = Draft {
        client_id: original.client_id.filter(|id| !id.is_empty()),
        title: shortened(original.title, Mixtape::TITLE_MAX),
        creator_name: shortened(original.creator_name, Mixtape::CREATOR_MAX),
        liner_notes: original.liner_notes.unwrap_or_default(),
        cover: CoverChoice::Keep,
        gift: GiftSettings {
            flow_enabled: original.gift_flow_enabled.unwrap_or(false),
            unwrap_style,
            show_tracklist: original.show_tracklist_after_completion.unwrap_or(true),
        },
        tracks: original.tracks.into_iter().map(convert_track).collect(),
    };
    let draft = draft.check().map_err(|error| because(&error))?;
    Ok(draft.into_mixtape(slug, created_at.unwrap_or(known), known))
}

fn convert_track(original: OriginalTrack) -> Track {
    Track {
        path: plain_path(&original.path),
        title: original.track.or(original.title).unwrap_or_default(),
        artist: original.artist.unwrap_or_default(),
        album: original.album.unwrap_or_default(),
        duration: original.duration.and_then(|duration| match duration {
            OriginalDuration::Clock(text) => Millis::parse_clock(&text),
            OriginalDuration::Seconds(seconds) => Some(Millis::from_seconds(seconds)),
        }),
    }
}

/// Some versions wrote `./`, `../` or a slash before the path, or the slashes of Windows.
fn plain_path(path: &str) -> TrackPath {
    let path = if path.contains('/') { path.to_owned() } else { path.replace('\\', "/") };
    let names: Vec<_> = path.split('/').filter(|name| !matches!(*name, "" | "." | "..")).collect();
    TrackPath(names.join("/").replace('\0', ""))
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
