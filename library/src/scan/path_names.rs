//! What the names of a file and its folders say about a track, for files whose tags do not.
//! Nothing is read from the disk.

use crate::fold::fold;

/// The album artist of compilations, whatever their tags call it.
pub(super) const VARIOUS: &str = "Various Artists";

/// What a path says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PathNames {
    pub(super) title: String,
    pub(super) artist: String,
    pub(super) album: String,
    pub(super) album_artist: String,
    pub(super) disc: Option<u32>,
    pub(super) track: Option<u32>,
    pub(super) year: Option<u32>,
}

/// Whether a name stands for several artists rather than one.
pub(super) fn is_various(name: &str) -> bool {
    const NAMES: [&str; 22] = [
        "various artists",
        "various artist",
        "various",
        "va",
        "v a",
        "compilation",
        "compilations",
        "sampler",
        "soundtrack",
        "soundtracks",
        "ost",
        "diverse",
        "diverse interpreten",
        "verschiedene",
        "verschiedene interpreten",
        "verschiedene kunstler",
        "divers",
        "artistes divers",
        "artisti vari",
        "varios artistas",
        "varios",
        "diversos",
    ];
    NAMES.contains(&fold(name).as_str())
}

/// Reads `Artist/2019 - Album/CD 1/01 Title.flac`, `Artist - Album (2019)/01 - Artist - Title.mp3` and the like.
pub(super) fn path_names(path: &str) -> PathNames {
    let mut folders: Vec<&str> = path.split('/').collect();
    let file = folders.pop().unwrap_or_default();
    let mut names = PathNames::default();
    if let Some(disc) = folders.last().and_then(|folder| disc_number(folder))
        && folders.len() > 1
    {
        names.disc = Some(disc);
        folders.pop();
    }
    let artist_folder = folders.len().checked_sub(2).map_or("", |place| folders[place]);
    if let Some(folder) = folders.last() {
        album_folder(folder, artist_folder, &mut names);
    }
    file_name(file.rsplit_once('.').map_or(file, |(stem, _)| stem), &mut names);
    if is_various(&names.album_artist) {
        VARIOUS.clone_into(&mut names.album_artist);
    } else if names.artist.is_empty() {
        names.artist.clone_from(&names.album_artist);
    }
    names
}

/// `CD1`, `Disc 2`, `disk_03`.
pub(crate) fn disc_number(folder: &str) -> Option<u32> {
    let folder = folder.to_ascii_lowercase();
    let rest = ["cd", "disc", "disk"].iter().find_map(|word| folder.strip_prefix(word))?;
    rest.trim_start_matches([' ', '_', '-', '.']).parse().ok().filter(|disc| (1..100).contains(disc))
}

fn album_folder(folder: &str, artist_folder: &str, names: &mut PathNames) {
    let mut parts = parts(folder);
    parts.retain(|part| match year(part) {
        Some(year) if names.year.is_none() => {
            names.year = Some(year);
            false
        }
        _ => true,
    });
    artist_folder.trim().clone_into(&mut names.album_artist);
    // The artist before the album is news only where no folder above says it.
    if parts.len() > 1 && (artist_folder.is_empty() || fold(parts[0]) == fold(artist_folder)) {
        parts.remove(0).clone_into(&mut names.album_artist);
    }
    let album = parts.join(" - ");
    let (found, album) = without_year(&album);
    names.year = names.year.or(found);
    let album = if album.is_empty() { folder } else { album };
    album.trim().clone_into(&mut names.album);
}

/// `Album (2019)`, `[2019] Album`: the year and the rest.
fn without_year(album: &str) -> (Option<u32>, &str) {
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((rest, inside)) = album.strip_suffix(close).and_then(|text| text.rsplit_once(open))
            && let Some(year) = year(inside)
        {
            return (Some(year), rest.trim());
        }
        if let Some((inside, rest)) = album.strip_prefix(open).and_then(|text| text.split_once(close))
            && let Some(year) = year(inside)
        {
            return (Some(year), rest.trim());
        }
    }
    (None, album)
}

fn year(text: &str) -> Option<u32> {
    let text = text.trim();
    let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|year| is_year && (1900..2100).contains(year))
}

/// `01 Title`, `1-01 Title`, `01. Artist - Title`, `Artist - Album - 01 - Title`.
fn file_name(stem: &str, names: &mut PathNames) {
    let spaced = if stem.contains(' ') { stem.to_owned() } else { stem.replace('_', " ") };
    let rest = leading_numbers(spaced.trim(), names);
    let mut parts = parts(rest);
    if let Some(place) = parts.iter().position(|part| is_number(part)).filter(|_| parts.len() > 1) {
        names.track = names.track.or(parts.remove(place).parse().ok());
    }
    let has_artist = match parts.as_slice() {
        [] | [_] => false,
        [_, second] => !is_version(second),
        _ => true,
    };
    if has_artist {
        parts.remove(0).clone_into(&mut names.artist);
        if parts.len() > 1 && fold(parts[0]) == fold(&names.album) {
            parts.remove(0);
        }
    }
    names.title = parts.join(" - ");
    if names.title.is_empty() {
        stem.clone_into(&mut names.title);
    }
}

