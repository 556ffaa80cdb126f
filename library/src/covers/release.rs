//! Covers ready to be sent: found once for every state of a release, made once in every size and kind, then read from
//! the disk. Pictures are worked on on threads that may wait, and only a few at once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use audio::MusicRoot;
use model::CoverSize;

use super::sources::{self, ArtTrack, MAX_TRACKS, Sources};
use super::{Encoding, MAIN_SIDE, Stem, blocking, decode, encode, fallback, worked_on, write_whole};
use crate::{Error, Index, Store};

/// A picture ready to be sent.
#[derive(Debug, Clone)]
pub struct Cover {
    /// The file.
    pub bytes: Vec<u8>,
    /// What kind of file it is.
    pub encoding: Encoding,
    /// A strong entity tag with its quotes.
    pub etag: String,
}

/// What there is to be seen of a release.
#[derive(Debug, Clone)]
pub enum ReleaseCover {
    /// Its cover.
    Picture(Cover),
    /// It has none; a drawing that takes its place, as SVG.
    Drawing(String),
}

/// Finds, makes and keeps the covers. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Covers(Arc<Parts>);

/// A kept cover from which others are made.
#[derive(Debug)]
pub(super) struct Main {
    pub(super) stem: Stem,
    pub(super) path: PathBuf,
}

#[derive(Debug)]
struct Parts {
    store: Store,
    index: Index,
    music: Arc<MusicRoot>,
    folder: PathBuf,
    /// Files that are being made.
    making: Mutex<HashMap<PathBuf, Weak<tokio::sync::Mutex<()>>>>,
    made: AtomicU64,
}

impl Covers {
    /// Covers of what is in this folder and index, and of the mixtapes of this store.
    #[must_use]
    pub fn new(store: Store, index: Index, music: Arc<MusicRoot>) -> Self {
        let folder = store.data_root.join("cache").join("covers");
        Self(Arc::new(Parts { store, index, music, folder, making: Mutex::default(), made: AtomicU64::new(0) }))
    }

    /// The cover of a release, which is given as its folder from the music folder on: embedded in one of its files, or a
    /// picture beside them. With a size it is the middle of the cover as a square with sides of so many pixels, or of
    /// fewer when the cover is smaller; without, all of it, at most 800 pixels wide and high.
    ///
    /// # Errors
    /// When the index cannot be read. A cover that cannot be read or made is none.
    pub async fn of_release(
        &self,
        folder: &str,
        size: Option<CoverSize>,
        encoding: Encoding,
    ) -> Result<ReleaseCover, Error> {
        let drawing = |title: &str| ReleaseCover::Drawing(fallback::svg(title, folder, size));
        let Some((title, tracks)) = self.0.index.art_tracks(folder).await? else { return Ok(drawing("")) };
        let (music, place) = (Arc::clone(&self.0.music), folder.to_owned());
        let sources = Arc::new(blocking(move || sources::find(&music, &place, &tracks)).await?);
        if sources.places.is_empty() {
            return Ok(drawing(&title));
        }
        // The second time for a cache of which somebody has taken a part away.
        for _ in 0..2 {
            let Some(stem) = self.found(folder, &sources).await? else { return Ok(drawing(&title)) };
            match self.variant(&stem, size, encoding).await? {
                Ok(cover) => return Ok(ReleaseCover::Picture(cover)),
                Err(reason) => {
                    tracing::warn!(folder, reason, "the cover of a release is made again");
                    let files = [self.reference(&sources), self.main(&stem)];
                    blocking(move || files.iter().for_each(|file| drop(std::fs::remove_file(file)))).await?;
                }
            }
        }
        Ok(drawing(&title))
    }

    /// The cover of a mixtape, likewise; `None` when it is not there, or cannot be made smaller.
    ///
    /// # Errors
    /// When a thread is gone.
    pub async fn of_mixtape(&self, file: &str, size: CoverSize, encoding: Encoding) -> Result<Option<Cover>, Error> {
        let Some(main) = self.main_of_mixtape(file).await? else { return Ok(None) };
        let cover = self.variant(&main.stem, Some(size), encoding).await?;
        Ok(cover.inspect_err(|reason| tracing::warn!(file, reason, "a cover could not be made smaller")).ok())
    }

    /// The picture from which all others with the cover of a mixtape are made; `None` when there is no such cover, or none
    /// that can be read.
    pub(super) async fn main_of_mixtape(&self, file: &str) -> Result<Option<Main>, Error> {
        let stem = file.split('.').next().and_then(Stem::parse);
        let Some((kept, stem)) = self.0.store.cover_path(file).zip(stem) else { return Ok(None) };
        let path = self.main(&stem);
        let made = self.made_once(path.clone(), move || {
            let bytes = std::fs::read(&kept).map_err(|error| error.to_string())?;
            main_from(&bytes)
        });
        let made = made.await?.inspect_err(|reason| tracing::debug!(file, reason, "a cover could not be read"));
        Ok(made.ok().map(|_| Main { stem, path }))
    }

    pub(super) fn store(&self) -> &Store {
        &self.0.store
    }

