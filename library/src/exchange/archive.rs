//! ZIP archives that are sent while they are read: nothing is compressed, for music and pictures are that already, so
//! the length is known before the first byte, and nothing has to be written down in between.
//!
//! Crates that stream put check sums behind each file, which several readers do not understand for files that are not
//! compressed. Here each file is summed just before it is sent, when its bytes come out of the system's memory anyway.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use audio::{MusicRoot, RelativePath};
use bytes::Bytes;
use futures_util::Stream;
use model::Timestamp;
use tokio::sync::mpsc;

mod records;

use super::spool::Part;
use records::{Placed, ZIP64_FROM};

/// How much is read and sent at once, in bytes.
const CHUNK: usize = 256 << 10;

/// A ZIP archive that is not written yet.
#[derive(Debug)]
pub struct Archive {
    entries: Vec<Entry>,
    /// From this size or place on, the wider records are used.
    zip64_from: u64,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) modified: Timestamp,
    content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Bytes(Bytes),
    File(PathBuf),
    Music(Arc<MusicRoot>, RelativePath),
    Spooled(Part),
}

/// The bytes of an archive. Dropping it ends the reading.
#[derive(Debug)]
pub struct ArchiveStream(mpsc::Receiver<io::Result<Bytes>>);

impl Archive {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new(), zip64_from: ZIP64_FROM }
    }

    pub(super) fn push_bytes(&mut self, name: impl Into<String>, modified: Timestamp, bytes: impl Into<Bytes>) {
        let (name, bytes) = (name.into(), bytes.into());
        let size = bytes.len() as u64;
        self.entries.push(Entry { name, size, modified, content: Content::Bytes(bytes) });
    }

    /// A file that is opened when its turn comes; it must have this size then.
    pub(super) fn push(&mut self, name: impl Into<String>, size: u64, modified: Timestamp, content: Content) {
        self.entries.push(Entry { name: name.into(), size, modified, content });
    }

    /// How many files are in it.
    #[must_use]
    pub const fn files(&self) -> usize {
        self.entries.len()
    }

    /// The length of the whole archive in bytes, to the byte.
    #[must_use]
    pub fn length(&self) -> u64 {
        let (mut at, mut directory) = (0, 0);
        for entry in &self.entries {
            let placed = Placed { entry, at, sum: 0, zip64_from: self.zip64_from };
            directory += placed.directory_record().len() as u64;
            at += placed.header().len() as u64 + entry.size;
        }
        at + directory + records::end(self.entries.len() as u64, at, directory, self.zip64_from).len() as u64
    }

    /// Reads the files one after the other and tells their bytes. An error means that the archive is broken off.
    #[must_use]
    pub fn stream(self) -> ArchiveStream {
        let (sender, receiver) = mpsc::channel(2);
        tokio::spawn(async move {
            if let Err(Stopped::Failed(error)) = self.send(&sender).await {
                let _ = sender.send(Err(error)).await;
            }
        });
        ArchiveStream(receiver)
    }

    async fn send(self, sender: &mpsc::Sender<io::Result<Bytes>>) -> Result<(), Stopped> {
        let (mut at, mut directory) = (0, Vec::new());
        for entry in &self.entries {
            let opened = match &entry.content {
                Content::Bytes(bytes) => Opened::Bytes(bytes.clone()),
                content => Opened::File(Arc::new(open(content, entry.size).await?)),
            };
            let sum = opened.sum(entry.size).await?;
            let placed = Placed { entry, at, sum, zip64_from: self.zip64_from };
            let header = placed.header();
            directory.extend(placed.directory_record());
            at += header.len() as u64 + entry.size;
            send(sender, header.into()).await?;
            opened.send(entry.size, sum, sender).await?;
        }
        let end = records::end(self.entries.len() as u64, at, directory.len() as u64, self.zip64_from);
        directory.extend(end);
        send(sender, directory.into()).await
    }
}

impl ArchiveStream {
    /// The next bytes; none at the end.
    pub async fn next_bytes(&mut self) -> Option<io::Result<Bytes>> {
        self.0.recv().await
    }
}

impl Stream for ArchiveStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}

