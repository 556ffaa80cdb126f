//! Links inside, out of, and around in the music folder.

use std::os::unix::fs::symlink;

use crate::harness::{Library, fixture};

#[tokio::test]
async fn a_file_is_found_once_however_many_links_lead_to_it() {
    let library = Library::new().await;
    library.song("a/1.mp3", "A", "B");
    symlink("1.mp3", library.path("a/link.mp3")).unwrap();
    symlink("a", library.path("b")).unwrap();
    symlink(library.path("a"), library.path("absolute")).unwrap();
    symlink("..", library.path("a/up")).unwrap();
    symlink(".", library.path("a/here")).unwrap();
    symlink("ring", library.path("ring")).unwrap();
    symlink("ring.mp3", library.path("ring.mp3")).unwrap();
    let report = library.scan().await;
    assert_eq!((report.files, library.paths().await), (1, vec!["a/1.mp3".to_owned()]));
    assert_eq!(library.problems().await, ["ring.mp3"], "it looks like music and is none");
}

#[tokio::test]
async fn links_show_what_is_not_found_otherwise() {
    let library = Library::new().await;
    library.write(".store/0123", fixture("silence.mp3"));
    library.write(".store/album/x.mp3", fixture("silence.mp3"));
    symlink("../..", library.path(".store/album/loop")).unwrap();
    symlink("../album", library.path(".store/album/again")).unwrap();
    symlink(".store/0123", library.path("song.mp3")).unwrap();
    symlink(".store/album", library.path("album")).unwrap();
    library.scan().await;
    assert_eq!(library.paths().await, ["album/x.mp3", "song.mp3"]);
    assert!(!library.scan().await.has_changes());
}

#[tokio::test]
async fn links_out_of_the_folder_are_not_followed_and_the_owner_is_told() {
    let library = Library::new().await;
    library.song("a.mp3", "A", "B");
    let outside = library.around().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret.mp3"), fixture("silence.mp3")).unwrap();
    symlink(&outside, library.path("folder")).unwrap();
    symlink(outside.join("secret.mp3"), library.path("file.mp3")).unwrap();
    symlink("nothing.mp3", library.path("nowhere.mp3")).unwrap();
    library.scan().await;
    assert_eq!(library.paths().await, ["a.mp3"]);
    assert_eq!(library.problems().await, ["file.mp3", "folder", "nowhere.mp3"]);
}

/// A link cannot be followed to a place whose path is too long, not even by the super-user.
#[tokio::test]
async fn what_lies_behind_a_link_that_cannot_be_followed_is_kept() {
    let library = Library::new().await;
    let long = |name: &str| (0..11).fold(String::new(), |path, _| path + &name.repeat(200) + "/");
    let (upper, lower) = (long("u"), long("l"));
    std::fs::create_dir_all(library.path(".hidden").join(&upper)).unwrap();
    std::fs::create_dir_all(library.around().join(&lower)).unwrap();
    let top = lower.split_once('/').unwrap().0;
    std::fs::rename(library.around().join(top), library.path(".hidden").join(&upper).join(top)).unwrap();
    symlink(format!(".hidden/{upper}"), library.path(".half")).unwrap();
    symlink(format!(".half/{lower}"), library.path("link")).unwrap();
    library.song("a.mp3", "A", "B");
    library.scan().await;
    library
        .execute(
            "INSERT INTO releases (id, folder, title, artist, track_count) VALUES (77, 'link', '', '', 1);
            INSERT INTO tracks (path, release_id, size, modified_ns, inode, title, artist, album, album_artist)
            VALUES ('link/kept.mp3', 77, 1, 1, 1, '', '', '', '')",
        )
        .await;
    let report = library.scan().await;
    assert_eq!((report.removed, report.problems), (0, 1), "{report}");
    assert_eq!(library.paths().await, ["a.mp3", "link/kept.mp3"]);
}
