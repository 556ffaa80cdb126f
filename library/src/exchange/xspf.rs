//! XSPF, version 1: a playlist as XML. Of its elements those are read and written that a mixtape has.
//! Nothing outside of the file is ever fetched, and no entities of its own are expanded.

use model::limits::playlists::XML_DEPTH;
use model::{Millis, PlaylistEntry};
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer, XmlVersion};

use super::Playlist;
use super::jspf::date_of;
use super::locations::{from_uri, to_uri};
use super::playlist::{bad, push};
use crate::Error;

/// Of all files that there are; it decides which signs end a line.
const VERSION: XmlVersion = XmlVersion::Implicit1_0;

pub(super) fn write(playlist: &Playlist) -> Result<String, Error> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = (|| {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let root = BytesStart::new("playlist").with_attributes([("version", "1"), ("xmlns", "http://xspf.org/ns/0/")]);
        writer.write_event(Event::Start(root))?;
        element(&mut writer, "title", &playlist.title)?;
        element(&mut writer, "creator", &playlist.creator_name)?;
        element(&mut writer, "annotation", &playlist.notes)?;
        element(&mut writer, "date", &date_of(playlist).unwrap_or_default())?;
        writer.write_event(Event::Start(BytesStart::new("trackList")))?;
        for entry in &playlist.entries {
            writer.write_event(Event::Start(BytesStart::new("track")))?;
            element(&mut writer, "location", &to_uri(&entry.location))?;
            element(&mut writer, "title", &entry.title)?;
            element(&mut writer, "creator", &entry.artist)?;
            element(&mut writer, "album", &entry.album)?;
            element(&mut writer, "duration", &entry.duration.map_or(String::new(), |length| length.0.to_string()))?;
            writer.write_event(Event::End(BytesEnd::new("track")))?;
        }
        writer.write_event(Event::End(BytesEnd::new("trackList")))?;
        writer.write_event(Event::End(BytesEnd::new("playlist")))
    })();
    written.map_err(|error| bad(error.to_string()))?;
    String::from_utf8(writer.into_inner()).map_err(|error| bad(error.to_string()))
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> std::io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    // Control characters are no part of XML 1.0, not even escaped.
    let text: String = text.chars().filter(|sign| !sign.is_control() || matches!(sign, '\n' | '\t')).collect();
    writer.write_event(Event::Start(BytesStart::new(name)))?;
    writer.write_event(Event::Text(BytesText::new(&text)))?;
    writer.write_event(Event::End(BytesEnd::new(name)))
}

pub(super) fn read(text: &str) -> Result<Playlist, Error> {
    let mut reader = Reader::from_str(text);
    let mut playlist = Playlist::default();
    // The names of the elements around, and the text inside the innermost.
    let (mut path, mut text): (Vec<String>, String) = (Vec::new(), String::new());
    let mut entry: Option<PlaylistEntry> = None;
    loop {
        match reader.read_event().map_err(|error| bad(error.to_string()))? {
            Event::Start(start) => {
                if path.len() >= XML_DEPTH {
                    return Err(bad("its elements nest too deep"));
                }
                path.push(start.local_name().as_ref().to_owned());
                if path.len() == 1 && path[0] != "playlist" {
                    return Err(bad("it is XML, but no XSPF"));
                }
                if is_at(&path, &["playlist", "trackList", "track"]) {
                    entry = Some(PlaylistEntry::default());
                }
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.xml_content(VERSION)),
            Event::CData(part) => text.push_str(&part.xml_content(VERSION)),
            Event::GeneralRef(reference) => text.push_str(&resolved(&reference)?),
            Event::End(_) => {
                if is_at(&path, &["playlist", "trackList", "track"]) {
                    push(&mut playlist.entries, entry.take().unwrap_or_default())?;
                } else if let (Some(entry), 4) = (&mut entry, path.len()) {
                    take_entry(entry, &path[3], text.trim());
                } else if let [_, name] = path.as_slice() {
                    take_head(&mut playlist, name, text.trim());
                }
                path.pop();
                text.clear();
            }
            Event::Eof if path.is_empty() => return Ok(playlist),
            Event::Eof => return Err(bad("it ends in the middle")),
            _ => {}
        }
    }
}

fn is_at(path: &[String], names: &[&str]) -> bool {
    path.iter().map(String::as_str).eq(names.iter().copied())
}

fn take_head(playlist: &mut Playlist, name: &str, text: &str) {
    let field = match name {
        "title" => &mut playlist.title,
        "creator" => &mut playlist.creator_name,
        "annotation" => &mut playlist.notes,
        _ => return,
    };
    text.clone_into(field);
}

fn take_entry(entry: &mut PlaylistEntry, name: &str, text: &str) {
    match name {
        // The first of several is the preferred one.
        "location" if entry.location.is_empty() => entry.location = from_uri(text),
        "title" => text.clone_into(&mut entry.title),
        "creator" => text.clone_into(&mut entry.artist),
        "album" => text.clone_into(&mut entry.album),
        "duration" => {
            let length = text.parse::<f64>().ok().map(|length| Millis::from_seconds(length / 1000.0));
            entry.duration = length.filter(|length| length.0 > 0);
        }
        _ => {}
    }
}

/// `&amp;` and its like; those that a file defines itself are what bombs are made of.
fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, Error> {
    if let Some(sign) = reference.resolve_char_ref().map_err(|error| bad(error.to_string()))? {
        return Ok(sign.to_string());
    }
    let name = reference.xml_content(VERSION);
    quick_xml::escape::resolve_xml_entity(&name).map(str::to_owned).ok_or_else(|| bad(format!("&{name}; is unknown")))
}
