//! A cover made from the covers of a mixtape's tracks, in a square grid. Whose covers these are is for the caller.

use image::{RgbImage, imageops};

use super::{Cover, Covers, Encoding, MAIN_SIDE, MIXTAPE_SIDE, ReleaseCover, decode, encode, worked_on};
use crate::Error;

/// The finest grid, in cells along a side.
pub const MAX_GRID: u8 = 10;

impl Covers {
    /// Makes a cover from those of releases, which are given as their folders, once for each track, and keeps it; answers
    /// its file name below `/covers/`. The grid is as large as is said, at most [`MAX_GRID`] cells along a side, or else just
    /// large enough for the different covers; cells that are left are filled with the most frequent ones
    /// (original-data.md, "Composite cover"). `None` when none of the releases has a cover.
    ///
    /// # Errors
    /// When the index cannot be read or the cover cannot be kept.
    pub async fn compose(&self, folders: &[String], grid: Option<u8>) -> Result<Option<String>, Error> {
        let mut parts: Vec<(Cover, usize)> = Vec::new();
        for (folder, count) in counted(folders) {
            let ReleaseCover::Picture(cover) = self.of_release(folder, None, Encoding::Jpeg).await? else { continue };
            // The discs of a box share one picture.
            match parts.iter_mut().find(|(known, _)| known.etag == cover.etag) {
                Some((_, known)) => *known += count,
                None => parts.push((cover, count)),
            }
        }
        if parts.is_empty() {
            return Ok(None);
        }
        let drawn = worked_on(move || {
            let (parts, counts): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            let side = grid.map_or_else(|| fitting(parts.len()), usize::from).clamp(1, MAX_GRID.into());
            draw(&parts, &cells(&counts, side), side).and_then(|picture| encode::fine_jpeg(&picture))
        });
        let picture = drawn.await?.map_err(Error::DamagedPicture)?;
        self.store().keep_cover(&picture).await.map(Some)
    }
}

/// Each once with how often it is there, in the order of their first places.
fn counted(folders: &[String]) -> Vec<(&str, usize)> {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for folder in folders {
        match counted.iter_mut().find(|(known, _)| known == folder) {
            Some((_, count)) => *count += 1,
            None => counted.push((folder, 1)),
        }
    }
    counted
}

/// The side of the smallest square grid with so many cells, or of the finest.
fn fitting(count: usize) -> usize {
    let finest = usize::from(MAX_GRID);
    (1..finest).find(|side| side * side >= count).unwrap_or(finest)
}

/// Which cover is in which cell of a grid, row by row: the most frequent as far as there is room, in their order, then
/// the most frequent once more.
fn cells(counts: &[usize], side: usize) -> Vec<usize> {
    let mut frequent: Vec<_> = (0..counts.len()).collect();
    frequent.sort_by_key(|cover| std::cmp::Reverse(counts[*cover]));
    let room = side * side;
    let mut cells: Vec<_> = frequent.iter().copied().take(room).collect();
    cells.sort_unstable();
    let rest = room - cells.len();
    cells.extend(frequent.into_iter().cycle().take(rest));
    cells
}

fn draw(covers: &[Cover], cells: &[usize], side: usize) -> Result<RgbImage, String> {
    let cell_count = u32::try_from(side).map_err(|error| error.to_string())?;
    // One cover alone is not made larger than it was kept.
    let length = MIXTAPE_SIDE.min(MAIN_SIDE * cell_count);
    let edge = |cell: u32| cell * length / cell_count;
    let mut sheet = RgbImage::new(length, length);
    let places = (0..cell_count).flat_map(|row| (0..cell_count).map(move |column| (column, row)));
    let mut places: Vec<_> = places.zip(cells).collect();
    // Each cover is read once.
    places.sort_by_key(|(_, cover)| **cover);
    let mut read: Option<(usize, RgbImage)> = None;
    for ((column, row), cover) in places {
        if read.as_ref().is_none_or(|(known, _)| known != cover) {
            let picture = decode::decode(&covers[*cover].bytes, MAIN_SIDE).map_err(|error| error.to_string())?;
            read = Some((*cover, picture));
        }
        let Some((_, picture)) = &read else { continue };
        let (width, height) = (edge(column + 1) - edge(column), edge(row + 1) - edge(row));
        let tile = encode::exactly(picture.clone(), width, height)?;
        imageops::replace(&mut sheet, &tile, edge(column).into(), edge(row).into());
    }
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_is_just_large_enough() {
        assert_eq!([1, 2, 4, 5, 9, 10, 100, 1000].map(fitting), [1, 2, 2, 3, 3, 4, 10, 10]);
    }

    #[test]
    fn what_is_left_is_filled_with_the_most_frequent() {
        assert_eq!(cells(&[1], 2), [0, 0, 0, 0]);
        assert_eq!(cells(&[1, 3, 2], 2), [0, 1, 2, 1]);
        assert_eq!(cells(&[1, 3, 2, 1, 5], 3), [0, 1, 2, 3, 4, 4, 1, 2, 0]);
        // More covers than cells: the most frequent, in their order.
        assert_eq!(cells(&[1, 3, 2, 1, 5], 2), [0, 1, 2, 4]);
        assert_eq!(cells(&[1, 3, 2, 1, 5], 1), [4]);
    }

    #[test]
    fn folders_are_counted_in_their_order() {
        let folders = ["b", "a", "b"].map(str::to_owned);
        assert_eq!(counted(&folders), [("b", 2), ("a", 1)]);
    }
}
