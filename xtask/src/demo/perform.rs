//! Plays a score: finds out who plays which note when, and mixes the notes in their room.
//! The sound of a single note is the business of `voices`.

use fastrand::Rng;

use super::Failure;
use super::effects;
use super::harmony::{self, Chord, Pitch};
use super::score::{Line, Part, Score};
use super::stereo::Stereo;
use super::tape;
use super::voices::Note;

/// How far a player is early or late, in seconds.
const HASTE: f32 = 0.004;

/// Something that a part does at a step of the grid.
#[derive(Debug, PartialEq, Eq)]
struct Stroke {
    /// When, in steps.
    step: usize,
    /// For how long, in steps.
    held: usize,
    /// What: the character of the pattern.
    sign: char,
}

/// Notes that begin together.
struct Event {
    step: usize,
    held: usize,
    /// Loudness, 0 to 1.
    force: f32,
    pitches: Vec<Pitch>,
}

/// The finished recording of a score. The same seed makes the same recording.
pub(super) fn perform(score: &Score, rate: u32, seed: u64) -> Result<Stereo, Failure> {
    let bars = harmony::progression(score.chords)?;
    let steps = bars.len() * score.bar();
    let seconds = score.time(steps) + score.tail;
    let (mut dry, mut wet) = (Stereo::silence(seconds, rate), Stereo::silence(seconds, rate));
    let mut rng = Rng::with_seed(seed);
    for part in score.parts {
        for event in events(score, part, &bars, steps)? {
            let held = event.held as f32 * score.step() * 0.98;
            let start = score.time(event.step) + HASTE * rng.f32();
            let share = (event.pitches.len() as f32).sqrt().recip();
            for (place, pitch) in event.pitches.iter().enumerate() {
                let note = Note { hz: harmony::frequency(pitch + part.shift), held, rate: rate as f32 };
                let start = start + place as f32 * part.voice.strum();
                let level = part.level * event.force * share * (0.88 + 0.24 * rng.f32());
                let sides: &[f32] = if part.voice.wide() { &[-0.75, 0.75] } else { &[0.0] };
                for side in sides {
                    let sound = part.voice.play(note, &mut rng);
                    let pan = (part.pan + side).clamp(-1.0, 1.0);
                    dry.add(&sound, start, level, pan);
                    wet.add(&sound, start, level * part.wet, pan);
                }
            }
        }
    }
    // The dry part of the echo is left out of the mix: it is in there already.
    let mut echoes = wet.clone();
    effects::echo(&mut echoes, score.echo as f32 * score.step());
    dry.add_all(&echoes, 0.7);
    dry.add_all(&wet, -0.7);
    effects::reverb(&mut echoes, 2.2);
    dry.add_all(&echoes, score.room);
    tape::record(&mut dry, score.wow, 0.02, score.tail * 0.6);
    Ok(dry)
}

/// All that a part plays, in order.
fn events(score: &Score, part: &Part, bars: &[Vec<Chord>], steps: usize) -> Result<Vec<Event>, Failure> {
    let chord = |step: usize| {
        let bar = &bars[step / score.bar()];
        bar[step % score.bar() * bar.len() / score.bar()]
    };
    let first = part.enter * score.bar();
    let soft = |sign| if sign == 'o' { 0.5 } else { 1.0 };
    let play = |stroke: Stroke, pitches| {
        let Stroke { step, held, sign } = stroke;
        Event { step, held, force: soft(sign), pitches }
    };
    let played = match part.line {
        Line::Chords(pattern) => strokes(pattern, first, steps)
            .into_iter()
            .map(|stroke| {
                let pitches = chord(stroke.step).voices.to_vec();
                play(stroke, pitches)
            })
            .collect(),
        Line::Figure(pattern) => strokes(pattern, first, steps)
            .into_iter()
            .map(|stroke| {
                let tone = tone(chord(stroke.step), stroke.sign)?;
                Ok(play(stroke, vec![tone]))
            })
            .collect::<Result<_, Failure>>()?,
        // Drums have no pitch; any will do.
        Line::Beat(pattern) => {
            strokes(pattern, first, steps).into_iter().map(|stroke| play(stroke, vec![harmony::A4])).collect()
        }
        Line::Tune(text) => tune(text, first)?,
    };
    match played.last() {
        Some(last) if last.step + last.held > steps => Err(format!("a part runs on to step {}", last.step).into()),
        _ => Ok(played),
    }
}

/// The strokes of a pattern that is repeated from one step to another.
fn strokes(pattern: &str, from: usize, to: usize) -> Vec<Stroke> {
    let signs: Vec<char> = pattern.chars().filter(|sign| !sign.is_whitespace()).collect();
    let mut strokes: Vec<Stroke> = Vec::new();
    for (step, sign) in (from..to).zip(signs.iter().cycle()) {
        match (sign, strokes.last_mut()) {
            ('-', Some(stroke)) => stroke.held += 1,
            ('-' | '.', _) => {}
            (sign, _) => strokes.push(Stroke { step, held: 1, sign: *sign }),
        }
    }
    strokes
}

/// The tone of a chord that a digit stands for.
fn tone(chord: Chord, digit: char) -> Result<Pitch, Failure> {
    let [first, second, third, fourth] = chord.voices;
    Ok(match digit {
        '0' => chord.bass,
        '1' => first,
        '2' => second,
        '3' => third,
        '4' => fourth,
        '5' => first + 12,
        '6' => second + 12,
        '7' => third + 12,
        '8' => fourth + 12,
        '9' => chord.bass + 7,
        other => return Err(format!("“{other}” is no tone of a chord").into()),
    })
}

/// The notes of a melody.
fn tune(text: &str, first: usize) -> Result<Vec<Event>, Failure> {
    let mut step = first;
    let mut events = Vec::new();
    for word in text.split_whitespace() {
        let (name, held) = word.split_once('/').ok_or_else(|| format!("“{word}” has no length"))?;
        let held = held.parse()?;
        if name != "-" {
            let pitch = harmony::parse_note(name).ok_or_else(|| format!("no note is called “{name}”"))?;
            events.push(Event { step, held, force: 1.0, pitches: vec![pitch] });
        }
        step += held;
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_hold_rest_and_start_again() {
        let stroke = |step, held, sign| Stroke { step, held, sign };
        let expected = [stroke(4, 2, 'x'), stroke(7, 1, 'o'), stroke(8, 1, 'x')];
        assert_eq!(strokes("x-. o", 4, 9), expected);
    }

    #[test]
    fn a_melody_is_read_note_by_note() {
        let notes = tune("A4/3 -/2 C5/1", 8).unwrap();
        let read: Vec<_> = notes.iter().map(|note| (note.step, note.held, note.pitches[0])).collect();
        assert_eq!(read, [(8, 3, 69), (13, 1, 72)]);
        assert!(tune("A4", 0).is_err());
    }
}
