//! Where a tape is found, and where an address leads that it had.

use library::mixtapes::Found;
use library::{Error, Store};
use model::{AccessChange, Draft, ShareAccess, SharingChange, Slug};

use crate::shelf::{NOW, Shelf, draft};

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

async fn found(store: &Store, text: &str) -> String {
    match store.find(&slug(text)).await.unwrap() {
        Found::Here(mixtape) => mixtape.title,
        Found::Moved(to) => format!("-> {to}"),
        Found::Gone => "gone".into(),
        Found::Unknown => "unknown".into(),
    }
}

#[tokio::test]
async fn every_tape_has_an_address_of_its_own() {
    let shelf = Shelf::new().await;
    for (title, slug) in [
        ("Tape", "tape"),
        ("tape!", "tape-1"),
        ("Tape 1", "tape-1-1"),
        ("TAPE", "tape-2"),
        ("Tapes", "tapes"),
        ("💿", "mixtape"),
        ("", "unnamed-mixtape"),
        // The site has an address of its own there.
        ("Search", "search-1"),
    ] {
        assert_eq!(shelf.tape(title, &["a"]).await.slug.as_str(), slug, "{title}");
    }
}

#[tokio::test]
async fn a_new_title_keeps_the_address_and_a_new_address_keeps_the_old_one() {
    let shelf = Shelf::new().await;
    let tape = shelf.tape("Old", &["a"]).await;
    let tape = shelf.update(&tape, Draft { title: "Newer".into(), ..Draft::of(&tape) }).await.unwrap().mixtape;
    assert_eq!(tape.slug.as_str(), "old");
    assert_eq!(shelf.store.rename_slug(&tape.slug, None).await.unwrap().as_str(), "newer");
    assert_eq!(
        (found(&shelf.store, "newer").await, found(&shelf.store, "old").await),
        ("Newer".into(), "-> newer".into())
    );
    // An editor that was opened before goes on saving.
    let saved = shelf.update(&tape, draft("Newer", &["b"])).await.unwrap().mixtape;
    assert_eq!(saved.slug.as_str(), "newer");
    // Nobody else gets the old address, but the tape itself may go back.
    assert_eq!(shelf.tape("Old", &["a"]).await.slug.as_str(), "old-1");
    assert_eq!(shelf.store.rename_slug(&slug("newer"), Some("For You!")).await.unwrap().as_str(), "for-you");
    assert_eq!(found(&shelf.store, "old").await, "-> for-you");
    assert_eq!(shelf.store.rename_slug(&slug("for-you"), Some("old")).await.unwrap().as_str(), "old");
    assert_eq!(found(&shelf.store, "for-you").await, "-> old");
    assert_eq!(shelf.store.rename_slug(&slug("old"), Some("old")).await.unwrap().as_str(), "old");
    assert_eq!(found(&shelf.store, "old").await, "Newer");
    assert_eq!(found(&shelf.store, "never").await, "unknown");
    assert!(matches!(shelf.store.rename_slug(&slug("never"), None).await, Err(Error::NoSuchMixtape)));
}

#[tokio::test]
async fn a_renewed_link_cannot_be_reached_from_any_earlier_one() {
    let shelf = Shelf::new().await;
    shelf.tape("Tape", &["a"]).await;
    let second = shelf.store.rename_slug(&slug("tape"), Some("second")).await.unwrap();
    let revoked = SharingChange { access: AccessChange::Private, expires_at: None, downloads: true };
    shelf.store.set_sharing(&second, &revoked).await.unwrap();
    let renewed = shelf.store.renew_link(&second).await.unwrap();
    assert!(renewed.as_str().starts_with("tape-") && renewed.as_str().len() == 15, "{renewed}");
    assert_eq!(found(&shelf.store, renewed.as_str()).await, "Tape");
    assert_eq!([found(&shelf.store, "tape").await, found(&shelf.store, "second").await], ["gone", "gone"]);
    assert_eq!(shelf.store.share_settings(&renewed).await.unwrap().access, ShareAccess::Public);
    // They stay taken, also for the tape itself.
    assert_eq!(shelf.tape("Tape", &["a"]).await.slug.as_str(), "tape-1");
    assert_eq!(shelf.store.rename_slug(&renewed, Some("second")).await.unwrap().as_str(), "second-1");
    assert_eq!(found(&shelf.store, renewed.as_str()).await, "-> second-1");
}

#[tokio::test]
async fn addresses_of_deleted_tapes_say_so_for_ever() {
    let shelf = Shelf::new().await;
    shelf.tape("Tape", &["a"]).await;
    shelf.store.rename_slug(&slug("tape"), Some("other")).await.unwrap();
    shelf.store.delete(&slug("other"), NOW).await.unwrap();
    assert_eq!([found(&shelf.store, "tape").await, found(&shelf.store, "other").await], ["gone", "gone"]);
    assert_eq!(shelf.store.purge(model::Timestamp(i64::MAX)).await.unwrap(), 1);
    assert_eq!([found(&shelf.store, "tape").await, found(&shelf.store, "other").await], ["gone", "gone"]);
    assert_eq!(shelf.tape("Other", &["a"]).await.slug.as_str(), "other-1");
}
