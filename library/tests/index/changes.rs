//! What a second scan makes of files that were changed, renamed, removed or left alone.

use std::fs::{self, File};
use std::path::Path;

use library::scan::Scope;
use library::search::Query;
use lofty::tag::ItemKey;
use model::search::Pages;

use crate::harness::{Library, write_tags};

const IDS: &str = "SELECT concat_ws('|', id, path) FROM tracks ORDER BY id";

#[tokio::test]
async fn a_file_in_its_old_state_is_not_opened() {
    let library = Library::new().await;
    let path = library.song("a/a.mp3", "A", "B");
    library.song("a/b.mp3", "A", "B");
    library.scan().await;
    // The same size and time, but nothing that could be read.
    let (len, modified) = (fs::metadata(&path).unwrap().len(), fs::metadata(&path).unwrap().modified().unwrap());
    fs::write(&path, vec![0xaa; usize::try_from(len).unwrap()]).unwrap();
    File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let report = library.scan().await;
    assert!(!report.has_changes() && report.files == 2 && report.problems == 0, "{report}");
    // Unless everything is to be read.
    let report = library.scan_only(Scope::Full).await;
    assert_eq!((report.changed, report.removed, report.problems), (1, 1, 1), "{report}");
    assert_eq!((library.paths().await, library.problems().await), (vec!["a/b.mp3".into()], vec!["a/a.mp3".into()]));
    // What was read in vain is not read again either.
    let report = library.scan().await;
    assert!(!report.has_changes() && report.problems == 1, "{report}");
}

#[tokio::test]
async fn a_changed_file_keeps_its_id() {
    let library = Library::new().await;
    let path = library.song("a.mp3", "A", "B");
    library.song("b.mp3", "A", "B");
    library.scan().await;
    let before = library.ask(IDS).await;
    write_tags(&path, &[(ItemKey::TrackTitle, "another title"), (ItemKey::TrackArtist, "C")], |_| {});
    let report = library.scan().await;
    assert_eq!((report.changed, report.added), (1, 0));
    assert_eq!(library.ask(IDS).await, before);
    assert_eq!(library.ask("SELECT title FROM tracks WHERE path = 'a.mp3'").await, ["another title"]);
    assert_eq!(library.ask("SELECT concat(name, track_count) FROM artists ORDER BY 1").await, ["A1", "C1"]);
}

#[tokio::test]
async fn a_renamed_file_or_folder_keeps_its_ids() {
    let library = Library::new().await;
    for number in 0..20 {
        library.song(&format!("old/{number}.mp3"), "A", "B");
    }
    library.scan().await;
    let before = library.ask(IDS).await;
    fs::rename(library.path("old/0.mp3"), library.path("old/zero.mp3")).unwrap();
    fs::rename(library.path("old"), library.path("new")).unwrap();
    let report = library.scan().await;
    assert_eq!((report.moved, report.added, report.removed), (20, 0, 0), "{report}");
    let expected: Vec<_> = before.iter().map(|row| row.replace("old", "new").replace("/0.mp3", "/zero.mp3")).collect();
    assert_eq!(library.ask(IDS).await, expected);
    assert_eq!(library.ask("SELECT concat(folder, track_count) FROM releases").await, ["new20"]);
}

#[tokio::test]
async fn hard_links_are_tracks_of_their_own_and_follow_one_rename() {
    let library = Library::new().await;
    let path = library.song("a.mp3", "A", "B");
    fs::hard_link(&path, library.path("b.mp3")).unwrap();
    assert_eq!(library.scan().await.added, 2);
    fs::rename(path, library.path("c.mp3")).unwrap();
    let report = library.scan().await;
    assert_eq!((report.moved, report.added, report.removed), (1, 0, 0));
    assert_eq!(library.paths().await, ["b.mp3", "c.mp3"]);
}

#[tokio::test]
async fn what_has_gone_is_forgotten_with_its_release_and_artist() {
    let library = Library::new().await;
    let path = library.song("a/a.mp3", "A", "B");
    library.song("b/b.mp3", "C", "D");
    library.write("b/bad.mp3", "no sound");
    library.scan().await;
    fs::remove_file(path).unwrap();
    fs::remove_file(library.path("b/bad.mp3")).unwrap();
    assert_eq!(library.scan().await.removed, 1);
    assert_eq!(library.paths().await, ["b/b.mp3"]);
    assert_eq!(library.ask("SELECT folder FROM releases").await, ["b"]);
    assert_eq!(library.ask("SELECT name FROM artists").await, ["C"]);
    assert!(library.problems().await.is_empty());
}

#[tokio::test]
async fn an_empty_music_folder_is_taken_for_a_missing_disk() {
    let library = Library::new().await;
    assert_eq!(library.scan().await.files, 0, "empty from the start is nothing wrong");
    let path = library.song("a.mp3", "A", "B");
    library.scan().await;
    fs::remove_file(path).unwrap();
    let error = library.index.scan(&library.music, &Scope::Changes, |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("--full"), "{error}");
    assert_eq!(library.paths().await, ["a.mp3"]);
    assert_eq!(library.scan_only(Scope::Full).await.removed, 1);
}

#[tokio::test]
async fn a_music_folder_that_has_gone_costs_nothing() {
    let library = Library::new().await;
    library.song("a.mp3", "A", "B");
    library.scan().await;
    fs::rename(library.music.path(), library.around().join("elsewhere")).unwrap();
    assert!(library.index.scan(&library.music, &Scope::Full, |_| {}).await.is_err());
    assert_eq!(library.paths().await, ["a.mp3"]);
}

