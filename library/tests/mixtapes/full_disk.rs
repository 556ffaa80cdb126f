//! Writes that SQLite breaks off by itself, as it does on a full disk. A trigger that rolls back does the same.

use model::{Basis, CoverChoice, Draft, GiftSettings, Revision, Track, TrackPath};
use sqlx::SqlitePool;

use crate::music::Library;
use crate::shelf::NOW;
use library::Store;

async fn execute(library: &Library, query: &str) {
    let database = SqlitePool::connect(&format!("sqlite:{}", library.data().join("mixtapes.db").display())).await;
    let database = database.unwrap();
    sqlx::raw_sql(query).execute(&database).await.unwrap();
    database.close().await;
}

fn draft(title: &str) -> Draft {
    let track = Track {
        path: TrackPath("song.mp3".to_owned()),
        title: "Old name".to_owned(),
        artist: "Ada".to_owned(),
        album: String::new(),
        duration: None,
    };
    Draft {
        client_id: Some("editor".to_owned()),
        title: title.to_owned(),
        creator_name: String::new(),
        liner_notes: String::new(),
        cover: CoverChoice::Keep,
        gift: GiftSettings::default(),
        tracks: vec![track],
    }
}

#[tokio::test]
async fn after_refused_saves_every_save_works_and_every_read_shows_the_newest_revision() {
    const SAVES: u64 = 10;
    let library = Library::new().await;
    let store = Store::open(&library.data()).await.unwrap();
    let first = store.save(&draft("Tape").check().unwrap(), None, NOW).await.unwrap().mixtape;
    let (slug, before) = (first.slug, first.revision.0);
    let save = async |revision: u64, title: &str| {
        let basis = Basis { slug: slug.clone(), revision: Revision(revision) };
        store.save(&draft(title).check().unwrap(), Some(&basis), NOW).await
    };
    // More readers at once than there are connections.
    let read = async || {
        let reads = (0..8).map(|_| async { store.mixtape(&slug).await.unwrap().unwrap().revision.0 });
        futures_util::future::join_all(reads).await
    };
    execute(&library, "CREATE TRIGGER full BEFORE UPDATE ON mixtapes BEGIN SELECT RAISE(ROLLBACK, 'full'); END").await;
    for number in 0..SAVES {
        assert!(save(before, &format!("Refused {number}")).await.is_err());
        assert_eq!(read().await, [before; 8]);
    }
    execute(&library, "DROP TRIGGER full").await;
    for revision in before..before + SAVES {
        let saved = save(revision, &format!("Take {revision}")).await.unwrap();
        assert_eq!(saved.mixtape.revision.0, revision + 1);
        assert_eq!(read().await, [revision + 1; 8]);
    }
}

#[tokio::test]
async fn a_mixtape_is_shown_although_its_new_names_cannot_be_written() {
    let library = Library::new().await;
    library.song("song.mp3", "Ada", "Album");
    library.scan().await;
    let store = Store::open(&library.data()).await.unwrap();
    let tape = store.save(&draft("Tape").check().unwrap(), None, NOW).await.unwrap().mixtape;
    let refuse = "CREATE TRIGGER full BEFORE UPDATE ON mixtape_tracks BEGIN SELECT RAISE(ROLLBACK, 'full'); END";
    execute(&library, refuse).await;
    let view = store.view(tape.clone(), &library.index).await.unwrap();
    assert_eq!(view.mixtape.tracks[0].title, "song.mp3", "the name in its tags");
    assert_eq!(store.mixtape(&tape.slug).await.unwrap().unwrap().tracks[0].title, "Old name");
}