    /// How many files were made since the start.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.0.made.load(Ordering::Relaxed)
    }

    /// The cover that was found for this state of a release.
    async fn found(&self, folder: &str, sources: &Arc<Sources>) -> Result<Option<Stem>, Error> {
        let (covers, sources, folder) = (self.clone(), Arc::clone(sources), folder.to_owned());
        let reference = self.made_once(self.reference(&sources), move || {
            let stem = covers.search(&folder, &sources);
            Ok(stem.map(|stem| stem.0).unwrap_or_default().into_bytes())
        });
        let stem = reference.await?.ok().and_then(|stem| String::from_utf8(stem).ok());
        Ok(stem.and_then(|stem| Stem::parse(&stem)))
    }

    /// Looks through all places until there is a picture that can be read, and keeps it.
    fn search(&self, folder: &str, sources: &Sources) -> Option<Stem> {
        for place in &sources.places {
            let kept = place.read(&self.0.music).and_then(|picture| {
                let Some(picture) = picture else { return Ok(None) };
                let stem = Stem::of(&picture);
                let main = self.main(&stem);
                if !main.exists() {
                    self.keep(&main, &main_from(&picture)?);
                }
                Ok(Some(stem))
            });
            match kept {
                Ok(Some(stem)) => return Some(stem),
                Ok(None) => {}
                Err(reason) => {
                    let place = place.place().display();
                    tracing::warn!(folder, %place, reason, "a cover could not be read");
                }
            }
        }
        None
    }

    /// The kept cover in a size and kind, or why it cannot be made.
    async fn variant(
        &self,
        stem: &Stem,
        size: Option<CoverSize>,
        encoding: Encoding,
    ) -> Result<Result<Cover, String>, Error> {
        let main = self.main(stem);
        let form = size.map_or_else(|| "main".to_owned(), |size| size.pixels().to_string());
        let file = main.with_file_name(format!("{}-{form}.{}", stem.0, encoding.ending()));
        let etag = format!("\"{}-{form}-{}\"", stem.0, encoding.ending());
        let bytes = if size.is_none() && encoding == Encoding::Jpeg {
            blocking(move || std::fs::read(main).map_err(|error| error.to_string())).await?
        } else {
            let make = move || {
                let main = std::fs::read(main).map_err(|error| error.to_string())?;
                let mut picture = decode::decode(&main, MAIN_SIDE).map_err(|error| error.to_string())?;
                if let Some(size) = size {
                    picture = encode::square(picture, size.pixels().into())?;
                }
                encoding.encode(&picture)
            };
            self.made_once(file, make).await?
        };
        Ok(bytes.map(|bytes| Cover { bytes, encoding, etag }))
    }

    /// The content of a file, which is made if it is not there. However many ask for it at once, it is made once, also
    /// when those who asked first have gone.
    pub(super) async fn made_once(
        &self,
        file: PathBuf,
        make: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
    ) -> Result<Result<Vec<u8>, String>, Error> {
        if let Some(content) = read(&file).await? {
            return Ok(Ok(content));
        }
        let turn = self.turn(&file).lock_owned().await;
        if let Some(content) = read(&file).await? {
            return Ok(Ok(content));
        }
        let covers = self.clone();
        let work = move || {
            let _held = turn;
            make().inspect(|content| covers.keep(&file, content))
        };
        worked_on(work).await
    }

    /// A cover that cannot be kept is made again the next time.
    fn keep(&self, file: &Path, content: &[u8]) {
        self.0.made.fetch_add(1, Ordering::Relaxed);
        let kept = file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| write_whole(file, content));
        if let Err(error) = kept {
            tracing::error!(file = %file.display(), %error, "a cover could not be kept");
        }
    }

    fn turn(&self, file: &Path) -> Arc<tokio::sync::Mutex<()>> {
        const MANY: usize = 1000;
        let mut making = self.0.making.lock().unwrap_or_else(PoisonError::into_inner);
        if making.len() > MANY {
            making.retain(|_, turn| turn.strong_count() > 0);
        }
        if let Some(turn) = making.get(file).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        making.insert(file.to_owned(), Arc::downgrade(&turn));
        turn
    }

    /// Where the name of the cover is kept that was found for a state of a release; empty when there is none.
    fn reference(&self, sources: &Sources) -> PathBuf {
        self.place(&sources.state, "found")
    }

    /// Where a cover is kept from which the others are made.
    fn main(&self, stem: &Stem) -> PathBuf {
        self.place(stem, "jpg")
    }

    pub(super) fn place(&self, stem: &Stem, ending: &str) -> PathBuf {
        // No folder with a hundred thousand files in it.
        self.0.folder.join(&stem.0[..2]).join(format!("{}.{ending}", stem.0))
    }
}

fn main_from(picture: &[u8]) -> Result<Vec<u8>, String> {
    let picture = decode::decode(picture, MAIN_SIDE).map_err(|error| error.to_string())?;
    encode::fine_jpeg(&picture)
}

/// What is in a file; `None` when it is not there.
async fn read(file: &Path) -> Result<Option<Vec<u8>>, Error> {
    let file = file.to_owned();
    blocking(move || std::fs::read(file).ok()).await
}

impl Index {
    /// The title of the release in a folder, and its tracks with a picture inside, at most [`MAX_TRACKS`].
    async fn art_tracks(&self, folder: &str) -> Result<Option<(String, Vec<ArtTrack>)>, Error> {
        let query = "SELECT id, title FROM releases WHERE folder = ?";
        let release: Option<(i64, String)> = sqlx::query_as(query).bind(folder).fetch_optional(&self.pool).await?;
        let Some((id, title)) = release else { return Ok(None) };
        let query = "SELECT path, size, modified_ns FROM tracks WHERE release_id = ? AND has_art \
            ORDER BY disc_number, track_number, path LIMIT ?";
        let tracks = sqlx::query_as(query).bind(id).bind(MAX_TRACKS).fetch_all(&self.pool).await?;
        Ok(Some((title, tracks)))
    }
}
