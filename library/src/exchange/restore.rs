//! Reading a backup: mixtapes that are not here come back, older ones are brought up to date, and whatever is newer
//! here stays. Names in the archive are never names on the disk, and no more is unpacked than such a file can hold.

use std::io::{Read, Seek};
use std::path::PathBuf;

use model::{Mixtape, Preferences};
use tokio::sync::mpsc;
use zip::ZipArchive;
use zip::result::ZipError;

use super::backup::{COVERS, FORMAT, MANIFEST, MIXTAPES, Manifest, MixtapeFile, SCHEMA};
use crate::covers::MAX_BYTES;
use crate::import::ImportReport;
use crate::mixtapes::Kept;
use crate::{Error, Store};

/// The largest file of a mixtape, in bytes: ten thousand tracks with long names.
const MAX_JSON: u64 = 40_000_000;

/// More files are in no backup.
const MAX_FILES: usize = 200_000;

/// How much larger than the archive its content may be, all in all: text packs well, but not as well as a bomb.
const MAX_RATIO: u64 = 64;
const ALWAYS_ALLOWED: u64 = 100_000_000;

/// What was read of a backup.
enum Unpacked {
    /// So many mixtapes are in it.
    Count(u64),
    Preferences(Preferences),
    Mixtape(Box<(Mixtape, Kept)>, Option<Result<Vec<u8>, String>>),
    /// A file that was left out, with the reason.
    Skipped(PathBuf, String),
}

impl Store {
    /// Takes in a backup, and tells how many of its mixtapes are done, and of how many. Doing so again changes nothing.
    ///
    /// # Errors
    /// [`Error::BadBackup`] if it is none, or is made to take up all memory or disk; or when the database fails. What
    /// was taken in until then stays.
    pub async fn restore_backup(
        &self,
        archive: impl Read + Seek + Send + 'static,
        tell: impl Fn(u64, u64) + Send,
    ) -> Result<ImportReport, Error> {
        let (sender, mut unpacked) = mpsc::channel(2);
        let reading = tokio::task::spawn_blocking(move || unpack(archive, &sender));
        let mut report = ImportReport::default();
        let (mut done, mut count) = (0, 0);
        while let Some(unpacked) = unpacked.recv().await {
            match unpacked {
                Unpacked::Count(mixtapes) => count = mixtapes,
                Unpacked::Preferences(preferences) => {
                    if !self.has_preferences().await? {
                        self.set_preferences(preferences).await?;
                        report.preferences = true;
                    }
                }
                Unpacked::Mixtape(parts, cover) => {
                    self.restore_one(*parts, cover, &mut report).await?;
                    done += 1;
                }
                Unpacked::Skipped(file, reason) => {
                    done += u64::from(is_mixtape(&file.to_string_lossy()));
                    report.skipped.push((file, reason));
                }
            }
            tell(done, count);
        }
        reading.await.map_err(|_| Error::BadBackup("it could not be read".to_owned()))??;
        Ok(report)
    }

    async fn restore_one(
        &self,
        (mut mixtape, kept): (Mixtape, Kept),
        cover: Option<Result<Vec<u8>, String>>,
        report: &mut ImportReport,
    ) -> Result<(), Error> {
        let mut without_cover = None;
        match cover {
            Some(Ok(picture)) => match self.keep_cover(&picture).await {
                Ok(name) => mixtape.cover = Some(name),
                Err(error @ (Error::NotAPicture | Error::PictureTooLarge)) => without_cover = Some(error.to_string()),
                Err(error) => return Err(error),
            },
            Some(Err(reason)) => without_cover = Some(reason),
            None => {}
        }
        let file = PathBuf::from(format!("{MIXTAPES}{}.json", mixtape.slug));
        report.take(self.take_in_with(&mixtape, Some(&kept)).await, without_cover, file)
    }
}

