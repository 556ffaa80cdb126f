//! Good documents of every kind that comes in, and how each kind is read.
//! How they are damaged, and what may happen then, is said elsewhere.

use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use audio::MusicRoot;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use library::exchange::Playlist;
use library::scan::Scope;
use library::{Index, Store, notes};
use model::{CoverChoice, Draft, GiftSettings, Millis, Mixtape, PlaylistFormat, Timestamp, Track, TrackPath};
use tempfile::TempDir;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::bombs;
use crate::mutate::mutate;

const NOW: Timestamp = Timestamp(1_700_000_000);

/// Large mixtapes of a backup.
const LARGE: u32 = 24;

/// Files with tags that are damaged together and read by one scan.
const FILES_AT_ONCE: u64 = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bombs,
    /// A backup of mixtapes that are together larger than the memory that it may take.
    Large,
    Playlists,
    Covers,
    Backups,
    Notes,
    Tags,
}

impl Kind {
    pub const ALL: [Self; 7] =
        [Self::Bombs, Self::Large, Self::Playlists, Self::Covers, Self::Backups, Self::Notes, Self::Tags];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Bombs => "bombs",
            Self::Large => "large",
            Self::Playlists => "playlists",
            Self::Covers => "covers",
            Self::Backups => "backups",
            Self::Notes => "notes",
            Self::Tags => "tags",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What reading one may add to the memory of the process, in KiB. The mixtapes of the large backup alone are as
    /// large as it may be.
    pub const fn max_kib(self) -> u64 {
        match self {
            Self::Large => 160 << 10,
            // The document itself is in memory, too: 20 MB, and up to as much again in the allocator.
            Self::Bombs => 296 << 10,
            _ => 256 << 10,
        }
    }

    /// How many are read where so many of a usual kind are.
    pub const fn count(self, usual: u64) -> u64 {
        match self {
            Self::Bombs => bombs::COUNT,
            Self::Large => 1,
            Self::Playlists | Self::Notes | Self::Covers => usual,
            Self::Backups => usual / 4,
            Self::Tags => usual.div_ceil(FILES_AT_ONCE),
        }
    }
}

/// What reads the documents of a kind.
pub struct Reader {
    kind: Kind,
    originals: Vec<Vec<u8>>,
    store: Store,
    index: Index,
    music: Arc<MusicRoot>,
    folder: TempDir,
}

impl Reader {
    pub async fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("music")).unwrap();
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        let index = Index::open(&folder.path().join("data")).await.unwrap();
        let music = Arc::new(MusicRoot::new(&folder.path().join("music")).unwrap());
        let originals = match kind {
            Kind::Bombs | Kind::Large => Vec::new(),
            Kind::Playlists => playlists(),
            Kind::Covers => covers(),
            Kind::Backups => backups().await,
            Kind::Notes => vec![NOTES.as_bytes().to_vec()],
            Kind::Tags => audio_files(),
        };
        if kind == Kind::Large {
            for number in 0..LARGE {
                println!("preparing {number}");
                let title = format!("Large {number}");
                let draft = Draft { title, client_id: Some(format!("c{number}")), ..draft(bombs::tracks()) };
                store.save(&draft.check().unwrap(), None, NOW).await.unwrap();
            }
        }
        Self { kind, originals, store, index, music, folder }
    }

    /// Writes a backup of everything to the disk, and reads it into another store.
    async fn there_and_back(&self) -> bool {
        let file = self.folder.path().join("backup.zip");
        let (mut written, mut stream) = (File::create(&file).unwrap(), self.store.backup(NOW).await.unwrap().stream());
        while let Some(bytes) = stream.next_bytes().await {
            written.write_all(&bytes.unwrap()).unwrap();
        }
        let other = Store::open(&self.folder.path().join("other")).await.unwrap();
        let archive = File::open(&file).unwrap();
        let report = other.restore_backup(archive, |done, count| println!("{done} of {count}")).await.unwrap();
        assert_eq!(u32::try_from(report.created.len()).unwrap(), LARGE, "{report:?}");
        true
    }

    async fn explode(&self, number: u64) -> bool {
        let (document, is_backup) = bombs::document(number);
        crate::forget_peak();
        if is_backup {
            return self.store.restore_backup(Cursor::new(document), |_, _| {}).await.is_ok();
        }
        match Playlist::read(&document) {
            Ok(playlist) => self.index.match_playlist(playlist).await.is_ok(),
            Err(_) => false,
        }
    }

    fn damaged(&self, seed: u64) -> Vec<u8> {
        let place = usize::try_from(seed).unwrap() % self.originals.len();
        mutate(&self.originals[place], seed)
    }

    /// Reads the document that the seed makes; answers whether something was understood.
    pub async fn read(&mut self, seed: u64) -> bool {
        match self.kind {
            Kind::Bombs => self.explode(seed % bombs::COUNT).await,
            Kind::Large => self.there_and_back().await,
            Kind::Playlists => match Playlist::read(&self.damaged(seed)) {
                Ok(playlist) => self.index.match_playlist(playlist).await.is_ok(),
                Err(_) => false,
            },
            Kind::Covers => self.store.keep_upload(self.damaged(seed)).await.is_ok(),
            Kind::Backups => {
                let archive = Cursor::new(self.damaged(seed));
                self.store.restore_backup(archive, |_, _| {}).await.is_ok_and(|report| report.skipped.is_empty())
            }
            Kind::Notes => {
                let text = String::from_utf8_lossy(&self.damaged(seed)).into_owned();
                let is_plain = !notes::to_plain(&text, 200).is_empty();
                !notes::to_html(&text).is_empty() && is_plain
            }
            Kind::Tags => self.scan(seed).await,
        }
    }

    /// Damages several files in the music folder and reads the folder.
    async fn scan(&self, seed: u64) -> bool {
        for number in 0..FILES_AT_ONCE {
            let place = usize::try_from(number).unwrap() % self.originals.len();
            let bytes = mutate(&self.originals[place], seed * FILES_AT_ONCE + number);
            std::fs::write(self.folder.path().join(format!("music/{number}.{}", ENDINGS[place])), bytes).unwrap();
        }
        self.index.scan(&self.music, &Scope::Full, |_| {}).await.unwrap().files > 0
    }
}

