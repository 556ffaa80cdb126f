//! A file read through one buffer: most of what a reader of tags asks for lies at the beginning, and one call to the
//! system brings it all. What is asked for is not known here.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};

use audio::format::Format;
use audio::{AudioFile, Source};

/// The beginning of a file, which mostly holds all its tags without their pictures.
const HEAD: usize = 16 << 10;

/// What is read elsewhere at a time.
const ELSEWHERE: usize = 4 << 10;

thread_local! {
    /// For one file after the other.
    static BUFFERS: RefCell<Vec<[Vec<u8>; 2]>> = const { RefCell::new(Vec::new()) };
}

/// A file whose beginning has been read.
#[derive(Debug)]
pub(super) struct Window<'a> {
    file: &'a AudioFile,
    head: Vec<u8>,
    /// Another part, and where it begins.
    part: Vec<u8>,
    part_start: u64,
    position: u64,
}

impl<'a> Window<'a> {
    /// Reads the beginning.
    ///
    /// # Errors
    /// Whatever the system reports.
    pub(super) fn open(file: &'a AudioFile) -> io::Result<Self> {
        let [mut head, mut part] = BUFFERS.with_borrow_mut(Vec::pop).unwrap_or_default();
        part.clear();
        let len = usize::try_from(file.len()).unwrap_or(usize::MAX).min(HEAD);
        head.resize(len, 0);
        let read = file.read_at(&mut head, 0)?;
        head.truncate(read);
        Ok(Self { file, head, part, part_start: 0, position: 0 })
    }

    /// The first bytes, as many as there are.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The format by what is in the file, or by its ending.
    ///
    /// # Errors
    /// Whatever the system reports.
    pub(super) fn format(&self, extension: Option<&str>) -> io::Result<Option<Format>> {
        let read_at = |buffer: &mut [u8], offset: u64| {
            let known = usize::try_from(offset).ok().and_then(|offset| self.head.get(offset..offset + buffer.len()));
            let Some(known) = known else { return self.file.read_at(buffer, offset) };
            buffer.copy_from_slice(known);
            Ok(buffer.len())
        };
        Format::of_bytes(read_at, extension)
    }

    /// What is known of the bytes from the position on.
    fn known(&self) -> &[u8] {
        let from = |start: u64, bytes: &'_ [u8]| {
            let offset = usize::try_from(self.position.checked_sub(start)?).ok()?;
            (offset < bytes.len()).then_some(offset)
        };
        if let Some(offset) = from(0, &self.head) {
            return &self.head[offset..];
        }
        from(self.part_start, &self.part).map_or(&[], |offset| &self.part[offset..])
    }
}

impl Read for Window<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.known().is_empty() && !buffer.is_empty() {
            if self.position >= self.file.len() {
                return Ok(0);
            }
            if buffer.len() >= ELSEWHERE {
                let read = self.file.read_at(buffer, self.position)?;
                self.position += read as u64;
                return Ok(read);
            }
            self.part.resize(ELSEWHERE, 0);
            let read = self.file.read_at(&mut self.part, self.position);
            self.part_start = self.position;
            self.part.truncate(*read.as_ref().unwrap_or(&0));
            read?;
        }
        let known = self.known();
        let count = known.len().min(buffer.len());
        buffer[..count].copy_from_slice(&known[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Window<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.file.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        Ok(self.position)
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let buffers = [std::mem::take(&mut self.head), std::mem::take(&mut self.part)];
        BUFFERS.with_borrow_mut(|free| free.push(buffers));
    }
}
