//! Which rows of a table a scan has come across: a bit for each, however many there are.
//! What becomes of the others is decided in `finish`.

use std::collections::HashMap;

/// Bits of one block, and words that have so many.
const BLOCK: i64 = 4096;
const WORDS: usize = 64;

/// A set of row ids that lie close together.
#[derive(Debug, Default)]
pub(super) struct Marks(HashMap<i64, Box<[u64; WORDS]>>);

impl Marks {
    pub(super) fn add(&mut self, id: i64) {
        let (block, word, bit) = place(id);
        self.0.entry(block).or_insert_with(|| Box::new([0; WORDS]))[word] |= bit;
    }

    pub(super) fn has(&self, id: i64) -> bool {
        let (block, word, bit) = place(id);
        self.0.get(&block).is_some_and(|block| block[word] & bit != 0)
    }
}

/// The block, the word in it and the bit in that.
fn place(id: i64) -> (i64, usize, u64) {
    let inside = id.rem_euclid(BLOCK).unsigned_abs();
    let word = usize::try_from(inside / 64).unwrap_or_default();
    (id.div_euclid(BLOCK), word, 1 << (inside % 64))
}

#[cfg(test)]
mod tests {
    use super::Marks;

    #[test]
    fn only_what_was_added_is_there() {
        let mut marks = Marks::default();
        let ids = [0, 1, 63, 64, 4095, 4096, 1 << 40, i64::MAX, -1];
        for id in ids {
            marks.add(id);
        }
        assert!(ids.into_iter().all(|id| marks.has(id)));
        assert!([2, 62, 65, 4094, 4097, -2, i64::MIN, (1 << 40) + 1].into_iter().all(|id| !marks.has(id)));
    }
}
