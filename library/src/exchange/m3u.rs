//! M3U: one location a line. What is told beyond that is in comments, of which every program knows a few.
//! Locations are not understood here.

use std::fmt::Write;

use model::{Millis, PlaylistEntry};

use super::Playlist;
use super::playlist::push;
use crate::Error;

pub(super) fn write(playlist: &Playlist) -> String {
    let mut text = String::from("#EXTM3U\n");
    // A line ends where the text does.
    let line = |text: &str| text.replace(['\r', '\n'], " ");
    if !playlist.title.is_empty() {
        let _ = writeln!(text, "#PLAYLIST:{}", line(&playlist.title));
    }
    for entry in &playlist.entries {
        let seconds = entry.duration.map_or("-1".to_owned(), |length| ((length.0 + 500) / 1000).to_string());
        let name = if entry.artist.is_empty() { String::new() } else { format!("{} - ", line(&entry.artist)) };
        let _ = writeln!(text, "#EXTINF:{seconds},{name}{}", line(&entry.title));
        if !entry.album.is_empty() {
            let _ = writeln!(text, "#EXTALB:{}", line(&entry.album));
        }
        // A name may begin like a comment.
        let start = if entry.location.starts_with('#') { "./" } else { "" };
        let _ = writeln!(text, "{start}{}", line(&entry.location));
    }
    text
}

pub(super) fn read(text: &str) -> Result<Playlist, Error> {
    let mut playlist = Playlist::default();
    let mut next = PlaylistEntry::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(info) = line.strip_prefix("#EXTINF:") {
            let (seconds, name) = info.split_once(',').unwrap_or((info, ""));
            // Some programs write attributes behind the number.
            let seconds = seconds.split_whitespace().next().and_then(|number| number.parse::<f64>().ok());
            next.duration = seconds.map(Millis::from_seconds).filter(|length| length.0 > 0);
            let name = name.trim();
            let (artist, title) = name.split_once(" - ").unwrap_or(("", name));
            (next.artist, next.title) = (artist.trim().to_owned(), title.trim().to_owned());
        } else if let Some(album) = line.strip_prefix("#EXTALB:") {
            album.trim().clone_into(&mut next.album);
        } else if let Some(title) = line.strip_prefix("#PLAYLIST:") {
            title.trim().clone_into(&mut playlist.title);
        } else if !line.starts_with('#') {
            line.clone_into(&mut next.location);
            push(&mut playlist.entries, std::mem::take(&mut next))?;
        }
    }
    Ok(playlist)
}
