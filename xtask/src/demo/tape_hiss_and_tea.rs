//! The compilation “Tape Hiss & Tea”: five artists, from a music box to ten minutes of loops.
//! How its notes are read is explained in `score`.

use super::catalogue::{Format, Music, Release, Track};
use super::cover::Cover;
use super::score::{Line, Part, Score};
use super::voices::Voice;

/// The release.
pub(super) const RELEASE: Release = Release {
    artist: "Various Artists",
    title: "Tape Hiss & Tea",
    year: 2023,
    genre: "Easy Listening",
    cover: Cover::Tiles,
    tracks: &[
        Track { rate: 48_000, ..track("Nora Lindqvist", "Snow Light", Format::Flac, SNOW) },
        track("Hotel Pacífico", "Siesta", Format::Ogg, SIESTA),
        track("Bruno Achterberg", "Roller Rink", Format::Wav, ROLLER_RINK),
        track("Mira & the Moths", "Lantern Waltz", Format::Flac, WALTZ),
        Track {
            artist: "Ines Falk",
            title: "Ten Minutes by the Window",
            format: Format::Flac,
            rate: 44_100,
            mono: false,
            music: Music::Window,
        },
    ],
};

const fn track(artist: &'static str, title: &'static str, format: Format, score: Score) -> Track {
    Track { artist, title, format, rate: 44_100, mono: false, music: Music::Score(score) }
}

const SNOW: Score = Score {
    tempo: 76.0,
    chords: "Ebmaj9 F69/Eb Ebmaj9 F69/Eb Cm9 Bbmaj9 Abmaj9 Gm7 F69/Eb Ebmaj9",
    parts: &[
        Part::new(Voice::Bell, Line::Figure("5...7...8...6.7."), 0.30).pan(-0.35).wet(0.8),
        Part::new(Voice::Pad, Line::Chords("x---------------"), 0.22).wet(0.6),
        Part::new(Voice::Keys, Line::Figure("..1...3...4...2."), 0.20).pan(0.35).wet(0.5).enter(2),
        Part::new(Voice::Bass, Line::Figure("0-------........"), 0.24).wet(0.1).enter(2),
        Part::new(
            Voice::Bell,
            Line::Tune(
                "G5/8 Bb5/8  A5/4 G5/4 D5/8  Eb5/8 G5/4 Bb5/4  A5/8 F5/8  G5/8 Eb5/8  D5/4 F5/4 Bb5/8  \
                 A5/8 G5/8  G5/16",
            ),
            0.30,
        )
        .pan(0.15)
        .wet(0.7)
        .enter(2),
    ],
    tail: 5.5,
    room: 0.6,
    ..Score::PLAIN
};

const SIESTA: Score = Score {
    tempo: 124.0,
    grid: 2,
    chords: "Dm9 G13 Cmaj9 Am9 Dm9 G13 Em7 A7b9 Dm9 G13 Em7 A7b9 Dm9 G13 Cmaj9 C69",
    parts: &[
        Part::new(Voice::Guitar, Line::Chords("x-.x-.x- ..x-.x-."), 0.46).pan(-0.3).wet(0.25),
        Part::new(Voice::Bass, Line::Figure("0--99--0"), 0.29).wet(0.05),
        Part::new(
            Voice::Flute,
            Line::Tune(
                "A4/3 F5/3 E5/2  E5/3 D5/5  B4/3 G4/3 D5/2  C5/8  A4/3 F5/3 A5/2  G5/3 F5/2 E5/3  D5/3 B4/3 G5/2  \
                 G5/3 F5/1 E5/2 C#5/2  D5/3 E5/1 F5/4  E5/3 D5/1 B4/4  G5/3 E5/1 D5/4  C#5/3 E5/1 Bb5/2 A5/2  \
                 F5/3 A5/3 C6/2  B5/3 A5/1 F5/2 E5/2  D5/3 G4/1 E5/4  A4/6",
            ),
            0.25,
        )
        .pan(0.2)
        .wet(0.45),
        Part::new(Voice::Rim, Line::Beat("x..x..x. ..x..x.."), 0.16).pan(0.35).wet(0.3),
        Part::new(Voice::Shaker, Line::Beat("xoxoxoxo"), 0.11).pan(0.1),
        Part::new(Voice::Kick, Line::Beat("x..ox..o"), 0.32).wet(0.05),
    ],
    tail: 3.5,
    room: 0.3,
    wow: 0.2,
    ..Score::PLAIN
};

const ROLLER_RINK: Score = Score {
    tempo: 108.0,
    chords: "Gmaj9 A69 Bm9 F#m7 Gmaj9 A69 Dmaj9 Dmaj9 Gmaj9 A69 Bm9 Gmaj9",
    parts: &[
        Part::new(Voice::Pluck, Line::Figure("1.3.6.4.3.5.4.2."), 0.40).pan(-0.3),
        Part::new(Voice::Pad, Line::Chords("x-----x---------"), 0.19).wet(0.4),
        Part::new(Voice::Bass, Line::Figure("0.0.0.9.0.0.0.90"), 0.30).wet(0.05).enter(1),
        Part::new(
            Voice::Keys,
            Line::Tune(
                "B4/6 D5/2 F#5/8  E5/6 C#5/2 E5/8  F#5/6 E5/2 D5/4 A5/4  A5/12 F#5/4  \
                 B5/6 A5/2 F#5/8  E5/6 F#5/2 A5/8  F#5/6 E5/2 C#5/4 D5/4  B4/16",
            ),
            0.34,
        )
        .pan(0.2)
        .wet(0.6)
        .enter(4),
        Part::new(Voice::Kick, Line::Beat("x...x...x...x..."), 0.56).wet(0.03).enter(1),
        Part::new(Voice::Brush, Line::Beat("....x.......x..."), 0.34).wet(0.4).enter(2),
        Part::new(Voice::Hat, Line::Beat("..x...x...x...x."), 0.14).pan(0.3).wet(0.1).enter(2),
    ],
    tail: 4.0,
    ..Score::PLAIN
};

const WALTZ: Score = Score {
    tempo: 108.0,
    beats: 3,
    grid: 2,
    chords: "Bbmaj9 Gm9 Cm9 F13 Bbmaj9 Bb9 Ebmaj9 Ebm6 Dm7 G7b9 Cm9 F9sus Cm9 F13 Bb69 Bb69",
    parts: &[
        Part::new(Voice::Keys, Line::Chords("..x-x-"), 0.40).pan(-0.2).wet(0.35),
        Part::new(Voice::Bass, Line::Figure("0---.."), 0.30).wet(0.05),
        Part::new(
            Voice::Bell,
            Line::Tune(
                "D5/2 F5/2 A5/2  F5/4 D5/2  Eb5/2 G5/2 Bb5/2  A5/4 G5/2  F5/6  Ab5/4 F5/2  G5/6  Gb5/4 Eb5/2  \
                 F5/4 A5/2  Ab5/3 G5/1 F5/2  Eb5/4 G5/2  F5/3 Eb5/1 C5/2  D5/2 Eb5/2 G5/2  A5/4 G5/2  F5/6  D5/6",
            ),
            0.34,
        )
        .pan(0.2)
        .wet(0.6),
        Part::new(Voice::Pad, Line::Chords("x-----"), 0.11).wet(0.6).enter(4),
        Part::new(Voice::Brush, Line::Beat("..o.o."), 0.24).wet(0.2).enter(4),
        Part::new(Voice::Kick, Line::Beat("x....."), 0.34).wet(0.05).enter(4),
    ],
    tail: 4.0,
    wow: 0.6,
    ..Score::PLAIN
};