/// Why an archive is not sent to its end.
enum Stopped {
    NobodyListens,
    Failed(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

async fn send(sender: &mpsc::Sender<io::Result<Bytes>>, bytes: Bytes) -> Result<(), Stopped> {
    sender.send(Ok(bytes)).await.map_err(|_| Stopped::NobodyListens)
}

/// A file whose turn has come.
enum Opened {
    Bytes(Bytes),
    File(Arc<OpenedFile>),
}

struct OpenedFile {
    file: File,
    /// Where it begins, if it is a part of the file on the disk.
    start: u64,
    changed_at: (i64, i64),
}

impl Opened {
    async fn sum(&self, size: u64) -> io::Result<u32> {
        match self {
            Self::Bytes(bytes) => Ok(crc32fast::hash(bytes)),
            Self::File(file) => {
                let file = Arc::clone(file);
                blocking(move || {
                    let (mut hasher, mut at, mut buffer) = (crc32fast::Hasher::new(), 0, vec![0; CHUNK]);
                    while at < size {
                        let read = file.read(&mut buffer, at, size)?;
                        hasher.update(&buffer[..read]);
                        at += read as u64;
                    }
                    Ok(hasher.finalize())
                })
                .await
            }
        }
    }

    async fn send(&self, size: u64, sum: u32, sender: &mpsc::Sender<io::Result<Bytes>>) -> Result<(), Stopped> {
        let file = match self {
            Self::Bytes(bytes) => return send(sender, bytes.clone()).await,
            Self::File(file) => file,
        };
        let (mut hasher, mut at) = (crc32fast::Hasher::new(), 0);
        while at < size {
            let file = Arc::clone(file);
            // Not one thread for the whole file: it would wait for the listener's connection most of the time.
            let chunk = blocking(move || {
                let mut buffer = vec![0; CHUNK];
                let read = file.read(&mut buffer, at, size)?;
                buffer.truncate(read);
                Ok(buffer)
            });
            let chunk = chunk.await?;
            hasher.update(&chunk);
            at += chunk.len() as u64;
            send(sender, chunk.into()).await?;
        }
        if hasher.finalize() != sum || changed_at(&file.file)? != file.changed_at {
            return Err(changed().into());
        }
        Ok(())
    }
}

async fn open(content: &Content, size: u64) -> io::Result<OpenedFile> {
    let mut part_at = None;
    let open: Box<dyn FnOnce() -> io::Result<File> + Send> = match content {
        Content::Bytes(_) => return Err(io::Error::other("not a file")),
        Content::File(path) => {
            let path = path.clone();
            Box::new(move || File::open(path))
        }
        Content::Music(music, path) => {
            let (music, path) = (Arc::clone(music), path.clone());
            Box::new(move || music.open(&path).map_err(io::Error::other)?.try_clone_file())
        }
        Content::Spooled(part) => {
            let (file, start) = part.place();
            part_at = Some(start);
            Box::new(move || file.try_clone())
        }
    };
    blocking(move || {
        let file = open()?;
        if part_at.is_none() && file.metadata()?.len() != size {
            return Err(changed());
        }
        let changed_at = changed_at(&file)?;
        Ok(OpenedFile { file, start: part_at.unwrap_or(0), changed_at })
    })
    .await
}

fn changed_at(file: &File) -> io::Result<(i64, i64)> {
    let metadata = file.metadata()?;
    Ok((metadata.mtime(), metadata.mtime_nsec()))
}

fn changed() -> io::Error {
    io::Error::other("a file was changed while it was packed")
}

impl OpenedFile {
    /// Reads some bytes from this place on, of which there are so many in all.
    fn read(&self, buffer: &mut [u8], at: u64, size: u64) -> io::Result<usize> {
        let wanted = usize::try_from(size - at).unwrap_or(usize::MAX).min(buffer.len());
        loop {
            match self.file.read_at(&mut buffer[..wanted], self.start + at) {
                Ok(0) => return Err(changed()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    async fn written(archive: Archive) -> io::Result<Vec<u8>> {
        let (mut bytes, mut stream) = (Vec::new(), archive.stream());
        while let Some(chunk) = stream.next_bytes().await {
            bytes.extend_from_slice(&chunk?);
        }
        Ok(bytes)
    }

    /// An archive with three files, one of them larger than a chunk.
    fn archive(folder: &tempfile::TempDir, zip64_from: u64) -> Archive {
        let path = folder.path().join("big");
        std::fs::write(&path, vec![7; 3 * CHUNK + 1]).unwrap();
        let mut archive = Archive { entries: Vec::new(), zip64_from };
        archive.push_bytes("Köln/夏 🌻.txt", Timestamp(1_700_000_001), "hello");
        archive.push("big", 3 * CHUNK as u64 + 1, Timestamp(0), Content::File(path));
        archive.push_bytes("empty", Timestamp(i64::MAX), Bytes::new());
        archive
    }

    #[tokio::test]
    async fn what_is_sent_is_a_zip_of_the_promised_length_with_narrow_and_wide_records() {
        let folder = tempfile::tempdir().unwrap();
        for zip64_from in [ZIP64_FROM, 3 * CHUNK as u64, 4, 0] {
            let length = archive(&folder, zip64_from).length();
            let bytes = written(archive(&folder, zip64_from)).await.unwrap();
            assert_eq!(bytes.len() as u64, length, "{zip64_from}");
            let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            let names: Vec<_> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
            assert_eq!(names, ["Köln/夏 🌻.txt", "big", "empty"]);
            let mut text = String::new();
            zip.by_index(0).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "hello");
            let time = zip.by_index(0).unwrap().last_modified().unwrap().to_string();
            assert_eq!(time, "2023-11-14 22:13:20", "to two seconds");
            let mut big = Vec::new();
            // The reader compares the sums.
            zip.by_index(1).unwrap().read_to_end(&mut big).unwrap();
            assert_eq!(big, vec![7; 3 * CHUNK + 1]);
        }
        assert_eq!(written(Archive::new()).await.unwrap().len(), 22);
    }

    #[tokio::test]
    async fn a_file_that_changes_breaks_the_archive_off() {
        let folder = tempfile::tempdir().unwrap();
        let shrunk = archive(&folder, ZIP64_FROM);
        std::fs::write(folder.path().join("big"), "small").unwrap();
        assert!(written(shrunk).await.is_err());
        let gone = archive(&folder, ZIP64_FROM);
        std::fs::remove_file(folder.path().join("big")).unwrap();
        assert!(written(gone).await.is_err());
        // Changed after it was summed: the header is there, and then nothing more is read until the listener takes it.
        let mut stream = archive(&folder, ZIP64_FROM).stream();
        for _ in 0..3 {
            stream.next_bytes().await.unwrap().unwrap();
        }
        let changed = vec![8; 3 * CHUNK + 1];
        std::fs::write(folder.path().join("big"), changed).unwrap();
        let mut last = None;
        while let Some(chunk) = stream.next_bytes().await {
            last = Some(chunk);
        }
        assert!(last.unwrap().is_err());
    }
}
