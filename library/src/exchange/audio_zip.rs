//! The audio of a mixtape as one archive to keep: the original files in order, the cover, and a playlist of them.
//! Whether a listener may have it is decided by the sharing of the tape.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use audio::{MusicRoot, RelativePath, Source};
use model::{Mixtape, Timestamp, Track, TrackPath};

use super::archive::{Archive, Content};
use super::file_names::{file_name, track_name};
use super::{Locations, Playlist};
use crate::{Error, Store};

/// The archive of a tape.
#[derive(Debug)]
pub struct AudioZip {
    /// A name for its file.
    pub file_name: String,
    /// The archive.
    pub archive: Archive,
    /// The tracks that are not in it, for their files could not be opened.
    pub left_out: Vec<TrackPath>,
}

/// A file that is packed.
struct Packed {
    track: Track,
    path: RelativePath,
    size: u64,
    modified: Timestamp,
}

impl Store {
    /// Packs a mixtape. Its files are looked at now, and read when the archive is.
    ///
    /// # Errors
    /// [`Error::NoFiles`] if not one of its files is there.
    pub async fn audio_zip(&self, mixtape: &Mixtape, music: &Arc<MusicRoot>) -> Result<AudioZip, Error> {
        let (root, tracks) = (Arc::clone(music), mixtape.tracks.clone());
        let looked_at = tokio::task::spawn_blocking(move || {
            let looked_at = tracks.into_iter().map(|track| look_at(&root, track)).collect::<Vec<_>>();
            (looked_at.iter().filter_map(|track| track.as_ref().err().cloned()).collect(), looked_at)
        });
        let (left_out, looked_at): (Vec<TrackPath>, _) = looked_at.await.map_err(|_| Error::NoFiles)?;
        let packed: Vec<Packed> = looked_at.into_iter().filter_map(Result::ok).collect();
        if packed.is_empty() {
            return Err(Error::NoFiles);
        }
        let mut archive = Archive::new();
        let names = (1..).zip(&packed).map(|(number, file)| track_name(&file.track, number, packed.len()));
        let names: Vec<_> = names.collect();
        let tracks = packed.iter().map(|packed| packed.track.clone()).collect();
        let mut playlist = Playlist::of(&Mixtape { tracks, ..mixtape.clone() }, Locations::Relative);
        for (entry, name) in playlist.entries.iter_mut().zip(&names) {
            entry.location.clone_from(name);
        }
        let format = model::PlaylistFormat::M3u8;
        let name = file_name(&mixtape.title, ".m3u8");
        archive.push_bytes(name, mixtape.updated_at, playlist.write(format)?);
        if let Some((path, size)) = self.cover_file(mixtape).await {
            let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            archive.push(format!("cover.{ending}"), size, mixtape.updated_at, Content::File(path));
        }
        for (name, Packed { path, size, modified, .. }) in names.into_iter().zip(packed) {
            archive.push(name, size, modified, Content::Music(Arc::clone(music), path));
        }
        Ok(AudioZip { file_name: file_name(&mixtape.title, ".zip"), archive, left_out })
    }
}

fn look_at(music: &MusicRoot, track: Track) -> Result<Packed, TrackPath> {
    let opened =
        RelativePath::parse(track.path.0.clone().into_bytes()).and_then(|path| Ok((music.open_audio(&path)?, path)));
    match opened {
        Ok((file, path)) => {
            let seconds = file.modified().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let modified = Timestamp(i64::try_from(seconds).unwrap_or(0));
            Ok(Packed { track, path, size: file.len(), modified })
        }
        Err(error) => {
            tracing::warn!(path = %track.path, %error, "a track is left out of an archive");
            Err(track.path)
        }
    }
}
