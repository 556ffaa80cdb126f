//! The records of a ZIP archive, as APPNOTE.TXT 6.3 lays them out, in their narrow and wide (ZIP64) forms.
//! What stands between them is sent in `archive`.

use time::OffsetDateTime;

use super::Entry;

/// From here on a number does not fit a narrow record.
pub(super) const ZIP64_FROM: u64 = u32::MAX as u64;

const VERSION_NARROW: u16 = 20;
const VERSION_WIDE: u16 = 45;
/// Names are in UTF-8.
const FLAGS: u16 = 1 << 11;
const STORED: u16 = 0;
/// Made on Unix: an ordinary file that its owner may change and all may read.
const MADE_BY: u16 = 3 << 8 | VERSION_WIDE;
const ATTRIBUTES: u32 = 0o100_644 << 16;

/// A file in its place in the archive.
pub(super) struct Placed<'a> {
    pub(super) entry: &'a Entry,
    pub(super) at: u64,
    /// CRC-32 of its bytes.
    pub(super) sum: u32,
    pub(super) zip64_from: u64,
}

impl Placed<'_> {
    /// What stands before the bytes of the file.
    pub(super) fn header(&self) -> Vec<u8> {
        let size = self.entry.size;
        let is_wide = size >= self.zip64_from;
        let mut record = Record::new(0x0403_4b50);
        record.u16(if is_wide { VERSION_WIDE } else { VERSION_NARROW });
        self.common(&mut record, is_wide);
        record.u16(if is_wide { 20 } else { 0 });
        record.bytes(self.entry.name.as_bytes());
        if is_wide {
            record.u16(1).u16(16).u64(size).u64(size);
        }
        record.0
    }

    /// What stands in the directory at the end.
    pub(super) fn directory_record(&self) -> Vec<u8> {
        let size = self.entry.size;
        let (is_wide, is_far) = (size >= self.zip64_from, self.at >= self.zip64_from);
        let mut record = Record::new(0x0201_4b50);
        record.u16(MADE_BY).u16(if is_wide || is_far { VERSION_WIDE } else { VERSION_NARROW });
        self.common(&mut record, is_wide);
        let extra = if is_wide { 16 } else { 0 } + if is_far { 8 } else { 0 };
        record.u16(if extra > 0 { extra + 4 } else { 0 });
        // No comment, the first disk, no text.
        record.u16(0).u16(0).u16(0).u32(ATTRIBUTES).u32(narrow(self.at, is_far));
        record.bytes(self.entry.name.as_bytes());
        if extra > 0 {
            record.u16(1).u16(extra);
        }
        if is_wide {
            record.u64(size).u64(size);
        }
        if is_far {
            record.u64(self.at);
        }
        record.0
    }

    fn common(&self, record: &mut Record, is_wide: bool) {
        let (date, time) = dos_time(self.entry.modified.0);
        let size = narrow(self.entry.size, is_wide);
        record.u16(FLAGS).u16(STORED).u16(time).u16(date).u32(self.sum).u32(size).u32(size);
        // Names are made of bounded parts.
        record.u16(u16::try_from(self.entry.name.len()).unwrap_or(u16::MAX));
    }
}

/// What stands behind the directory, which has so many records and begins there.
pub(super) fn end(count: u64, directory_at: u64, directory_size: u64, zip64_from: u64) -> Vec<u8> {
    let is_wide = directory_at >= zip64_from || directory_size >= zip64_from || count >= u64::from(u16::MAX);
    let mut record = Record(Vec::new());
    if is_wide {
        record.u32(0x0606_4b50).u64(44).u16(MADE_BY).u16(VERSION_WIDE).u32(0).u32(0);
        record.u64(count).u64(count).u64(directory_size).u64(directory_at);
        record.u32(0x0706_4b50).u32(0).u64(directory_at + directory_size).u32(1);
    }
    let count = if is_wide { u16::MAX } else { u16::try_from(count).unwrap_or(u16::MAX) };
    record.u32(0x0605_4b50).u16(0).u16(0).u16(count).u16(count);
    record.u32(narrow(directory_size, is_wide)).u32(narrow(directory_at, is_wide)).u16(0);
    record.0
}

/// Where the number stands elsewhere, all bits are set.
fn narrow(number: u64, is_elsewhere: bool) -> u32 {
    if is_elsewhere { u32::MAX } else { u32::try_from(number).unwrap_or(u32::MAX) }
}

/// Date and time, to two seconds, from 1980 to 2107.
fn dos_time(seconds: i64) -> (u16, u16) {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|time| (1980..2108).contains(&time.year()));
    let Some(time) = time else { return (1 << 5 | 1, 0) };
    let year = u16::try_from(time.year() - 1980).unwrap_or(0);
    let date = year << 9 | u16::from(u8::from(time.month())) << 5 | u16::from(time.day());
    (date, u16::from(time.hour()) << 11 | u16::from(time.minute()) << 5 | u16::from(time.second() / 2))
}

struct Record(Vec<u8>);

impl Record {
    fn new(signature: u32) -> Self {
        Self(signature.to_le_bytes().to_vec())
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn u16(&mut self, number: u16) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    fn u32(&mut self, number: u32) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    fn u64(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }
}
