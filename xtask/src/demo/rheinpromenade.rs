//! The album “Rheinpromenade”: evening electronics by a river.
//! How its notes are read is explained in `score`.

use super::catalogue::{Format, Music, Release, Track};
use super::cover::Cover;
use super::score::{Line, Part, Score};
use super::voices::Voice;

const ARTIST: &str = "Jürgen Möwe";

/// The release.
pub(super) const RELEASE: Release = Release {
    artist: ARTIST,
    title: "Rheinpromenade",
    year: 2019,
    genre: "Electronic",
    cover: Cover::Bridge,
    tracks: &[
        track("Grüße aus Köln", Format::Flac, GREETINGS),
        track("Straßenbahn bei Nacht", Format::Mp3, NIGHT_TRAM),
        track("Kaffee & Kassetten", Format::Wav, COFFEE),
        track("Abends am Fluss", Format::Ogg, RIVER),
    ],
};

const fn track(title: &'static str, format: Format, score: Score) -> Track {
    Track { artist: ARTIST, title, format, rate: 44_100, mono: false, music: Music::Score(score) }
}

const GREETINGS: Score = Score {
    tempo: 84.0,
    chords: "Fmaj9 Am7 Dm9 Bbmaj9 C9sus Fmaj9",
    parts: &[
        Part::new(Voice::Pad, Line::Chords("x---------------"), 0.23).wet(0.6),
        Part::new(Voice::Keys, Line::Figure("1-3-4-2-5-4-3-2-"), 0.34).pan(-0.25),
        Part::new(Voice::Bass, Line::Figure("0-----0-..9-0---"), 0.32).wet(0.05),
        Part::new(
            Voice::Bell,
            Line::Tune(
                "C5/4 E5/4 G5/6 A5/2  G5/8 E5/8  F5/6 E5/2 C5/8  \
                 D5/6 F5/2 A5/8  G5/6 F5/2 D5/4 F5/4  E5/8 C5/8",
            ),
            0.34,
        )
        .pan(0.2)
        .wet(0.7),
        Part::new(Voice::Kick, Line::Beat("x.......x.o....."), 0.5).wet(0.05).enter(1),
        Part::new(Voice::Shaker, Line::Beat("..o...x...o...x."), 0.12).enter(1),
    ],
    tail: 4.2,
    ..Score::PLAIN
};

const NIGHT_TRAM: Score = Score {
    tempo: 98.0,
    chords: "Cm9 Cm9 Abmaj9 Abmaj9 Ebmaj9 Ebmaj9 Bb69 Gm7 Abmaj9 Bb69 Cm9 Cm9",
    parts: &[
        Part::new(Voice::Pluck, Line::Figure("1234565432345432"), 0.36).pan(-0.3),
        Part::new(Voice::Pad, Line::Chords("x---------------"), 0.20).wet(0.6),
        Part::new(Voice::Bass, Line::Figure("0.0.0.0.0.0.0.9."), 0.30).wet(0.05).enter(2),
        Part::new(
            Voice::Flute,
            Line::Tune(
                "G4/8 Bb4/4 D5/4  F5/12 D5/4  D5/8 C5/8  Bb4/12 -/4  \
                 C5/8 Eb5/8  D5/8 F5/8  Eb5/12 D5/4  G4/16",
            ),
            0.20,
        )
        .pan(0.25)
        .wet(0.8)
        .enter(4),
        Part::new(Voice::Kick, Line::Beat("x...x...x...x..."), 0.52).wet(0.05).enter(2),
        Part::new(Voice::Brush, Line::Beat("....x.......x..."), 0.22).enter(4),
        Part::new(Voice::Hat, Line::Beat("..x...x...x...xo"), 0.13).pan(0.3).wet(0.2).enter(2),
    ],
    tail: 4.5,
    ..Score::PLAIN
};

const COFFEE: Score = Score {
    tempo: 76.0,
    swing: 0.3,
    chords: "Em9 A13 Dmaj9 Bm9 Gmaj9 F#m7,Bm7 Em9 A9sus Dmaj9",
    parts: &[
        Part::new(Voice::Keys, Line::Chords("x-----..x-x---.."), 0.52).wet(0.3),
        Part::new(Voice::Bass, Line::Figure("0----.0-..0-9---"), 0.35).wet(0.02),
        Part::new(
            Voice::Bell,
            Line::Tune(
                "-/4 F#5/2 E5/2 A4/8  -/4 D5/2 C#5/2 F#4/8  -/4 B4/2 D5/2 F#5/4 A5/4  E5/6 C#5/2 D5/8  \
                 -/4 G5/2 F#5/2 D5/4 B4/4  D5/8 B4/8  A4/16",
            ),
            0.24,
        )
        .pan(0.3)
        .wet(0.6)
        .enter(2),
        Part::new(Voice::Kick, Line::Beat("x.....x...x....."), 0.58).wet(0.03).enter(1),
        Part::new(Voice::Brush, Line::Beat("....x..o....x..o"), 0.30).wet(0.25).enter(1),
        Part::new(Voice::Hat, Line::Beat("x.x.x.xox.x.x.x."), 0.10).pan(-0.3).wet(0.1).enter(1),
    ],
    tail: 3.6,
    wow: 1.0,
    ..Score::PLAIN
};

const RIVER: Score = Score {
    tempo: 80.0,
    beats: 3,
    grid: 2,
    chords: "Am9 Fmaj9 C69/E Gadd9 Am9 Fmaj9 Dm9 E7b9 Am9 Em7/G Fmaj9 Am9",
    parts: &[
        Part::new(Voice::Guitar, Line::Figure("0-----"), 0.34).wet(0.2),
        Part::new(Voice::Guitar, Line::Figure(".23543"), 0.40).pan(-0.3),
        Part::new(Voice::Pad, Line::Chords("x-----"), 0.12).wet(0.7),
        Part::new(
            Voice::Flute,
            Line::Tune(
                "E5/4 D5/2  B4/4 D5/2  C5/4 B4/2  A4/6  F5/4 E5/2  D5/3 B4/1 G#4/2  A4/4 C5/2  B4/4 G4/2  \
                 A4/4 C5/2  E5/6",
            ),
            0.24,
        )
        .pan(0.2)
        .wet(0.7)
        .enter(2),
    ],
    tail: 5.0,
    room: 0.5,
    ..Score::PLAIN
};
