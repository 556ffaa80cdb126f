//! Saves that follow each other, cross each other and fail.

use library::mixtapes::Outcome;
use library::{Error, Store};
use model::{CoverChoice, Draft, ErrorKind, Mixtape, Revision, Timestamp};

use crate::shelf::{JPEG, NOW, Shelf, draft, titles};

#[tokio::test]
async fn a_draft_becomes_a_tape_that_reads_back_and_changes_with_the_next_save() {
    let shelf = Shelf::new().await;
    let cover = shelf.store.keep_cover(JPEG).await.unwrap();
    let with_cover = Draft { cover: CoverChoice::File(cover.clone()), ..draft("For you", &["a", "b", "a"]) };
    let made = shelf.create(with_cover).await.unwrap();
    assert_eq!((made.outcome, made.mixtape.slug.as_str()), (Outcome::Created, "for-you"));
    assert_eq!((made.mixtape.revision, made.mixtape.created_at), (Revision(1), NOW));
    let read = shelf.store.mixtape(&made.mixtape.slug).await.unwrap().unwrap();
    assert_eq!(read, made.mixtape);

    let other = Draft { title: "For both of you".into(), ..draft("", &["b"]) };
    let changed = shelf.update(&read, other).await.unwrap();
    assert_eq!(changed.outcome, Outcome::Updated);
    let read = shelf.store.mixtape(&made.mixtape.slug).await.unwrap().unwrap();
    assert_eq!(read, changed.mixtape);
    assert_eq!((read.title.as_str(), titles(&read), read.revision), ("For both of you", vec!["b"], Revision(2)));
    assert_eq!((read.cover.as_deref(), read.created_at), (Some(cover.as_str()), NOW), "the address and the cover stay");
    assert_eq!(read.updated_at, Timestamp(NOW.0 + 60));

    let without = Draft { cover: CoverChoice::None, ..Draft::of(&read) };
    let without = shelf.update(&read, without).await.unwrap().mixtape;
    assert_eq!((without.cover.as_ref(), without.liner_notes.as_str()), (None, "*hi*"));
}

