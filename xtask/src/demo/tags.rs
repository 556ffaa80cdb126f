//! Writes titles and the cover into a finished audio file.
//! What they say is in the catalogue.

use std::path::Path;

use lofty::config::WriteOptions;
use lofty::id3::v2::Id3v2Tag;
use lofty::picture::{MimeType, Picture, PictureType};
use lofty::prelude::*;
use lofty::tag::{Tag, TagType};

use super::Failure;
use super::catalogue::{Format, Release, Track};

/// Tags the file of track `number` of `release`, with a JPEG as its front cover.
pub(super) fn write(path: &Path, release: &Release, track: &Track, number: usize, cover: &[u8]) -> Result<(), Failure> {
    let mut tag = Tag::new(match track.format {
        Format::Flac | Format::Ogg => TagType::VorbisComments,
        // In a WAV file too: its own INFO chunk has no place for a cover.
        Format::Mp3 | Format::Wav => TagType::Id3v2,
    });
    tag.set_title(track.title.to_owned());
    tag.set_artist(track.artist.to_owned());
    tag.set_album(release.title.to_owned());
    tag.insert_text(ItemKey::AlbumArtist, release.artist.to_owned());
    tag.set_track(u32::try_from(number)?);
    tag.set_track_total(u32::try_from(release.tracks.len())?);
    tag.insert_text(ItemKey::RecordingDate, release.year.to_string());
    tag.set_genre(release.genre.to_owned());
    if release.tracks.iter().any(|other| other.artist != release.artist) {
        tag.insert_text(ItemKey::FlagCompilation, "1".to_owned());
    }
    let picture = Picture::unchecked(cover.to_vec()).mime_type(MimeType::Jpeg).pic_type(PictureType::CoverFront);
    tag.push_picture(picture.build());
    let options = WriteOptions::default();
    if tag.tag_type() == TagType::Id3v2 {
        // The conversion brings the frames in a different order every time.
        let mut frames: Vec<_> = Id3v2Tag::from(tag).into_iter().collect();
        frames.sort_by(|a, b| a.id_str().cmp(b.id_str()));
        let mut sorted = Id3v2Tag::new();
        for frame in frames {
            sorted.insert(frame);
        }
        sorted.save_to_path(path, options)?;
    } else {
        tag.save_to_path(path, options)?;
    }
    Ok(())
}
