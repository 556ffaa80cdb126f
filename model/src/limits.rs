//! Every bound on what clients, files and playlists may demand of the server, in one table.
//! What happens at a bound is decided where the bytes arrive; sizes of buffers and caches are not limits and stay where
//! they are used.

/// Backups of mixtapes, which may come from anybody.
pub mod backups {
    /// The most files in one: a file a mixtape, and its cover.
    pub const FILES: usize = 100_000;
    /// The most bytes of the directory of the archive; 100 bytes a file are usual.
    pub const DIRECTORY_BYTES: u64 = 16_000_000;
    /// The largest file of a mixtape in bytes: [`super::mixtapes::TEXT_BYTES`] of control characters, which JSON
    /// writes as six bytes each, and the names of the fields.
    pub const MIXTAPE_BYTES: u64 = 6 * super::mixtapes::TEXT_BYTES as u64 + 4_000_000;
    /// How many times larger than the archive its content may be, all in all: text packs well, but not as well as a
    /// bomb.
    pub const RATIO: u64 = 64;
    /// What may come out of any archive, however small, in bytes.
    pub const ALWAYS_ALLOWED_BYTES: u64 = 100_000_000;
    /// Former addresses that lead to one mixtape.
    pub const OLD_SLUGS: usize = 1_000;
}

/// Mixtapes: what a save, an import and a backup may bring.
pub mod mixtapes {
    /// The most tracks.
    pub const TRACKS: usize = 10_000;
    /// The longest liner notes in bytes.
    pub const NOTES_BYTES: usize = 100_000;
    /// The longest client id in characters.
    pub const CLIENT_ID_CHARS: usize = 200;
    /// All texts together in bytes, those of the tracks among them: 1,600 for each of the most tracks, of which a
    /// path on a disk has some hundred.
    pub const TEXT_BYTES: usize = 16_000_000;
    /// The largest request that saves one, in bytes: JSON writes a quotation mark or a backslash as two bytes, and each
    /// track has the names of its fields.
    pub const REQUEST_BYTES: usize = 2 * TEXT_BYTES + 128 * TRACKS + 100_000;
}

/// Sound: what the head of an audio file may claim.
pub mod sound {
    /// Sample rates that are decoded, in Hz: from telephone speech to eight times what DVD-Audio has.
    pub const SAMPLE_RATES: std::ops::RangeInclusive<u32> = 4_000..=768_000;
    /// Channels: WAVE has 18 places for loudspeakers, Monkey's Audio has 32 channels at most.
    pub const CHANNELS: std::ops::RangeInclusive<usize> = 1..=32;
    /// The longest sound in seconds: a month.
    pub const SECONDS: u64 = 31 * 24 * 60 * 60;
    /// Samples of each channel in one packet. Blocks of FLAC have up to 65,535, of ADPCM up to 131,070.
    pub const PACKET_SAMPLES: u64 = 1 << 18;
    /// Samples of all channels in one frame of Monkey's Audio: the longest that its encoder makes, in stereo.
    pub const APE_FRAME_SAMPLES: u64 = 2 * 16 * 73_728;
    /// Decoded samples may go beyond full scale, as files of floating point do; by more than 12 dB is damage.
    pub const AMPLITUDE: f32 = 4.0;
    /// The terms of the ratio between two sample rates. A resampler's filter is as long as they are.
    pub const RATE_RATIO: u32 = 48_000;
}

/// Liner notes.
pub mod notes {
    /// How deep lists and quotes may nest; browsers themselves stop at 512.
    pub const DEPTH: usize = 32;
    /// Rendered notes that are kept in memory.
    pub const KEPT: usize = 64;
}

/// Plays that are counted and not written down yet.
pub mod plays {
    /// Files, and mixtapes, that are counted apart in the minute between two writes.
    pub const PENDING: usize = 10_000;
}

/// Playlists of other programs.
pub mod playlists {
    /// The longest location of an entry in bytes, as PATH_MAX of Linux without its NUL.
    pub const LOCATION_BYTES: usize = 4_095;
    /// Folders of a location.
    pub const FOLDERS: usize = 64;
    /// How deep elements of an XSPF file may nest.
    pub const XML_DEPTH: usize = 16;
    /// The largest file in bytes.
    pub const BYTES: usize = 20_000_000;
    /// The most entries; as many as a mixtape can have tracks.
    pub const ENTRIES: usize = super::mixtapes::TRACKS;
    /// The longest title, artist or album of an entry in characters; what is longer is cut.
    pub const NAME_CHARS: usize = 500;
    /// Places at which a text may be taken apart into artist and title, each of which is looked up.
    pub const SPLITS: usize = 8;
    /// Such places of all entries together, but for one of each entry.
    pub const LOOK_UPS: usize = 20_000;
}

/// Passwords that are tried, and addresses of mixtapes that are guessed.
pub mod password_attempts {
    use std::time::Duration;

