//! A little of the data disk that is held back, so that the databases can be opened when the disk is full. A running
//! server needs none of it, for its databases stay open.

use std::io::{self, Write as _};
use std::path::Path;

use rand::RngCore as _;

/// Relative to DATA_ROOT.
const FILE: &str = "reserve";

/// The -shm files of both databases, 32 KiB each, and some pages of their write-ahead logs.
const BYTES: usize = 256 * 1024;

/// Releases the space; returns whether there was any.
pub(crate) fn release(data_root: &Path) -> bool {
    let is_released = std::fs::remove_file(data_root.join(FILE)).is_ok();
    if is_released {
        tracing::warn!("the disk with the data folder is full; its reserve is used up to open the databases");
    }
    is_released
}

/// Reserves the space if that was not done yet, and there is room.
pub(crate) fn fill(data_root: &Path) -> io::Result<()> {
    let path = data_root.join(FILE);
    if path.metadata().is_ok_and(|metadata| metadata.len() == BYTES as u64) {
        return Ok(());
    }
    // Not zeros: some file systems compress, and store nothing for them.
    let mut bytes = vec![0; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    let filled = std::fs::File::create(&path).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.sync_all()
    });
    filled.inspect_err(|_| drop(std::fs::remove_file(&path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_there_once_and_can_be_given_back() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!release(folder.path()));
        fill(folder.path()).unwrap();
        fill(folder.path()).unwrap();
        assert_eq!(folder.path().join(FILE).metadata().unwrap().len(), BYTES as u64);
        assert!(release(folder.path()) && !release(folder.path()));
    }
}
