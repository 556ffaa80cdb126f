//! Signed addresses of the audio of a mixtape: they name no file, expire, and become invalid as soon as the mixtape is
//! made private or gets another link or password. What is sent for such an address is decided in `server`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use model::limits::media::{DAY_SECONDS, SIGNED_DAYS};
use model::{Access, MediaAddress, Mixtape, Timestamp, TrackPath};
use sha2::Sha256;
use sqlx::{Row, SqlitePool};

use crate::sharing::sharing_from;
use crate::{Error, Store};

/// The name of the key in the settings table.
const KEY_SETTING: &str = "media_key";

/// Bytes of a track's fingerprint: enough that no two tracks of a mixtape have the same.
const FINGERPRINT_BYTES: usize = 8;

/// The secret behind all signatures. It never leaves the database.
#[derive(Clone)]
pub(crate) struct MediaKey(Hmac<Sha256>);

/// The key must not appear in logs.
impl std::fmt::Debug for MediaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MediaKey")
    }
}

impl MediaKey {
    /// The key of this database; a new one at the first start.
    pub(crate) async fn of(pool: &SqlitePool) -> Result<Self, Error> {
        let made = hex::encode(rand::random::<[u8; 32]>());
        // Two processes that start at once agree on one.
        let query = "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING";
        sqlx::query(query).bind(KEY_SETTING).bind(made).execute(pool).await?;
        let query = "SELECT value FROM settings WHERE key = ?";
        let kept: String = sqlx::query_scalar(query).bind(KEY_SETTING).fetch_one(pool).await?;
        let corrupt = || Error::Corrupt("settings.media_key");
        let bytes = hex::decode(kept).map_err(|_| corrupt())?;
        Hmac::new_from_slice(&bytes).map(Self).map_err(|_| corrupt())
    }

    fn mac(&self, purpose: &str, parts: [&str; 4]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }

    /// Identifies a track of a mixtape without naming its file.
    fn fingerprint(&self, mixtape: i64, path: &TrackPath) -> String {
        let mac = self.mac("track", [&mixtape.to_string(), &path.0, "", ""]);
        hex::encode(&mac.finalize().into_bytes()[..FINGERPRINT_BYTES])
    }

    fn signing(&self, mixtape: i64, generation: i64, track: &str, expires: i64) -> Hmac<Sha256> {
        self.mac("media", [&mixtape.to_string(), &generation.to_string(), track, &expires.to_string()])
    }
}

/// A signed address as it was requested.
#[derive(Debug, Clone, Copy)]
pub struct SignedMedia<'a> {
    /// Which mixtape.
    pub mixtape: &'a str,
    /// Which of its tracks.
    pub track: &'a str,
    /// Until when it holds.
    pub expires: &'a str,
    /// The signature.
    pub signature: &'a str,
}

/// What a signed address opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedMedia {
    /// The track's file.
    pub path: TrackPath,
    /// Its place on the mixtape, from 0.
    pub position: usize,
    /// The names of the tracks are a secret, those of their files too.
    pub is_secret: bool,
}

impl Store {
    /// The addresses of the audio of a mixtape's tracks, in order. They are signed where the owner has restricted who
    /// may listen, where the names are a secret, and with `sign_all` everywhere; but not while only the owner may
    /// listen.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`], or when the database fails.
    pub async fn media_addresses(
        &self,
        mixtape: &Mixtape,
        sign_all: bool,
        now: Timestamp,
    ) -> Result<Vec<MediaAddress>, Error> {
        let query = "SELECT id, access, expires_at, downloads, link_generation FROM mixtapes \
                     WHERE slug = ? AND deleted_at IS NULL";
        let row = sqlx::query(query).bind(mixtape.slug.as_str()).fetch_optional(&self.pool).await?;
        let row = row.ok_or(Error::NoSuchMixtape)?;
        let sharing = sharing_from(&row)?;
        let is_restricted = sign_all || sharing.is_restricted() || mixtape.gift.keeps_a_secret();
        if !is_restricted || sharing.access_at(now, true) != Access::Open {
            return Ok(mixtape.tracks.iter().map(|track| MediaAddress::of_path(&track.path)).collect());
        }
        let (id, generation) = (row.try_get("id")?, row.try_get("link_generation")?);
        // The same for a day, so that browsers can use their caches.
        let expires = (now.0.div_euclid(DAY_SECONDS) + SIGNED_DAYS) * DAY_SECONDS;
        let expires = sharing.expires_at.map_or(expires, |end| end.0.min(expires));
        let address = |(position, track): (usize, &model::Track)| {
            let track = format!("{position}-{}", self.media_key.fingerprint(id, &track.path));
            let signature = self.media_key.signing(id, generation, &track, expires).finalize().into_bytes();
            MediaAddress::signed(id, &track, expires, &URL_SAFE_NO_PAD.encode(signature))
        };
        Ok(mixtape.tracks.iter().enumerate().map(address).collect())
    }

    /// The file behind a signed address, which has to be valid at this moment.
    ///
    /// # Errors
    /// [`Error::BadMediaAddress`] when it was never given, has ended or was taken back, or when the track is not on the
    /// mixtape any more; or when the database fails.
    pub async fn open_media(&self, asked: &SignedMedia<'_>, now: Timestamp) -> Result<OpenedMedia, Error> {
        let bad = || Error::BadMediaAddress;
        let id: i64 = asked.mixtape.parse().map_err(|_| bad())?;
        let expires: i64 = asked.expires.parse().map_err(|_| bad())?;
        let signature = URL_SAFE_NO_PAD.decode(asked.signature).map_err(|_| bad())?;
        let (position, fingerprint) = asked.track.split_once('-').ok_or_else(bad)?;
        let position: i64 = position.parse().map_err(|_| bad())?;
        let query = "SELECT access, expires_at, downloads, link_generation, gift_flow_enabled, show_tracklist, \
                     (SELECT path FROM mixtape_tracks WHERE mixtape_id = id AND position = ?) AS path \
                     FROM mixtapes WHERE id = ? AND deleted_at IS NULL";
        let row = sqlx::query(query).bind(position).bind(id).fetch_optional(&self.pool).await?.ok_or_else(bad)?;
        let signed = self.media_key.signing(id, row.try_get("link_generation")?, asked.track, expires);
        signed.verify_slice(&signature).map_err(|_| bad())?;
        if expires <= now.0 || sharing_from(&row)?.access_at(now, true) != Access::Open {
            return Err(bad());
        }
        let is_secret = row.try_get("gift_flow_enabled")? && !row.try_get::<bool, _>("show_tracklist")?;
        let is_it = |path: &TrackPath| self.media_key.fingerprint(id, path) == fingerprint;
        let path = row.try_get::<Option<String>, _>("path")?.map(TrackPath).filter(is_it);
        if let Some(path) = path {
            return Ok(OpenedMedia { path, position: usize::try_from(position).map_err(|_| bad())?, is_secret });
        }
        // The tape was changed since, and the track may be somewhere else on it.
        let query = "SELECT path FROM mixtape_tracks WHERE mixtape_id = ? ORDER BY position";
        let paths: Vec<String> = sqlx::query_scalar(query).bind(id).fetch_all(&self.pool).await?;
        let found = paths.into_iter().map(TrackPath).enumerate().find(|(_, path)| is_it(path));
        found.map(|(position, path)| OpenedMedia { path, position, is_secret }).ok_or_else(bad)
    }
}
