//! The album “Backyard Sundays”: guitars, a music box and a whistle in the open air.
//! How its notes are read is explained in `score`.

use super::catalogue::{Format, Music, Release, Track};
use super::cover::Cover;
use super::score::{Line, Part, Score};
use super::voices::Voice;

const ARTIST: &str = "The Paper Lanterns";

/// The release.
pub(super) const RELEASE: Release = Release {
    artist: ARTIST,
    title: "Backyard Sundays",
    year: 2021,
    genre: "Folk",
    cover: Cover::Sunflower,
    tracks: &[
        track("Sunday 🌻", Format::Mp3, SUNDAY),
        track("Lemonade Stand", Format::Flac, LEMONADE),
        Track { mono: true, ..track("Porch Light", Format::Wav, PORCH) },
        track("Postcard from the Lake", Format::Ogg, POSTCARD),
    ],
};

const fn track(title: &'static str, format: Format, score: Score) -> Track {
    Track { artist: ARTIST, title, format, rate: 44_100, mono: false, music: Music::Score(score) }
}

const SUNDAY: Score = Score {
    tempo: 104.0,
    grid: 2,
    chords: "Gadd9 D69/F# Em7 Cmaj9 Gadd9 D69/F# Cmaj9 D9sus Em7 Cmaj9 D9sus Gadd9",
    parts: &[
        Part::new(Voice::Guitar, Line::Figure("0-3-0-3-"), 0.42).pan(-0.15).wet(0.25),
        Part::new(Voice::Guitar, Line::Figure(".2.4.2.5"), 0.40).pan(-0.3).wet(0.3),
        Part::new(Voice::Guitar, Line::Chords("x-......"), 0.30).pan(0.4).enter(4),
        Part::new(Voice::Bass, Line::Figure("0---9---"), 0.18).wet(0.05).enter(4),
        Part::new(
            Voice::Bell,
            Line::Tune(
                "D5/2 B4/1 D5/1 G5/4  F#5/3 E5/1 D5/4  E5/2 D5/1 E5/1 G5/4  A5/3 G5/1 E5/4  \
                 G5/2 F#5/1 G5/1 B5/4  G5/3 E5/1 D5/4  E5/2 D5/2 C5/2 A4/2  B4/8",
            ),
            0.30,
        )
        .pan(0.2)
        .wet(0.6)
        .enter(4),
        Part::new(Voice::Kick, Line::Beat("x...x..."), 0.38).wet(0.05).enter(2),
        Part::new(Voice::Shaker, Line::Beat("xoxoxoxo"), 0.11).enter(2),
    ],
    wow: 0.15,
    ..Score::PLAIN
};

const LEMONADE: Score = Score {
    tempo: 120.0,
    grid: 2,
    swing: 0.3,
    chords: "C69 Am7 Dm9 G13 Em7 A7 Dm9 G13 Fmaj9 G13 C69 C69",
    parts: &[
        Part::new(Voice::Guitar, Line::Chords("..x..xx."), 0.42).pan(-0.3).wet(0.25).shift(12),
        Part::new(Voice::Bass, Line::Figure("0-.09-.9"), 0.28).wet(0.05),
        Part::new(
            Voice::Flute,
            Line::Tune(
                "G5/2 A5/1 G5/1 E5/4  C5/2 E5/1 G5/1 E5/4  F5/2 E5/1 D5/1 A4/4  B4/2 D5/1 E5/1 D5/4  \
                 G5/2 B5/1 G5/1 E5/4  C#5/3 E5/1 G5/4  A5/2 F5/1 E5/1 D5/4  E5/3 D5/1 B4/4  \
                 A4/2 C5/1 E5/1 G5/4  F5/2 E5/1 D5/1 B4/4  C5/3 E5/1 G5/4  C6/3 -/5",
            ),
            0.24,
        )
        .pan(0.15)
        .wet(0.45)
        .shift(12),
        Part::new(Voice::Kick, Line::Beat("x...x..."), 0.44).wet(0.05),
        Part::new(Voice::Brush, Line::Beat("..x...xo"), 0.26).wet(0.2),
        Part::new(Voice::Shaker, Line::Beat(".x.x.x.x"), 0.10).enter(4),
    ],
    tail: 3.2,
    room: 0.25,
    wow: 0.15,
    ..Score::PLAIN
};

const PORCH: Score = Score {
    tempo: 66.0,
    grid: 2,
    chords: "Aadd9 E69/G# F#m7 Dmaj9 Aadd9/C# Dmaj9 E9sus Aadd9",
    parts: &[
        Part::new(Voice::Guitar, Line::Figure("0-------"), 0.46).wet(0.3),
        Part::new(Voice::Guitar, Line::Figure(".2342432"), 0.34).wet(0.3),
        Part::new(
            Voice::Guitar,
            Line::Tune(
                "C#5/3 B4/1 A4/4  B4/3 C#5/1 E5/4  C#5/3 A4/1 E5/4  F#5/3 E5/1 C#5/4  \
                 E5/3 C#5/1 A4/4  A4/2 B4/2 C#5/2 E5/2  D5/3 B4/1 F#4/4  A4/8",
            ),
            0.48,
        )
        .wet(0.5),
        Part::new(Voice::Pad, Line::Chords("x-------"), 0.08).wet(0.8).enter(2),
    ],
    tail: 4.5,
    echo: 0,
    room: 0.5,
    ..Score::PLAIN
};

const POSTCARD: Score = Score {
    tempo: 56.0,
    beats: 2,
    grid: 3,
    chords: "Dadd9 Dadd9 Cmaj9 G69/B Dadd9 Bm7 Gmaj9 A9sus Dadd9 Cmaj9 G69/B Gm6 Dadd9 Dadd9",
    parts: &[
        Part::new(Voice::Guitar, Line::Figure("0-----"), 0.36).wet(0.25),
        Part::new(Voice::Guitar, Line::Figure(".24354"), 0.36).pan(-0.3).wet(0.35),
        Part::new(Voice::Pad, Line::Chords("x-----"), 0.18).wet(0.7),
        Part::new(Voice::Bell, Line::Figure("...7.. ...8.."), 0.16).pan(0.5).wet(0.9),
        Part::new(
            Voice::Flute,
            Line::Tune("F#5/4 E5/2  D5/4 F#5/2  A5/4 F#5/2  E5/6  F#5/3 A5/3  G5/4 E5/2  D5/4 B4/2  Bb4/3 D5/3  A4/6"),
            0.22,
        )
        .pan(0.2)
        .wet(0.6)
        .enter(4),
        Part::new(Voice::Shaker, Line::Beat("x.ox.o"), 0.09).enter(2),
    ],
    tail: 4.5,
    room: 0.45,
    ..Score::PLAIN
};