    /// The time in which the attempts of a client count.
    pub const WINDOW: Duration = Duration::from_mins(1);
    /// Passwords that one client may try in that time, for each thing that has a password.
    pub const PER_CLIENT: usize = 5;
    /// Addresses without a mixtape that one client may ask for in that time.
    pub const PER_ADDRESS: usize = 30;
    /// Attempts of all clients at one password that do not wait: a thousand machines must not guess a thousand times
    /// as fast.
    pub const BURST: u32 = 60;
    /// What each attempt beyond these waits after the one before it.
    pub const INTERVAL: Duration = Duration::from_secs(1);
    /// The longest such wait; who would wait longer is refused and may try again.
    pub const LONGEST_DELAY: Duration = Duration::from_secs(5);
    /// Clients that are remembered at once.
    pub const CLIENTS: usize = 10_000;
}

/// Stored password hashes, as they come out of a backup: more would let one sign-in take all memory or a core for
/// hours (RFC 9106 has 64 MiB and 3 passes for machines with little memory).
pub mod password_hashes {
    /// Memory in KiB.
    pub const MEMORY_KIB: u32 = 64 * 1024;
    /// Passes.
    pub const PASSES: u32 = 8;
    /// Degree of parallelism.
    pub const PARALLELISM: u32 = 4;
    /// The whole text in bytes.
    pub const TEXT_BYTES: usize = 512;
    /// Passwords of the owner, and of listeners, that may wait to be hashed; each takes some hundredths of a second.
    pub const WAITING: usize = 32;
}

/// Connections and the bodies of requests.
pub mod connections {
    use std::time::Duration;

    /// The longest pause between two pieces of a request body.
    pub const BODY_PAUSE: Duration = Duration::from_secs(30);
    /// How long a client may take for a request head, and how long an idle connection is kept.
    pub const HEAD: Duration = Duration::from_mins(1);
    /// Connections that may wait until they are accepted.
    pub const BACKLOG: u32 = 1024;
    /// The most connections at once: each takes about 20 kB, and they get 80 % of the file descriptors at most.
    pub const MOST: usize = 10_000;
    /// How long a connection is new, and need not have sent its request.
    pub const NEW: Duration = Duration::from_secs(1);
}

/// Transcoding for listeners and for the cache: what may be at work, and how long one may wait for it.
pub mod transcoding {
    use std::time::Duration;

    /// Files that are opened at once, for what their decoders read of them at first.
    pub const OPENINGS: usize = 4;
    /// Requests that may wait for that; further ones are answered with 503.
    pub const OPENINGS_QUEUED: usize = 256;
    /// Files that are opened with ffmpeg at once.
    pub const FFMPEG_OPENINGS: usize = 2;
    /// Requests that wait for that; further ones are answered with 503.
    pub const FFMPEG_OPENINGS_QUEUED: usize = 48;
    /// How long opening a file may take.
    pub const OPENING: Duration = Duration::from_secs(8);
    /// The value of `Retry-After`.
    pub const RETRY_AFTER: Duration = Duration::from_secs(5);
    /// Processes of ffmpeg that are kept between two runs, until one of them can go on.
    pub const FFMPEG_PARKED: usize = 16;
    /// The longest that decoding may take only to learn the length, where a file does not say it.
    pub const COUNTING: Duration = Duration::from_secs(6);
    /// The longest wait for a segment on a busy machine.
    pub const SEGMENT: Duration = Duration::from_mins(1);
    /// A run that a reader waits for may make no progress for so long.
    pub const STALLED_READER: Duration = Duration::from_secs(8);
    /// A run that fills the cache, at low priority, may make no progress for so long.
    pub const STALLED_FILL: Duration = Duration::from_mins(1);
    /// A file whose decoder hung is not tried again for so long.
    pub const HUNG: Duration = Duration::from_mins(10);
    /// Threads that may hang in decoders before no further file is begun.
    pub const STUCK_THREADS: u64 = 8;
    /// Streams that wait for being put into the cache as a whole.
    pub const FILLS: usize = 64;
    /// Failed attempts to transcode a file for the cache, by a crash or a hang, before it is skipped.
    pub const ATTEMPTS: u32 = 2;
}

/// The disk of the cache.
pub mod disk {
    /// Of a disk, this share stays free of the cache, one part in so many...
    pub const FREE_SHARE: u64 = 20;
    /// ...but no more bytes than these.
    pub const FREE_BYTES: u64 = 2 << 30;
}

/// Signed addresses of media.
pub mod media {
    /// Seconds of a day.
    pub const DAY_SECONDS: i64 = 24 * 60 * 60;
    /// For how many days a signed address holds, counted to midnight (UTC) of the last: longer than a page stays open
    /// or a saved playlist is expected to play.
    pub const SIGNED_DAYS: i64 = 8;
}
