//! Tapes beside a real library whose files are renamed, retagged, removed and replaced.

use std::fs;

use library::Store;
use lofty::tag::ItemKey;
use model::{CoverChoice, Draft, GiftSettings, Mixtape, MixtapeView, Track, TrackPath};

use crate::music::{Library, write_tags};
use crate::shelf::NOW;

struct Room {
    library: Library,
    store: Store,
}

impl Room {
    /// A library of these songs by Ada, and a tape with all of them.
    async fn new(paths: &[&str]) -> (Self, Mixtape) {
        let library = Library::new().await;
        for path in paths {
            library.song(path, "Ada", "Album");
        }
        library.scan().await;
        let store = Store::open(&library.data()).await.unwrap();
        let tracks = paths.iter().map(|path| Track {
            path: TrackPath((*path).to_owned()),
            title: (*path).to_owned(),
            artist: "Ada".to_owned(),
            album: "Anything".to_owned(),
            duration: None,
        });
        let draft = Draft {
            client_id: None,
            title: "Tape".into(),
            creator_name: String::new(),
            liner_notes: String::new(),
            cover: CoverChoice::Keep,
            gift: GiftSettings::default(),
            tracks: tracks.collect(),
        };
        let tape = store.save(&draft.check().unwrap(), None, NOW).await.unwrap().mixtape;
        (Self { library, store }, tape)
    }

    async fn view(&self) -> MixtapeView {
        let tape = self.store.mixtape(&"tape".parse().unwrap()).await.unwrap().unwrap();
        self.store.view(tape, &self.library.index).await.unwrap()
    }