/// Reads an archive and tells what is in it, until the end or until nobody listens.
fn unpack(archive: impl Read + Seek, sender: &mpsc::Sender<Unpacked>) -> Result<(), Error> {
    let mut unpacking = Unpacking::open(archive)?;
    let manifest = unpacking.read(MANIFEST, MAX_JSON)?.ok_or_else(|| bad(format!("it has no {MANIFEST}")))?;
    let manifest: Manifest = serde_json::from_slice(&manifest).map_err(|error| bad(format!("{MANIFEST}: {error}")))?;
    if manifest.format != FORMAT {
        return Err(bad("it is a backup of something else"));
    }
    if manifest.schema > SCHEMA {
        return Err(bad("it was made by a later version of this program"));
    }
    if let Some(preferences) = manifest.preferences
        && sender.blocking_send(Unpacked::Preferences(preferences.into_preferences())).is_err()
    {
        return Ok(());
    }
    let names = unpacking.zip.file_names().map(|name| name.map(std::borrow::Cow::into_owned));
    let names = names.collect::<Result<Vec<_>, _>>().map_err(|error| bad(error.to_string()))?;
    let count = names.iter().filter(|name| is_mixtape(name)).count() as u64;
    if sender.blocking_send(Unpacked::Count(count)).is_err() {
        return Ok(());
    }
    for name in names {
        let unpacked = if is_mixtape(&name) {
            unpacking.mixtape(&name)?
        } else if name == MANIFEST || name.starts_with(COVERS) || name.ends_with('/') {
            continue;
        } else {
            Unpacked::Skipped(PathBuf::from(name), "it is nothing that a backup has".to_owned())
        };
        if sender.blocking_send(unpacked).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn is_mixtape(name: &str) -> bool {
    let slug = name.strip_prefix(MIXTAPES).and_then(|name| name.strip_suffix(".json"));
    slug.is_some_and(|slug| !slug.contains('/'))
}

/// An archive that is being read.
struct Unpacking<A> {
    zip: ZipArchive<A>,
    /// How many bytes may still come out of it.
    allowance: u64,
}

impl<A: Read + Seek> Unpacking<A> {
    fn open(mut archive: A) -> Result<Self, Error> {
        let length = archive.seek(std::io::SeekFrom::End(0)).map_err(|error| bad(error.to_string()))?;
        let zip = ZipArchive::new(archive).map_err(|error| bad(error.to_string()))?;
        if zip.len() > MAX_FILES {
            return Err(bad("it has too many files"));
        }
        Ok(Self { zip, allowance: length.saturating_mul(MAX_RATIO).saturating_add(ALWAYS_ALLOWED) })
    }

    /// The bytes of a file; none if there is no such file.
    fn read(&mut self, name: &str, max: u64) -> Result<Option<Vec<u8>>, Error> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(bad(format!("{name}: {error}"))),
        };
        // What the archive says of the size need not be true.
        let limit = max.min(self.allowance);
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| bad(format!("{name}: {error}")))?;
        let read = bytes.len() as u64;
        if read > limit {
            return Err(bad(format!("{name} is too large")));
        }
        self.allowance -= read;
        Ok(Some(bytes))
    }

    fn mixtape(&mut self, name: &str) -> Result<Unpacked, Error> {
        let bytes = self.read(name, MAX_JSON)?.unwrap_or_default();
        let parsed = serde_json::from_slice::<MixtapeFile>(&bytes).map_err(|error| error.to_string());
        let cover = parsed.as_ref().ok().and_then(|file| file.cover.clone());
        let parts = match parsed.and_then(MixtapeFile::into_parts) {
            Ok(parts) => parts,
            Err(reason) => return Ok(Unpacked::Skipped(PathBuf::from(name), reason)),
        };
        let cover = match cover {
            None => None,
            Some(cover) => {
                let picture = self.read(&format!("{COVERS}{cover}"), MAX_BYTES as u64)?;
                Some(picture.ok_or_else(|| format!("{cover} is not in the backup")))
            }
        };
        Ok(Unpacked::Mixtape(Box::new(parts), cover))
    }
}

fn bad(reason: impl Into<String>) -> Error {
    Error::BadBackup(reason.into())
}
