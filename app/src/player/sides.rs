//! Where a tape turns: which track begins side B.
//! How the sides look is a matter of the pages.

use model::Millis;

/// The index of the first track of side B, where the tape is cut most evenly; `None` when it is too short to
/// be turned. Tracks of unknown length count as four minutes.
#[must_use]
pub fn turn(lengths: &[Option<Millis>]) -> Option<usize> {
    const FEWEST_TRACKS: usize = 4;
    const UNKNOWN: Millis = Millis(240_000);
    if lengths.len() < FEWEST_TRACKS {
        return None;
    }
    let lengths: Vec<u64> = lengths.iter().map(|length| length.unwrap_or(UNKNOWN).0).collect();
    let total: u64 = lengths.iter().sum();
    let side_a = lengths.iter().scan(0, |sum, length| {
        *sum += length;
        Some(*sum)
    });
    // The last track is always on side B.
    let cuts = (1..lengths.len()).zip(side_a);
    cuts.min_by_key(|(_, side_a)| (side_a * 2).abs_diff(total)).map(|(cut, _)| cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn_of(seconds: &[u64]) -> Option<usize> {
        turn(&seconds.iter().map(|length| Some(Millis(length * 1000))).collect::<Vec<_>>())
    }

    #[test]
    fn the_tape_turns_where_its_sides_are_most_even() {
        assert_eq!(turn_of(&[10, 10, 10, 10]), Some(2));
        assert_eq!(turn_of(&[40, 10, 10, 10, 10]), Some(1));
        assert_eq!(turn_of(&[10, 10, 10, 600]), Some(3));
        assert_eq!(turn_of(&[600, 10, 10, 10]), Some(1));
        assert_eq!(turn_of(&[10, 10, 10]), None);
        assert_eq!(turn_of(&[]), None);
        assert_eq!(turn(&[None, None, None, None]), Some(2));
        assert_eq!(turn_of(&[0, 0, 0, 0]), Some(1));
    }
}
