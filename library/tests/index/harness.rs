//! A temporary music folder with an index, and tagged files to put into it.
//! What is found in the index is for the tests to say.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use audio::MusicRoot;
use library::Index;
use library::scan::{ScanReport, Scope};
use lofty::ape::ApeTag;
use lofty::config::WriteOptions;
use lofty::file::TaggedFileExt;
use lofty::tag::{ItemKey, ItemValue, Tag, TagExt, TagItem, TagType};
use sqlx::SqlitePool;
use tempfile::TempDir;

/// A music folder, its index, and a second connection to look into it.
pub struct Library {
    pub index: Index,
    pub music: Arc<MusicRoot>,
    database: SqlitePool,
    folder: TempDir,
}

impl Library {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("music")).unwrap();
        let index = Index::open(&folder.path().join("data")).await.unwrap();
        let music = Arc::new(MusicRoot::new(&folder.path().join("music")).unwrap());
        let database = format!("sqlite:{}", folder.path().join("data/index.db").display());
        Self { index, music, database: SqlitePool::connect(&database).await.unwrap(), folder }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.music.path().join(path)
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder around music and data.
    pub fn around(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Puts a copy of one of the files of the tests there, with these tags.
    pub fn tagged(&self, path: &str, file: &str, tags: &[(ItemKey, &str)]) -> PathBuf {
        let path = self.write(path, fixture(file));
        write_tags(&path, tags, |_| {});
        path
    }

    /// A tiny file with a title, an artist and an album.
    pub fn song(&self, path: &str, artist: &str, album: &str) -> PathBuf {
        let tags = [(ItemKey::TrackTitle, path), (ItemKey::TrackArtist, artist), (ItemKey::AlbumTitle, album)];
        self.tagged(path, "silence.mp3", &tags)
    }

    pub async fn scan(&self) -> ScanReport {
        self.scan_only(Scope::Changes).await
    }

    pub async fn scan_only(&self, scope: Scope) -> ScanReport {
        self.index.scan(&self.music, &scope, |_| {}).await.unwrap()
    }

    /// Scans when the last change of a folder is so long ago that the scan knows folders from then on.
    pub async fn settle(&self) {
        let last = last_change(self.music.path());
        while last.elapsed().is_ok_and(|since| since <= Duration::from_millis(100)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.scan().await;
        let knows_root = self.ask("SELECT path FROM known_folders WHERE path = '' AND names IS NOT NULL").await;
        assert_eq!(knows_root, [""], "this file system is listed every time; set TMPDIR to a folder on another one");
    }

    /// The answers to a question for one text each.
    pub async fn ask(&self, query: &str) -> Vec<String> {
        sqlx::query_scalar(query).fetch_all(&self.database).await.unwrap()
    }

    pub async fn paths(&self) -> Vec<String> {
        self.ask("SELECT path FROM tracks ORDER BY path").await
    }

    pub async fn problems(&self) -> Vec<String> {
        self.index.problems(100, 0).await.unwrap().into_iter().map(|problem| problem.path).collect()
    }

    pub async fn execute(&self, query: &str) {
        sqlx::raw_sql(query).execute(&self.database).await.unwrap();
    }
}

/// When a name has changed in this folder or below.
fn last_change(folder: &Path) -> SystemTime {
    let metadata = folder.metadata().unwrap();
    let since = Duration::new(metadata.ctime().try_into().unwrap(), metadata.ctime_nsec().try_into().unwrap());
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let inner = entries.filter(|entry| entry.file_type().unwrap().is_dir()).map(|entry| last_change(&entry.path()));
    inner.chain([UNIX_EPOCH + since]).max().unwrap()
}

pub fn fixture(file: &str) -> Vec<u8> {
    let folder = if file == "normal.ape" { "../audio/tests/files" } else { "tests/files" };
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(file)).unwrap()
}

/// Writes these tags in the way of the file's format.
pub fn write_tags(path: &Path, tags: &[(ItemKey, &str)], more: impl FnOnce(&mut Tag)) {
    let kind = lofty::read_from_path(path).unwrap().primary_tag_type();
    let mut tag = Tag::new(kind);
    for (key, value) in tags {
        tag.push(TagItem::new(*key, ItemValue::Text((*value).to_owned())));
    }
    more(&mut tag);
    // Written from the common form, this one loses its pictures.
    if kind == TagType::Ape {
        ApeTag::from(tag).save_to_path(path, WriteOptions::default()).unwrap();
    } else {
        tag.save_to_path(path, WriteOptions::default()).unwrap();
    }
}
