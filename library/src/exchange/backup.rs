//! A backup: all mixtapes of the shelf with their covers as one archive, a JSON file each, in a layout of its own that
//! does not change when the program's types do. Reading one back is done in `restore`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use model::{
    CoverChoice, Draft, GiftSettings, Millis, Mixtape, Preferences, ShareAccess, Sharing, Slug, Timestamp, Track,
    TrackPath, limits,
};
use serde::{Deserialize, Serialize};

use super::archive::{Archive, Content};
use super::bounded;
use super::spool::Spool;
use crate::mixtapes::Kept;
use crate::{Error, Store, password_hash};

/// Raised with every change of the layout that an older program would misunderstand.
pub(super) const SCHEMA: u32 = 1;

/// The file that says what the archive is.
pub(super) const MANIFEST: &str = "ferric-backup.json";
pub(super) const FORMAT: &str = "ferric mixtapes";
pub(super) const MIXTAPES: &str = "mixtapes/";
pub(super) const COVERS: &str = "covers/";

#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: String,
    pub(super) schema: u32,
    /// Seconds since 1970.
    created_at: i64,
    mixtapes: u64,
    pub(super) preferences: Option<PreferencesFile>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PreferencesFile {
    creator_name: String,
    gift: Gift,
}

#[derive(Serialize, Deserialize)]
struct Gift {
    flow_enabled: bool,
    unwrap_style: String,
    show_tracklist: bool,
}

/// One mixtape.
#[derive(Serialize, Deserialize)]
pub(super) struct MixtapeFile {
    slug: Slug,
    /// Addresses that lead to it, too.
    old_slugs: Vec<Slug>,
    client_id: Option<String>,
    title: String,
    creator_name: String,
    liner_notes: String,
    /// The name of a file among the covers.
    pub(super) cover: Option<String>,
    gift: Gift,
    /// Seconds since 1970.
    created_at: i64,
    updated_at: i64,
    sharing: SharingFile,
    plays: u64,
    #[serde(deserialize_with = "bounded::tracks")]
    tracks: Vec<TrackFile>,
}

#[derive(Serialize, Deserialize)]
struct SharingFile {
    access: String,
    /// Argon2id, as the store keeps it.
    password_hash: Option<String>,
    expires_at: Option<i64>,
    downloads: bool,
}

#[derive(Serialize, Deserialize)]
struct TrackFile {
    path: String,
    title: String,
    artist: String,
    album: String,
    duration_ms: Option<u64>,
}

impl Store {
    /// Packs all mixtapes that are not in the trash, in the state of one moment. Each is written to a file without a
    /// name in the data folder, so that memory holds one of them at a time. Covers are read when the archive is.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable, or the disk is full.
    pub async fn backup(&self, now: Timestamp) -> Result<Archive, Error> {
        let preferences = if self.has_preferences().await? { Some(self.preferences().await?) } else { None };
        let mut state = self.snapshot().await?;
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            schema: SCHEMA,
            created_at: now.0,
            mixtapes: state.count(),
            preferences: preferences
                .map(|wanted| PreferencesFile { creator_name: wanted.creator_name, gift: Gift::of(wanted.gift) }),
        };
        let mut archive = Archive::new();
        archive.push_bytes(MANIFEST, now, json(&manifest)?);
        let mut spool = Spool::new(self.folder()).await?;
        let mut covers = BTreeSet::new();
        while let Some((mixtape, kept)) = state.next().await? {
            if let Some((path, size)) = self.cover_file(&mixtape).await
                && let Some(name) = mixtape.cover.as_ref().filter(|name| covers.insert((*name).clone()))
            {
                archive.push(format!("{COVERS}{name}"), size, mixtape.updated_at, Content::File(path));
            }
            let name = format!("{MIXTAPES}{}.json", mixtape.slug);
            let modified = mixtape.updated_at;
            let part = spool.write(json(&MixtapeFile::of(mixtape, kept))?).await?;
            archive.push(name, part.size(), modified, Content::Spooled(part));
        }
        Ok(archive)
    }

    /// Where the cover of a mixtape lies, and its size; none if it has none or the file is gone.
    pub(super) async fn cover_file(&self, mixtape: &Mixtape) -> Option<(PathBuf, u64)> {
        let path = self.cover_path(mixtape.cover.as_deref()?)?;
        let metadata = tokio::fs::metadata(&path).await.ok()?;
        Some((path, metadata.len()))
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec_pretty(value).map_err(|_| Error::Corrupt("the mixtapes"))
}

impl Gift {
    fn of(gift: GiftSettings) -> Self {
        let GiftSettings { flow_enabled, unwrap_style, show_tracklist } = gift;
        Self { flow_enabled, unwrap_style: unwrap_style.name().to_owned(), show_tracklist }
    }