fn leading_numbers<'a>(text: &'a str, names: &mut PathNames) -> &'a str {
    let digits = |text: &'a str| text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let (first, rest) = digits(text);
    let (second, after) = rest.strip_prefix(['-', '.']).map_or(("", ""), digits);
    let (disc, number, rest) = match (first.len(), second.len()) {
        (1, 2) => (first.parse().ok(), second, after),
        (1..=3, _) => (None, first, rest),
        _ => return text,
    };
    let title = rest.trim_start_matches([' ', '.', '-', '_', ')']);
    // "7th Heaven" and "1979" do not begin with the number of a track.
    if title.is_empty() || title.len() == rest.len() {
        return text;
    }
    names.disc = disc.or(names.disc);
    names.track = number.parse().ok();
    title
}

fn is_number(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What follows a title rather than an artist, as in "Song - Live".
fn is_version(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "live",
        "remaster",
        "remastered",
        "remix",
        "demo",
        "version",
        "edit",
        "mix",
        "acoustic",
        "instrumental",
        "bonus",
        "mono",
        "stereo",
        "reprise",
    ];
    fold(text).split(' ').any(|word| WORDS.contains(&word))
}

fn parts(text: &str) -> Vec<&str> {
    text.split(" - ").flat_map(|part| part.split(" – ")).map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_what_tags_leave_out() {
        // path, artist, album artist, album, title, disc, track, year
        for (path, [artist, album_artist, album, title], [disc, track, year]) in [
            ("Artist/2019 - Album/01 Title.flac", ["Artist", "Artist", "Album", "Title"], [0, 1, 2019]),
            ("Artist/Album (2019)/01 - Title.flac", ["Artist", "Artist", "Album", "Title"], [0, 1, 2019]),
            ("Rock/Artist/[2019] Album/CD2/03. Title.mp3", ["Artist", "Artist", "Album", "Title"], [2, 3, 2019]),
            ("Artist - Album/1-07 Title.ogg", ["Artist", "Artist", "Album", "Title"], [1, 7, 0]),
            ("Artist/Artist - 2019 - Album/Title.mp3", ["Artist", "Artist", "Album", "Title"], [0, 0, 2019]),
            ("Artist/Album/Artist - Album - 04 - Title.mp3", ["Artist", "Artist", "Album", "Title"], [0, 4, 0]),
            ("VA/Hits/01 Artist - Title.mp3", ["Artist", VARIOUS, "Hits", "Title"], [0, 1, 0]),
            ("Compilations/Hits/01 Title.mp3", ["", VARIOUS, "Hits", "Title"], [0, 1, 0]),
            (
                "Artist/Album/05 Song - Live at Home.mp3",
                ["Artist", "Artist", "Album", "Song - Live at Home"],
                [0, 5, 0],
            ),
            ("Album/01_Some_Title.mp3", ["", "", "Album", "Some Title"], [0, 1, 0]),
            ("Artist - Title.mp3", ["Artist", "", "", "Title"], [0, 0, 0]),
            ("Prince/1999/1999.mp3", ["Prince", "Prince", "1999", "1999"], [0, 0, 1999]),
            ("A/B/7th Heaven.mp3", ["A", "A", "B", "7th Heaven"], [0, 0, 0]),
            ("A/B/01.mp3", ["A", "A", "B", "01"], [0, 0, 0]),
            ("CD1/Title.mp3", ["", "", "CD1", "Title"], [0, 0, 0]),
            ("Ünï/Cödé/Ö.mp3", ["Ünï", "Ünï", "Cödé", "Ö"], [0, 0, 0]),
        ] {
            let number = |number: u32| (number > 0).then_some(number);
            let names = PathNames {
                title: title.into(),
                artist: artist.into(),
                album: album.into(),
                album_artist: album_artist.into(),
                disc: number(disc),
                track: number(track),
                year: number(year),
            };
            assert_eq!(path_names(path), names, "{path}");
        }
    }

    #[test]
    fn spellings_of_various_artists() {
        assert!(["Various Artists", "VARIOUS", "V.A.", "V/A", "Verschiedene Künstler"].into_iter().all(is_various));
        assert!(!["Vanessa", "Varg", ""].into_iter().any(is_various));
    }
}
