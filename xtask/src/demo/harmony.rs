//! Chord symbols and note names as pitches, with each chord led smoothly into the next.
//! When and on what they are played is not decided here.

use super::Failure;

/// Pitches are MIDI numbers: 60 is middle C, 69 the A of 440 Hz.
pub(super) type Pitch = i32;

/// The A that orchestras tune to.
pub(super) const A4: Pitch = 69;

/// Where the voices of a chord like to lie; keeps a long progression from drifting up or down.
const CENTRE: Pitch = 62;

/// The lowest bass note: small speakers give nothing back below it.
const LOWEST_BASS: Pitch = 34;

/// The four upper voices of every kind of chord, in semitones above the root.
/// Where there is a ninth the root is left to the bass, as a pianist would do it.
const QUALITIES: [(&str, [Pitch; 4]); 14] = [
    ("add9", [0, 2, 4, 7]),
    ("6", [0, 4, 7, 9]),
    ("69", [2, 4, 7, 9]),
    ("7", [0, 4, 7, 10]),
    ("7b9", [1, 4, 7, 10]),
    ("9", [2, 4, 7, 10]),
    ("9sus", [2, 5, 7, 10]),
    ("13", [2, 4, 9, 10]),
    ("maj7", [0, 4, 7, 11]),
    ("maj9", [2, 4, 7, 11]),
    ("m6", [0, 3, 7, 9]),
    ("m7", [0, 3, 7, 10]),
    ("m9", [2, 3, 7, 10]),
    ("m11", [3, 5, 7, 10]),
];

/// A chord as it is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chord {
    /// The bass note.
    pub bass: Pitch,
    /// The voices above it, rising.
    pub voices: [Pitch; 4],
}

/// The frequency of a pitch in Hz, equal temperament.
pub(super) fn frequency(pitch: Pitch) -> f32 {
    440.0 * 2_f32.powf((pitch - A4) as f32 / 12.0)
}

/// Reads a row of bars, each with one chord or several joined with commas, and leads the voices through it.
pub(super) fn progression(symbols: &str) -> Result<Vec<Vec<Chord>>, Failure> {
    let mut before = None;
    let mut bars = Vec::new();
    for bar in symbols.split_whitespace() {
        let mut shared = Vec::new();
        for symbol in bar.split(',') {
            let (below, tones) = parse_chord(symbol).ok_or_else(|| format!("no chord is called “{symbol}”"))?;
            let voices = lead(before, tones);
            before = Some(voices);
            shared.push(Chord { bass: below, voices });
        }
        bars.push(shared);
    }
    Ok(bars)
}

/// A note name with its octave, such as `Bb4`.
pub(super) fn parse_note(name: &str) -> Option<Pitch> {
    let (class, octave) = parse_class(name)?;
    let octave: Pitch = octave.parse().ok()?;
    Some(class + 12 * (octave + 1))
}

/// The bass and the upper tones of a chord symbol such as `Dm9` or `C69/E`.
fn parse_chord(symbol: &str) -> Option<(Pitch, [Pitch; 4])> {
    let (chord, below) = symbol.split_once('/').map_or((symbol, None), |(chord, bass)| (chord, Some(bass)));
    let (root, quality) = parse_class(chord)?;
    let (_, tones) = QUALITIES.iter().find(|(name, _)| *name == quality)?;
    let bass = match below {
        Some(name) => parse_class(name).filter(|(_, rest)| rest.is_empty())?.0,
        None => root,
    };
    Some((LOWEST_BASS + (bass - LOWEST_BASS).rem_euclid(12), tones.map(|tone| root + tone)))
}

/// The pitch class that a name begins with, and the rest of the name.
fn parse_class(name: &str) -> Option<(Pitch, &str)> {
    let natural = match name.chars().next()? {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let rest = &name[1..];
    Some(match rest.chars().next() {
        Some('#') => (natural + 1, &rest[1..]),
        Some('b') => (natural - 1, &rest[1..]),
        _ => (natural, rest),
    })
}

/// Puts the tones where the voices have the shortest way from the chord before.
fn lead(before: Option<[Pitch; 4]>, tones: [Pitch; 4]) -> [Pitch; 4] {
    let mut best = (Pitch::MAX, tones);
    // Every close position has its lowest voice within an octave around the centre of the range.
    for lowest in CENTRE - 13..CENTRE - 1 {
        let mut voices = tones.map(|tone| lowest + (tone - lowest).rem_euclid(12));
        voices.sort_unstable();
        let away = (voices.iter().sum::<Pitch>() - 4 * CENTRE).abs();
        let moved = before.map_or(0, |old| old.iter().zip(voices).map(|(a, b)| (a - b).abs()).sum());
        // The way counts for more than the place.
        let cost = 4 * moved + away;
        if cost < best.0 {
            best = (cost, voices);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_chords_have_their_names() {
        assert_eq!(parse_note("A4"), Some(69));
        assert_eq!(parse_note("Bb4"), Some(70));
        assert_eq!(parse_note("F#5"), Some(78));
        assert_eq!(parse_note("H4"), None);
        assert!((frequency(69) - 440.0).abs() < 1e-3);
        assert!(progression("Cmaj9 Dm9,G13 C69/E").is_ok());
        assert!(progression("Cmaj9 Xm7").is_err());
    }

    #[test]
    fn voices_move_by_small_steps_and_stay_in_their_range() {
        let bars = progression("Dm9 G13 Cmaj9 Am9 Dm9 G13 Em7 A7b9 Dm9").unwrap();
        let chords: Vec<_> = bars.concat();
        for pair in chords.windows(2) {
            for (from, to) in pair[0].voices.iter().zip(pair[1].voices) {
                assert!((from - to).abs() <= 5, "{pair:?}");
            }
        }
        assert!(chords.iter().flat_map(|chord| chord.voices).all(|pitch| (48..=76).contains(&pitch)));
    }
}