const NOTES: &str = "# For *you*\n\n> All **of** it\n> - one\n>   1. two\n\n[link](https://a.example \"title\") <b>bold</b> \
    `code` ~~gone~~ ![x](y)\n\n```\nblock\n```\n\n<div>\n<p>html</p>\n</div>\n\n[a]: /b\n\n[a] [x][a] &amp; \\* --- 5\n";

fn mixtape() -> Mixtape {
    let track = |number: usize| Track {
        path: TrackPath(format!("Köln/{number}/a b.mp3")),
        title: format!("Title & <{number}>"),
        artist: "A - B".into(),
        album: "C".into(),
        duration: Some(Millis(61_499)),
    };
    draft((0..9).map(track).collect()).check().unwrap().into_mixtape("tape".parse().unwrap(), NOW, NOW)
}

fn draft(tracks: Vec<Track>) -> Draft {
    Draft {
        client_id: Some("c1".into()),
        title: "Tape".into(),
        creator_name: "Ada".into(),
        liner_notes: NOTES.into(),
        cover: CoverChoice::Keep,
        gift: GiftSettings::default(),
        tracks,
    }
}

fn playlists() -> Vec<Vec<u8>> {
    let playlist = Playlist::of(&mixtape(), library::exchange::Locations::Relative);
    let mut all: Vec<_> =
        PlaylistFormat::ALL.iter().map(|format| playlist.write(*format).unwrap().into_bytes()).collect();
    all.push(b"[playlist]\nFile1=C:\\Music\\a.mp3\nTitle1=A\nLength1=61\nNumberOfEntries=1\nVersion=2\n".to_vec());
    all.push(b"#EXTM3U\r\n#EXTINF:61,K\xf6ln\r\nfile:///x/K%F6ln.mp3\r\n".to_vec());
    all
}

fn picture() -> DynamicImage {
    let tone = |value: u32| u8::try_from(value % 256).unwrap();
    DynamicImage::ImageRgb8(RgbImage::from_fn(48, 40, |x, y| Rgb([tone(x * 5), tone(y * 7), tone(x * y)])))
}

fn covers() -> Vec<Vec<u8>> {
    let kinds = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Bmp];
    let mut all: Vec<_> = kinds
        .into_iter()
        .map(|format| {
            let mut bytes = Cursor::new(Vec::new());
            picture().write_to(&mut bytes, format).unwrap();
            bytes.into_inner()
        })
        .collect();
    // With a profile of its own inks.
    all.push(std::fs::read(files().join("inks.jpg")).unwrap());
    all
}

/// As they are written here, and one that another program has compressed.
async fn backups() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let cover = store.keep_upload(covers().remove(0)).await.unwrap();
    let draft = Draft { cover: CoverChoice::File(cover), ..draft(mixtape().tracks) };
    store.save(&draft.check().unwrap(), None, NOW).await.unwrap();
    let (mut packed, mut stream) = (Vec::new(), store.backup(NOW).await.unwrap().stream());
    while let Some(bytes) = stream.next_bytes().await {
        packed.extend_from_slice(&bytes.unwrap());
    }
    let mut zip = zip::ZipArchive::new(Cursor::new(packed.clone())).unwrap();
    let mut again = ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).unwrap();
        let name = file.name().unwrap().into_owned();
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        again.start_file(name, options).unwrap();
        let mut bytes = Vec::new();
        std::io::copy(&mut file, &mut bytes).unwrap();
        again.write_all(&bytes).unwrap();
    }
    vec![packed, again.finish().unwrap().into_inner()]
}

const ENDINGS: [&str; 10] = ["m4a", "aac", "aiff", "flac", "mp3", "ogg", "opus", "wav", "wma", "wv"];

fn files() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files"))
}

fn audio_files() -> Vec<Vec<u8>> {
    ENDINGS.iter().map(|ending| std::fs::read(files().join(format!("silence.{ending}"))).unwrap()).collect()
}