#[tokio::test]
async fn of_two_editors_the_later_one_is_told_and_overwrites_nothing() {
    let shelf = Shelf::new().await;
    let opened = shelf.tape("Tape", &["a"]).await;
    let first = shelf.update(&opened, draft("First", &["a", "b"])).await.unwrap().mixtape;
    let error = shelf.update(&opened, draft("Second", &["c"])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let Error::Conflict(current) = error else { panic!("{error}") };
    assert_eq!(*current, first);
    assert_eq!(shelf.store.mixtape(&opened.slug).await.unwrap().unwrap(), first);
    // Having seen it, the editor may save over it.
    assert_eq!(shelf.update(&current, draft("Second", &["c"])).await.unwrap().mixtape.title, "Second");
}

#[tokio::test]
async fn a_save_that_is_tried_again_changes_nothing() {
    let shelf = Shelf::new().await;
    let new = Draft { client_id: Some("editor-1".into()), ..draft("Tape", &["a"]) };
    let made = shelf.create(new.clone()).await.unwrap().mixtape;
    let again = shelf.create(new.clone()).await.unwrap();
    assert_eq!((again.outcome, &again.mixtape), (Outcome::Unchanged, &made));

    let longer = Draft { tracks: draft("", &["a", "b"]).tracks, ..new.clone() };
    let saved = shelf.update(&made, longer.clone()).await.unwrap().mixtape;
    let again = shelf.update(&made, longer).await.unwrap();
    assert_eq!((again.outcome, &again.mixtape), (Outcome::Unchanged, &saved));

    // Another draft under the same id, as from a second window, is no second try.
    assert!(matches!(shelf.create(new).await, Err(Error::Conflict(_))));
    assert_eq!(shelf.slugs().await, ["tape"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_client_id_makes_one_tape_however_many_requests_race() {
    let shelf = Shelf::new().await;
    // Two processes, as it were, and many requests in each.
    let stores = [shelf.store.clone(), Store::open(shelf.folder.path()).await.unwrap()];
    let requests = (0..20).map(|number| {
        let store = stores[number % 2].clone();
        let draft = Draft { client_id: Some("editor-1".into()), ..draft("Tape", &["a", "b"]) };
        tokio::spawn(async move { store.save(&draft.check().unwrap(), None, NOW).await.unwrap() })
    });
    let mut created = 0;
    for request in requests.collect::<Vec<_>>() {
        let saved = request.await.unwrap();
        assert_eq!(saved.mixtape.slug.as_str(), "tape");
        created += usize::from(saved.outcome == Outcome::Created);
    }
    assert_eq!((created, shelf.slugs().await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_writers_that_race_from_one_state_one_wins_and_every_state_is_whole() {
    let shelf = Shelf::new().await;
    let other = Store::open(shelf.folder.path()).await.unwrap();
    let mut current = shelf.tape("Tape", &["start"]).await;
    for round in 0..10 {
        let names = |writer: usize| -> Vec<String> { (0..50).map(|n| format!("{round}-{writer}-{n}")).collect() };
        let writers = (0..4).map(|writer| {
            let store = if writer % 2 == 0 { shelf.store.clone() } else { other.clone() };
            let (basis, names) = (crate::shelf::basis(&current), names(writer));
            tokio::spawn(async move {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                let draft = draft("Tape", &names).check().unwrap();
                store.save(&draft, Some(&basis), NOW).await
            })
        });
        let mut won = Vec::new();
        for (writer, done) in writers.collect::<Vec<_>>().into_iter().enumerate() {
            match done.await.unwrap() {
                Ok(saved) => won.push((writer, saved.mixtape)),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict),
            }
        }
        let [(writer, saved)] = won.as_slice() else { panic!("{} writers won", won.len()) };
        current = shelf.store.mixtape(&current.slug).await.unwrap().unwrap();
        assert_eq!((&current, titles(&current).len()), (saved, 50));
        assert!(titles(&current).iter().all(|title| title.starts_with(&format!("{round}-{writer}-"))));
    }
    assert_eq!(current.revision, Revision(11));
}

#[tokio::test]
async fn a_save_for_nothing_or_with_an_unknown_cover_is_refused() {
    let shelf = Shelf::new().await;
    let opened = shelf.tape("Tape", &["a"]).await;
    for name in ["0123456789abcdef0123456789abcdef.jpg", "mixtapes.db"] {
        let draft = Draft { cover: CoverChoice::File(name.into()), ..draft("Tape", &["b"]) };
        let error = shelf.update(&opened, draft).await.unwrap_err();
        assert!(matches!(error, Error::NoSuchCover), "{error}");
    }
    let unknown = Mixtape { slug: "unknown".parse().unwrap(), ..opened.clone() };
    let error = shelf.update(&unknown, draft("Tape", &["b"])).await.unwrap_err();
    assert!(matches!(error, Error::NoSuchMixtape), "{error}");
    shelf.store.delete(&opened.slug, NOW).await.unwrap();
    let error = shelf.update(&opened, draft("Tape", &["b"])).await.unwrap_err();
    assert!(matches!(error, Error::InBin) && error.kind() == ErrorKind::Conflict, "{error}");
    assert_eq!(shelf.store.restore(&opened.slug).await.unwrap(), opened);
}

#[tokio::test]
async fn tapes_of_an_earlier_version_get_their_sums_and_words() {
    let shelf = Shelf::new().await;
    shelf.tape("Äpfel", &["Süß", "b"]).await;
    let database = format!("sqlite:{}", shelf.folder.path().join("mixtapes.db").display());
    let database = sqlx::SqlitePool::connect(&database).await.unwrap();
    sqlx::raw_sql("DELETE FROM mixtape_words").execute(&database).await.unwrap();
    let found = async |store: &Store| {
        let query = model::ListQuery { search: "apf suss".into(), deep: true, ..Default::default() };
        store.list(&query).await.unwrap().count
    };
    assert_eq!(found(&shelf.store).await, 0);
    let opened = Store::open(shelf.folder.path()).await.unwrap();
    assert_eq!(found(&opened).await, 1);
}

#[tokio::test]
async fn preferences_are_kept() {
    let shelf = Shelf::new().await;
    assert_eq!(shelf.store.preferences().await.unwrap(), model::Preferences::default());
    let gift = model::GiftSettings { flow_enabled: true, ..Default::default() };
    let wanted = model::Preferences { creator_name: "  Ada \n L. ".into(), gift };
    shelf.store.set_preferences(wanted).await.unwrap();
    let kept = shelf.store.preferences().await.unwrap();
    assert_eq!((kept.creator_name.as_str(), kept.gift), ("Ada L.", gift));
    let long = model::Preferences { creator_name: "x".repeat(101), gift };
    assert_eq!(shelf.store.set_preferences(long).await.unwrap_err().kind(), ErrorKind::Invalid);
}
