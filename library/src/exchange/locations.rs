//! Locations in playlists: addresses and paths of any system, and what of them can be a path in the music folder.
//! Whether there is such a file is asked in `matching`.

use model::limits::playlists::{FOLDERS, LOCATION_BYTES};
use percent_encoding::percent_decode_str;

/// A location as a URI, which XSPF wants: addresses are that already, paths become relative ones.
pub(super) fn to_uri(location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    location.split('/').map(model::track::encode_segment).collect::<Vec<_>>().join("/")
}

/// A location out of a URI: addresses stay, relative ones become paths.
pub(super) fn from_uri(uri: &str) -> String {
    if uri.contains("://") || uri.starts_with("file:") { uri.to_owned() } else { decoded(uri) }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// The names of folders and file on the way to a location, without what stands before them: drive, host, `..`.
/// None for what is longer or deeper than the path of a file.
pub(super) fn names(location: &str) -> Vec<String> {
    let path = match location.split_once("://") {
        Some((scheme, rest)) => {
            let path = rest.split_once('/').map_or("", |(_host, path)| path);
            // Behind a question mark and a hash, the web has something else.
            let path = if scheme == "file" { path } else { path.split(['?', '#']).next().unwrap_or("") };
            let path = decoded(path);
            if scheme == "file" { path } else { path.strip_prefix("play/").map_or(path.clone(), str::to_owned) }
        }
        None => match location.strip_prefix("file:") {
            Some(path) => decoded(path),
            None => location.to_owned(),
        },
    };
    if path.len() > LOCATION_BYTES {
        return Vec::new();
    }
    let is_windows = path.contains('\\') && !path.contains('/')
        || path.trim_start_matches('/').as_bytes().get(1..3).is_some_and(|start| start == b":\\" || start == b":/");
    let path = if is_windows { path.replace('\\', "/") } else { path };
    let mut names: Vec<String> = Vec::new();
    for (place, name) in path.split('/').enumerate() {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            drive if is_windows && place <= 1 && drive.ends_with(':') => {}
            _ if names.len() > FOLDERS => return Vec::new(),
            name => names.push(name.to_owned()),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_of_every_kind_are_names_on_the_way_to_a_file() {
        for (location, path) in [
            ("Artist/Album/01 100%.mp3", "Artist/Album/01 100%.mp3"),
            ("./a/../b/c.mp3", "b/c.mp3"),
            ("../../c.mp3", "c.mp3"),
            ("/home/ada/Music/a b.mp3", "home/ada/Music/a b.mp3"),
            (r"C:\Music\Köln\a.mp3", "Music/Köln/a.mp3"),
            (r"Köln\a.mp3", "Köln/a.mp3"),
            ("a/b\\c.mp3", "a/b\\c.mp3"),
            ("file:///C:/Music/a%20b.mp3", "Music/a b.mp3"),
            ("file:///home/a%20b%23.mp3", "home/a b#.mp3"),
            ("https://tapes.example/play/K%C3%B6ln/a%3F.mp3?quality=low", "Köln/a?.mp3"),
            ("http://other.example/x/a.mp3#t=1", "x/a.mp3"),
            ("http://other.example", ""),
            (&"a/".repeat(2048), ""),
            (&"a/".repeat(66), ""),
            (&"a/".repeat(65), &"a/".repeat(65)[..129]),
            ("", ""),
        ] {
            assert_eq!(names(location).join("/"), path, "{location}");
        }
        assert_eq!(to_uri("Köln/a b?.mp3"), "K%C3%B6ln/a%20b%3F.mp3");
        assert_eq!(from_uri(&to_uri("Köln/a b?%.mp3")), "Köln/a b?%.mp3");
        assert_eq!(from_uri("https://x/a%20b"), "https://x/a%20b");
    }
}
