//! Deleting, undoing it, throwing away for good, and copies.

use library::Error;
use library::mixtapes::BIN_SECONDS;
use model::{AccessChange, ShareAccess, SharingChange, Timestamp};

use crate::shelf::{NOW, Shelf};

#[tokio::test]
async fn a_deleted_tape_comes_back_as_it_was_until_it_is_thrown_away() {
    let shelf = Shelf::new().await;
    let tape = shelf.tape("Tape", &["a", "b"]).await;
    shelf.tape("Other", &["a"]).await;
    shelf.store.delete(&tape.slug, NOW).await.unwrap();
    assert!(shelf.store.mixtape(&tape.slug).await.unwrap().is_none());
    assert_eq!(shelf.slugs().await, ["other"]);
    let bin = shelf.store.bin().await.unwrap();
    assert_eq!((bin.len(), &bin[0].slug, bin[0].deleted_at), (1, &tape.slug, Some(NOW)));
    assert!(matches!(shelf.store.delete(&tape.slug, NOW).await, Err(Error::NoSuchMixtape)));
    let played = shelf.store.tracks_by_plays().await.unwrap();
    assert_eq!(played.len(), 1, "what is in the bin is not made ready");

    assert_eq!(shelf.store.restore(&tape.slug).await.unwrap(), tape);
    assert_eq!(shelf.store.restore(&tape.slug).await.unwrap(), tape, "undone once more");
    assert_eq!(shelf.store.mixtape(&tape.slug).await.unwrap().unwrap(), tape);

    shelf.store.delete(&tape.slug, NOW).await.unwrap();
    assert_eq!(shelf.store.purge(Timestamp(NOW.0 + BIN_SECONDS - 1)).await.unwrap(), 0);
    assert_eq!(shelf.store.purge(Timestamp(NOW.0 + BIN_SECONDS)).await.unwrap(), 1);
    assert!(matches!(shelf.store.restore(&tape.slug).await, Err(Error::NoSuchMixtape)));
    assert_eq!(shelf.slugs().await, ["other"]);
}

#[tokio::test]
async fn a_copy_is_a_tape_of_its_own_that_is_as_open_as_the_original() {
    let shelf = Shelf::new().await;
    let tape = shelf.tape(&"x".repeat(200), &["a", "b"]).await;
    let secret = AccessChange::Password(Some("sesame".into()));
    let change = SharingChange { access: secret, expires_at: Some(Timestamp(NOW.0 + 9)), downloads: true };
    shelf.store.set_sharing(&tape.slug, &change).await.unwrap();
    let copy = shelf.store.duplicate(&tape.slug, NOW).await.unwrap();
    assert_eq!(copy.title, format!("{} (copy)", "x".repeat(193)));
    assert_eq!((&copy.tracks, &copy.cover, copy.client_id.as_ref()), (&tape.tracks, &tape.cover, None));
    assert_ne!(copy.slug, tape.slug);
    let sharing = shelf.store.share_settings(&copy.slug).await.unwrap();
    assert_eq!((sharing.access, sharing.downloads), (ShareAccess::Private, true));
    assert_eq!(shelf.store.share(&copy.slug, NOW).await.unwrap().access, ShareAccess::Password);
    assert!(shelf.store.admit(&copy.slug, "sesame", NOW).await.unwrap().is_some());
    let second = shelf.store.duplicate(&tape.slug, NOW).await.unwrap();
    assert_ne!(second.slug, copy.slug);
    assert_eq!(shelf.store.mixtape(&tape.slug).await.unwrap().unwrap(), tape);
}