/// A folder whose path is too long to be opened cannot be listed, not even by the super-user.
#[tokio::test]
async fn what_lies_below_a_folder_that_cannot_be_listed_is_kept() {
    let library = Library::new().await;
    let long = |name: &str| (0..11).fold(String::new(), |path, _| path + &name.repeat(200) + "/");
    let (upper, lower) = (long("u"), long("l"));
    fs::create_dir_all(library.path(&upper)).unwrap();
    fs::create_dir_all(library.around().join(&lower)).unwrap();
    library.song("a.mp3", "A", "B");
    library.scan().await;
    let top = lower.split_once('/').unwrap().0;
    fs::rename(library.around().join(top), library.path(&upper).join(top)).unwrap();
    library
        .execute(&format!(
            "INSERT INTO releases (id, folder, title, artist, track_count) VALUES (77, '{upper}{lower}x', '', '', 1);
            INSERT INTO tracks (path, release_id, size, modified_ns, inode, title, artist, album, album_artist)
            SELECT path, 77, 1, 1, 1, '', '', '', '' FROM
            (SELECT '{upper}{lower}x/kept.mp3' AS path UNION SELECT '{upper}gone.mp3')"
        ))
        .await;
    let report = library.scan().await;
    assert_eq!((report.removed, report.problems), (1, 1), "{report}");
    let paths = library.paths().await;
    assert!(paths.len() == 2 && paths[1].ends_with("kept.mp3"), "{paths:?}");
}

#[tokio::test]
async fn a_scan_of_some_paths_leaves_the_others_alone() {
    let library = Library::new().await;
    for path in ["a/1.mp3", "a/2.mp3", "a b/1.mp3", "c/1.mp3"] {
        library.song(path, "A", "B");
    }
    library.scan().await;
    fs::remove_dir_all(library.path("a")).unwrap();
    fs::remove_dir_all(library.path("a b")).unwrap();
    fs::remove_file(library.path("c/1.mp3")).unwrap();
    library.song("d/1.mp3", "A", "B");
    library.song("d/2.mp3", "A", "B");
    library.song(".hidden/1.mp3", "A", "B");
    let below = |paths: &[&str]| Scope::Below(paths.iter().map(|path| Path::new(path).to_owned()).collect());
    let report = library.scan_only(below(&["a", "a/1.mp3", "d/1.mp3", "d/1.mp3", ".hidden", "nowhere"])).await;
    assert_eq!((report.removed, report.added), (2, 1), "{report}");
    assert_eq!(library.paths().await, ["a b/1.mp3", "c/1.mp3", "d/1.mp3"]);
    assert_eq!(library.scan_only(below(&["c/1.mp3", "d"])).await.removed, 1);
    assert_eq!(library.paths().await, ["a b/1.mp3", "d/1.mp3", "d/2.mp3"]);
}

#[tokio::test]
async fn ten_thousand_files_in_one_folder() {
    let library = Library::new().await;
    let mut wav = crate::harness::fixture("silence.wav");
    wav.truncate(60);
    // The sizes of the file and of the sound.
    wav[4..8].copy_from_slice(&52_u32.to_le_bytes());
    wav[40..44].copy_from_slice(&16_u32.to_le_bytes());
    for number in 0..10_000 {
        library.write(&format!("flat/{number} Artist {} - Title.wav", number % 7), &wav);
    }
    let report = library.scan().await;
    assert_eq!((report.files, report.added, report.problems), (10_000, 10_000, 0));
    let release = "SELECT concat_ws('|', title, artist, is_compilation, track_count) FROM releases";
    assert_eq!(library.ask(release).await, ["flat|Various Artists|1|10000"]);
    assert!(!library.scan().await.has_changes());
}

/// Folders in which nothing has changed are not looked through file by file, so their state must not outlive a track.
#[tokio::test]
async fn a_file_that_went_and_came_back_in_its_old_state_is_a_track_again() {
    let library = Library::new().await;
    let path = library.song("a/1.mp3", "A", "B");
    library.song("a/2.mp3", "A", "B");
    library.scan().await;
    assert!(!library.scan().await.has_changes());
    let elsewhere = library.around().join("1.mp3");
    fs::rename(&path, &elsewhere).unwrap();
    assert_eq!(library.scan_only(Scope::Below(vec!["a/1.mp3".into()])).await.removed, 1);
    fs::rename(&elsewhere, &path).unwrap();
    assert_eq!(library.scan().await.added, 1);
    assert_eq!(library.paths().await, ["a/1.mp3", "a/2.mp3"]);
    assert!(!library.scan().await.has_changes());
}

#[tokio::test]
async fn what_a_scan_has_written_is_found() {
    let library = Library::new().await;
    let found = async |text: &str| {
        let results = library.index.search(&Query::parse(text), &Pages::default()).await.unwrap();
        [results.artists.count, results.releases.count, results.tracks.count]
    };
    let path = library.song("a/first.mp3", "Someone", "Something");
    library.song("b/second.mp3", "Someone", "Other");
    library.scan().await;
    assert_eq!((found("someone").await, found("something").await), ([1, 2, 2], [0, 1, 1]));
    write_tags(&path, &[(ItemKey::TrackTitle, "Zebra"), (ItemKey::TrackArtist, "Else")], |_| {});
    library.scan().await;
    assert_eq!((found("zebra").await, found("first").await), ([0, 0, 1], [0, 0, 0]));
    fs::remove_file(path).unwrap();
    library.scan().await;
    assert_eq!((found("zebra").await, found("else").await, found("someone").await), ([0; 3], [0; 3], [1, 1, 1]));

    // A scan that was killed has noted what the search does not know yet.
    library.execute("UPDATE tracks SET title = 'Yak'").await;
    assert_eq!(found("yak").await, [0; 3]);
    library.scan().await;
    assert_eq!(found("yak").await, [0, 0, 1]);
}
