//! Folders in which no name has changed are not listed again. Whatever changes in them is noticed all the same.

use std::fs;
use std::os::unix::fs::symlink;

use library::scan::ScanReport;

use crate::harness::{Library, write_tags};

/// What is done, and what the next scan counts.
type Change<'a> = (&'a str, &'a dyn Fn(), [u64; 5]);

fn counts(report: &ScanReport) -> [u64; 5] {
    let ScanReport { added, changed, moved, removed, problems, .. } = *report;
    [added, changed, moved, removed, problems]
}

#[tokio::test]
async fn a_folder_that_has_not_changed_is_not_listed() {
    let library = Library::new().await;
    library.song("a/b/1.mp3", "A", "B");
    library.song("a/b/2.mp3", "A", "B");
    library.write("a/b/scans/back.jpg", "a picture");
    library.settle().await;
    let known = "SELECT concat(path, ': ', names) FROM known_folders ORDER BY path";
    assert_eq!(library.ask(known).await, [": /a", "a: /b", "a/b: 1.mp3/2.mp3//scans", "a/b/scans: "]);
    library.execute("UPDATE known_folders SET names = '2.mp3/' WHERE path = 'a/b'").await;
    assert_eq!(counts(&library.scan().await), [0, 0, 0, 1, 0], "what is known is believed");
    assert_eq!(counts(&library.scan().await), [1, 0, 0, 0, 0], "but not once a track of it has gone");
}

#[tokio::test]
async fn a_change_in_a_known_folder_is_noticed() {
    let library = Library::new().await;
    for path in ["a/b/1.mp3", "a/b/2.mp3", "c/3.mp3", "d/4.mp3", "d/5.mp3"] {
        library.song(path, "A", "B");
    }
    library.write("e/f/cover.jpg", "a picture");
    let path = |path| library.path(path);
    let changes: [Change<'_>; 13] = [
        ("nothing", &|| (), [0, 0, 0, 0, 0]),
        ("a file is added", &|| drop(library.song("a/b/3.mp3", "A", "B")), [1, 0, 0, 0, 0]),
        ("a file is tagged anew", &|| write_tags(&path("a/b/1.mp3"), &[], |_| {}), [0, 1, 0, 0, 0]),
        ("a file is renamed", &|| fs::rename(path("a/b/2.mp3"), path("a/b/4.mp3")).unwrap(), [0, 0, 1, 0, 0]),
        ("a file is moved", &|| fs::rename(path("a/b/4.mp3"), path("a/4.mp3")).unwrap(), [0, 0, 1, 0, 0]),
        ("a file is removed", &|| fs::remove_file(path("a/b/3.mp3")).unwrap(), [0, 0, 0, 1, 0]),
        ("a folder with files has one more", &|| drop(library.song("a/b/cd 2/1.mp3", "A", "B")), [1, 0, 0, 0, 0]),
        ("a folder without files has some", &|| drop(library.song("e/f/1.mp3", "A", "B")), [1, 0, 0, 0, 0]),
        (
            "a file becomes a folder",
            &|| {
                fs::remove_file(path("c/3.mp3")).unwrap();
                library.song("c/3.mp3/4.mp3", "A", "B");
            },
            [1, 0, 0, 1, 0],
        ),
        (
            "a file becomes a link that leads out",
            &|| {
                fs::rename(path("d/4.mp3"), library.around().join("4.mp3")).unwrap();
                symlink(library.around().join("4.mp3"), path("d/4.mp3")).unwrap();
            },
            [0, 0, 0, 1, 1],
        ),
        ("a file is no music any more", &|| drop(library.write("d/5.mp3", "no sound")), [0, 0, 0, 1, 2]),
        ("a folder is renamed", &|| fs::rename(path("a/b"), path("a/z")).unwrap(), [0, 0, 2, 0, 2]),
        ("a folder is removed", &|| fs::remove_dir_all(path("a")).unwrap(), [0, 0, 0, 3, 2]),
    ];
    for (what, change, expected) in changes {
        library.settle().await;
        change();
        let report = library.scan().await;
        assert_eq!(counts(&report), expected, "{what}: {report}");
        assert_eq!(counts(&library.scan().await)[..4], [0; 4], "after: {what}");
    }
    assert_eq!(library.paths().await, ["c/3.mp3/4.mp3", "e/f/1.mp3"]);
    library.settle().await;
    let known = "SELECT path FROM known_folders ORDER BY path";
    assert_eq!(library.ask(known).await, ["", "c", "c/3.mp3", "e", "e/f"]);
}