    fn rename(&self, from: &str, to: &str) {
        let to = self.library.path(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(self.library.path(from), to).unwrap();
    }
}

fn paths(view: &MixtapeView) -> Vec<&str> {
    view.mixtape.tracks.iter().map(|track| track.path.0.as_str()).collect()
}

fn missing(view: &MixtapeView) -> Vec<&str> {
    view.missing.iter().map(|path| path.0.as_str()).collect()
}

#[tokio::test]
async fn names_and_lengths_follow_the_tags_without_a_new_revision() {
    let (room, tape) = Room::new(&["a.mp3", "b.mp3"]).await;
    write_tags(
        &room.library.path("a.mp3"),
        &[(ItemKey::TrackTitle, "A Better Title"), (ItemKey::TrackArtist, "Ada L.")],
        |_| {},
    );
    room.library.scan().await;
    let view = room.view().await;
    assert!(view.missing.is_empty());
    let first = &view.mixtape.tracks[0];
    assert_eq!((first.title.as_str(), first.artist.as_str()), ("A Better Title", "Ada L."));
    assert!(first.duration.is_some());
    assert_eq!((view.mixtape.revision, view.mixtape.updated_at), (tape.revision, tape.updated_at));
    // Written down, also for lists.
    assert_eq!(room.store.mixtape(&tape.slug).await.unwrap().unwrap(), view.mixtape);
    let query = model::ListQuery { search: "better".into(), deep: true, ..Default::default() };
    let page = room.store.list(&query).await.unwrap();
    assert_eq!((page.count, page.mixtapes[0].total), (1, view.mixtape.total()));
    // An editor that was opened before can still save.
    let (draft, basis) = (Draft { title: "Other".into(), ..Draft::of(&tape) }, crate::shelf::basis(&tape));
    let saved = room.store.save(&draft.check().unwrap(), Some(&basis), NOW).await.unwrap();
    assert_eq!(saved.mixtape.tracks[0].title, "A Better Title");
}

#[tokio::test]
async fn a_renamed_file_is_followed_also_over_several_renames() {
    let (room, _) = Room::new(&["a.mp3", "b.mp3"]).await;
    room.rename("a.mp3", "folder/first.mp3");
    room.library.scan().await;
    room.rename("folder/first.mp3", "folder/second.mp3");
    room.library.scan().await;
    assert_eq!(room.store.refresh(&room.library.index).await.unwrap(), 2);
    let view = room.view().await;
    assert_eq!((paths(&view), missing(&view).len()), (vec!["folder/second.mp3", "b.mp3"], 0));
    assert_eq!(room.store.refresh(&room.library.index).await.unwrap(), 0, "once is enough");
    // And back again.
    room.rename("folder/second.mp3", "a.mp3");
    room.library.scan().await;
    assert_eq!(paths(&room.view().await), ["a.mp3", "b.mp3"]);
}

#[tokio::test]
async fn a_file_that_was_copied_elsewhere_is_known_by_its_song() {
    let (room, _) = Room::new(&["a.mp3", "b.mp3"]).await;
    fs::create_dir(room.library.path("new disk")).unwrap();
    fs::copy(room.library.path("a.mp3"), room.library.path("new disk/a.mp3")).unwrap();
    fs::remove_file(room.library.path("a.mp3")).unwrap();
    room.library.scan().await;
    let view = room.view().await;
    assert_eq!((paths(&view), missing(&view).len()), (vec!["new disk/a.mp3", "b.mp3"], 0));
}

#[tokio::test]
async fn a_track_whose_file_has_gone_stays_and_is_marked_until_it_comes_back() {
    let (room, _) = Room::new(&["a.mp3", "b.mp3"]).await;
    let bytes = fs::read(room.library.path("a.mp3")).unwrap();
    fs::remove_file(room.library.path("a.mp3")).unwrap();
    room.library.scan().await;
    let view = room.view().await;
    assert_eq!((paths(&view), missing(&view)), (vec!["a.mp3", "b.mp3"], vec!["a.mp3"]));
    assert!(view.is_missing(&view.mixtape.tracks[0]) && !view.is_missing(&view.mixtape.tracks[1]));
    // Something that only has the same title is another song.
    room.library.song("a.mp3 by another.mp3", "Bob", "Album");
    let tags = [(ItemKey::TrackTitle, "a.mp3"), (ItemKey::TrackArtist, "Bob")];
    write_tags(&room.library.path("a.mp3 by another.mp3"), &tags, |_| {});
    room.library.scan().await;
    assert_eq!(missing(&room.view().await), ["a.mp3"]);
    room.library.write("back/a.mp3", bytes);
    room.library.scan().await;
    let view = room.view().await;
    assert_eq!((paths(&view), missing(&view).len()), (vec!["back/a.mp3", "b.mp3"], 0));
}

#[tokio::test]
async fn a_song_is_followed_when_another_takes_its_place() {
    let (room, _) = Room::new(&["01.mp3", "02.mp3"]).await;
    room.view().await;
    // A file is put before the others, and all of them are numbered anew.
    room.rename("02.mp3", "03.mp3");
    room.rename("01.mp3", "02.mp3");
    room.library.song("01.mp3", "Eve", "Album");
    let tags = [(ItemKey::TrackTitle, "new"), (ItemKey::TrackArtist, "Eve")];
    write_tags(&room.library.path("01.mp3"), &tags, |_| {});
    write_tags(
        &room.library.path("02.mp3"),
        &[(ItemKey::TrackTitle, "01.mp3"), (ItemKey::TrackArtist, "Ada"), (ItemKey::AlbumTitle, "Album")],
        |_| {},
    );
    room.library.scan().await;
    let view = room.view().await;
    let titles: Vec<_> = view.mixtape.tracks.iter().map(|track| track.title.as_str()).collect();
    assert_eq!((paths(&view), titles), (vec!["02.mp3", "03.mp3"], vec!["01.mp3", "02.mp3"]));
}

#[tokio::test]
async fn before_the_first_scan_nothing_is_called_missing_and_nothing_unreadable_ever() {
    let (room, _) = Room::new(&["a.mp3", "b.mp3"]).await;
    room.library.write("a.mp3", "no sound");
    room.library.scan().await;
    assert!(room.view().await.missing.is_empty(), "it is there, if in pieces");
    let folder = tempfile::tempdir().unwrap();
    let empty = library::Index::open(folder.path()).await.unwrap();
    let tape = room.view().await.mixtape;
    let view = room.store.view(tape.clone(), &empty).await.unwrap();
    assert_eq!(view, MixtapeView { mixtape: tape, missing: std::collections::BTreeSet::new() });
}
