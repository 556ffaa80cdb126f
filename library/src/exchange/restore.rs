//! Reading a backup: mixtapes that are not here come back, older ones are brought up to date, and whatever is newer
//! here stays. Names in the archive are never names on the disk, and no more is unpacked than such a file can hold.

use std::cell::Cell;
use std::io::{Read, Seek};
use std::path::PathBuf;
use std::rc::Rc;

use model::limits::backups as limits;
use model::{ErrorKind, Preferences};
use tokio::sync::mpsc;
use zip::ZipArchive;
use zip::result::ZipError;

use super::backup::{COVERS, FORMAT, MANIFEST, MIXTAPES, Manifest, MixtapeFile, Parts, SCHEMA};
use crate::covers::MAX_BYTES;
use crate::import::ImportReport;
use crate::{Error, Store};

/// The largest file that says what the archive is, in bytes.
const MANIFEST_BYTES: u64 = 1_000_000;

/// What was read of a backup.
enum Unpacked {
    /// So many mixtapes are in it.
    Count(u64),
    Preferences(Preferences),
    Mixtape(Box<Parts>, Option<Result<Vec<u8>, String>>),
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
        // Each may have a large cover.
        let (sender, mut unpacked) = mpsc::channel(1);
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
        Parts { mut mixtape, kept, closed }: Parts,
        cover: Option<Result<Vec<u8>, String>>,
        report: &mut ImportReport,
    ) -> Result<(), Error> {
        let mut without_cover = None;
        match cover {
            Some(Ok(picture)) => match self.keep_checked(picture).await {
                Ok(name) => mixtape.cover = Some(name),
                Err(error) if error.kind() == ErrorKind::Invalid => without_cover = Some(error.to_string()),
                Err(error) => return Err(error),
            },
            Some(Err(reason)) => without_cover = Some(reason),
            None => {}
        }
        let file = PathBuf::from(format!("{MIXTAPES}{}.json", mixtape.slug));
        let created = report.created.len();
        report.take(self.take_in_with(&mixtape, Some(&kept)).await, without_cover, file)?;
        if let (Some(reason), Some(slug)) = (closed, report.created.get(created)) {
            report.closed.push((slug.clone(), reason.to_owned()));
        }
        Ok(())
    }
}

/// Reads an archive and tells what is in it, until the end or until nobody listens.
fn unpack(archive: impl Read + Seek, sender: &mpsc::Sender<Unpacked>) -> Result<(), Error> {
    let mut unpacking = Unpacking::open(archive)?;
    let manifest = unpacking.read(MANIFEST, MANIFEST_BYTES)?;
    let manifest = manifest.map_err(bad)?.ok_or_else(|| bad(format!("it has no {MANIFEST}")))?;
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
    zip: ZipArchive<Metered<A>>,
    /// How many bytes may still come out of it.
    allowance: u64,
}

impl<A: Read + Seek> Unpacking<A> {
    fn open(mut archive: A) -> Result<Self, Error> {
        let length = archive.seek(std::io::SeekFrom::End(0)).map_err(|error| bad(error.to_string()))?;
        let allowance = Rc::new(Cell::new(Some(limits::DIRECTORY_BYTES)));
        let metered = Metered { archive, allowance: Rc::clone(&allowance) };
        let zip = ZipArchive::new(metered).map_err(|error| bad(error.to_string()))?;
        if zip.len() > limits::FILES {
            return Err(bad("it has too many files"));
        }
        allowance.set(None);
        Ok(Self { zip, allowance: length.saturating_mul(limits::RATIO).saturating_add(limits::ALWAYS_ALLOWED_BYTES) })
    }

    /// The bytes of a file; none if there is no such file, and the reason if only this file is bad.
    ///
    /// # Errors
    /// When more has come out of the archive than such a file can hold.
    fn read(&mut self, name: &str, max: u64) -> Result<Result<Option<Vec<u8>>, String>, Error> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(format!("{name}: {error}"))),
        };
        // What the archive says of the size need not be true.
        let limit = max.min(self.allowance);
        let mut bytes = Vec::new();
        let read = file.take(limit + 1).read_to_end(&mut bytes);
        let length = bytes.len() as u64;
        self.allowance =
            self.allowance.checked_sub(length).ok_or_else(|| bad("it unpacks to far more than its size"))?;
        Ok(match read {
            Err(error) => Err(format!("{name}: {error}")),
            Ok(_) if length > max => Err(format!("{name} is too large")),
            Ok(_) => Ok(Some(bytes)),
        })
    }

    fn mixtape(&mut self, name: &str) -> Result<Unpacked, Error> {
        let file = self.read(name, limits::MIXTAPE_BYTES)?.map(Option::unwrap_or_default);
        let parsed =
            file.and_then(|bytes| serde_json::from_slice::<MixtapeFile>(&bytes).map_err(|error| error.to_string()));
        let cover = parsed.as_ref().ok().and_then(|file| file.cover.clone());
        let parts = match parsed.and_then(MixtapeFile::into_parts) {
            Ok(parts) => parts,
            Err(reason) => return Ok(Unpacked::Skipped(PathBuf::from(name), reason)),
        };
        let cover = match cover {
            None => None,
            Some(cover) => {
                let picture = self.read(&format!("{COVERS}{cover}"), MAX_BYTES as u64)?;
                Some(picture.and_then(|picture| picture.ok_or_else(|| format!("{cover} is not in the backup"))))
            }
        };
        Ok(Unpacked::Mixtape(Box::new(parts), cover))
    }
}

/// An archive reader that limits the bytes read while the directory is looked for: the directory is kept in memory
/// before its entries can be counted.
struct Metered<A> {
    archive: A,
    /// How many bytes may still be read; without end when there is none.
    allowance: Rc<Cell<Option<u64>>>,
}

impl<A: Read> Read for Metered<A> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.archive.read(buffer)?;
        if let Some(allowance) = self.allowance.get() {
            let left = allowance.checked_sub(read as u64);
            self.allowance.set(Some(left.ok_or_else(|| std::io::Error::other("it has too many files"))?));
        }
        Ok(read)
    }
}

impl<A: Seek> Seek for Metered<A> {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.archive.seek(to)
    }
}

fn bad(reason: impl Into<String>) -> Error {
    Error::BadBackup(reason.into())
}
