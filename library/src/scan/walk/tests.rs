//! Walks of a tree that does not change. What a scan makes of it is tested from outside.

use std::path::PathBuf;
use std::sync::mpsc::sync_channel;

use super::{Folder, Walked, walk};

/// With several threads the last folder may be taken by another one while a thread holds files that it has not sent.
#[test]
fn every_walk_of_the_same_tree_finds_the_same_files() {
    const WALKS: usize = 3000;
    const FILES: usize = 40;
    let root = tempfile::tempdir().unwrap();
    for number in 0..FILES {
        let folder = root.path().join(format!("{}/{}/{number}", number % 3, number % 7));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("song.mp3"), "").unwrap();
    }
    for number in 0..WALKS {
        let (sender, walked) = sync_channel(8);
        let walked: Vec<_> = std::thread::scope(|scope| {
            scope.spawn(|| walk(root.path(), &[PathBuf::new()], None, sender));
            walked.iter().collect()
        });
        let files = |walked: Walked| match walked {
            Walked::Folders(folders) => folders.iter().map(Folder::len).sum::<usize>(),
            other => panic!("{other:?}"),
        };
        let found: usize = walked.into_iter().map(files).sum();
        assert_eq!(found, FILES, "in walk {number}");
    }
}