    fn into_settings(self) -> GiftSettings {
        // A style of a later version is shown as the usual one.
        let unwrap_style = self.unwrap_style.parse().unwrap_or(GiftSettings::default().unwrap_style);
        GiftSettings { flow_enabled: self.flow_enabled, unwrap_style, show_tracklist: self.show_tracklist }
    }
}

impl PreferencesFile {
    pub(super) fn into_preferences(self) -> Preferences {
        let creator_name = self.creator_name.trim().chars().take(Mixtape::CREATOR_MAX).collect();
        Preferences { creator_name, gift: self.gift.into_settings() }
    }
}

impl MixtapeFile {
    fn of(mixtape: Mixtape, kept: Kept) -> Self {
        let track = |track: Track| TrackFile {
            path: track.path.0,
            title: track.title,
            artist: track.artist,
            album: track.album,
            duration_ms: track.duration.map(|length| length.0),
        };
        Self {
            slug: mixtape.slug,
            old_slugs: kept.old_slugs,
            client_id: mixtape.client_id,
            title: mixtape.title,
            creator_name: mixtape.creator_name,
            liner_notes: mixtape.liner_notes,
            cover: mixtape.cover,
            gift: Gift::of(mixtape.gift),
            created_at: mixtape.created_at.0,
            updated_at: mixtape.updated_at.0,
            sharing: SharingFile {
                access: kept.sharing.access.name().to_owned(),
                password_hash: kept.password,
                expires_at: kept.sharing.expires_at.map(|time| time.0),
                downloads: kept.sharing.downloads,
            },
            plays: kept.plays,
            tracks: mixtape.tracks.into_iter().map(track).collect(),
        }
    }

    /// The mixtape without its cover, which has to be kept first, if it meets the rules of a save.
    ///
    /// # Errors
    /// The first rule that it does not meet, as a sentence.
    pub(super) fn into_parts(self) -> Result<Parts, String> {
        let track = |file: TrackFile| {
            let path = TrackPath(file.path);
            let duration = file.duration_ms.map(Millis);
            Track { path, title: file.title, artist: file.artist, album: file.album, duration }
        };
        let draft = Draft {
            client_id: self.client_id.filter(|id| !id.is_empty()),
            title: self.title.trim().chars().take(Mixtape::TITLE_MAX).collect(),
            creator_name: self.creator_name.trim().chars().take(Mixtape::CREATOR_MAX).collect(),
            liner_notes: self.liner_notes,
            cover: CoverChoice::Keep,
            gift: self.gift.into_settings(),
            tracks: self.tracks.into_iter().map(track).collect(),
        };
        let draft = draft.check().map_err(|error| error.to_string())?;
        let mixtape = draft.into_mixtape(self.slug, time(self.created_at), time(self.updated_at));
        let (access, closed) = self.sharing.access();
        let kept = Kept {
            sharing: Sharing {
                access,
                expires_at: self.sharing.expires_at.map(Timestamp),
                downloads: self.sharing.downloads,
            },
            password: self.sharing.password_hash.filter(|hash| {
                access != ShareAccess::Public && closed.is_none() && password_hash::is_within_limits(hash)
            }),
            old_slugs: self.old_slugs.into_iter().take(limits::backups::OLD_SLUGS).collect(),
            plays: self.plays,
        };
        Ok(Parts { mixtape, kept, closed })
    }
}

/// What a file of a mixtape becomes.
pub(super) struct Parts {
    pub(super) mixtape: Mixtape,
    pub(super) kept: Kept,
    /// Why it is private although the backup says otherwise.
    pub(super) closed: Option<&'static str>,
}

impl SharingFile {
    /// Who may listen. What could open a mixtape to more people than the owner wanted closes it instead, with a reason.
    fn access(&self) -> (ShareAccess, Option<&'static str>) {
        match (ShareAccess::named(&self.access), &self.password_hash) {
            (Some(ShareAccess::Password), None) => (ShareAccess::Private, Some("its password is not in the backup")),
            (Some(ShareAccess::Password), Some(hash)) if !password_hash::is_within_limits(hash) => {
                (ShareAccess::Private, Some("its password is stored in a way that is not accepted; choose a new one"))
            }
            (None, _) => (ShareAccess::Private, Some("the backup does not say clearly who may listen")),
            (Some(access), _) => (access, None),
        }
    }
}

/// A time of a mixtape: within the years that calendars have.
fn time(seconds: i64) -> Timestamp {
    const END_OF_9999: i64 = 253_402_300_799;
    Timestamp(seconds.clamp(0, END_OF_9999))
}
