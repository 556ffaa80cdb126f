//! Signed addresses of a tape's audio: when there are some, what they open, and when they are dead.

use library::Error;
use library::media::SignedMedia;
use model::{AccessChange, Draft, MediaAddress, Mixtape, Quality, SharingChange, Timestamp, TrackPath};

use crate::shelf::{NOW, Shelf, draft};

const DAY: i64 = 86_400;

fn password(text: &str) -> SharingChange {
    SharingChange { access: AccessChange::Password(Some(text.to_owned())), expires_at: None, downloads: false }
}

async fn addresses(shelf: &Shelf, tape: &Mixtape, now: Timestamp) -> Vec<String> {
    let addresses = shelf.store.media_addresses(tape, false, now).await.unwrap();
    addresses.iter().map(|address: &MediaAddress| address.in_quality(Quality::Original)).collect()
}

/// The file behind an address; nothing if it does not hold.
async fn open(shelf: &Shelf, address: &str, now: Timestamp) -> Option<String> {
    let (path, query) = address.split_once('?').unwrap();
    let mut path = path.strip_prefix("/media/").unwrap().split('/');
    let mut values = query.split('&').map(|pair| pair.split_once('=').unwrap().1);
    let [mixtape, track, expires, signature] =
        [path.next(), path.next(), values.next(), values.next()].map(Option::unwrap);
    match shelf.store.open_media(&SignedMedia { mixtape, track, expires, signature }, now).await {
        Ok(opened) => Some(opened.path.0),
        Err(Error::BadMediaAddress) => None,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn only_what_is_restricted_or_secret_has_signed_addresses() {
    let shelf = Shelf::new().await;
    let tape = shelf.tape("Tape", &["a b", "c"]).await;
    let plain = ["/play/a%20b.mp3", "/play/c.mp3"];
    assert_eq!(addresses(&shelf, &tape, NOW).await, plain, "only its owner can hear it");
    shelf.store.share(&tape.slug, NOW).await.unwrap();
    assert_eq!(addresses(&shelf, &tape, NOW).await, plain);
    let all = shelf.store.media_addresses(&tape, true, NOW).await.unwrap();
    assert!(all[0].in_quality(Quality::Low).starts_with("/media/"), "{all:?}");
    let mut secret = draft("Secret", &["a b"]);
    secret.gift.flow_enabled = true;
    secret.gift.show_tracklist = false;
    let secret = shelf.create(secret).await.unwrap().mixtape;
    shelf.store.share(&secret.slug, NOW).await.unwrap();
    let signed = addresses(&shelf, &secret, NOW).await;
    assert!(signed[0].starts_with("/media/") && !signed[0].contains("20b"), "{signed:?}");
    assert_eq!(open(&shelf, &signed[0], NOW).await.as_deref(), Some("a b.mp3"));

    shelf.store.set_sharing(&tape.slug, &password("sesame")).await.unwrap();
    let signed = addresses(&shelf, &tape, NOW).await;
    for (address, file) in signed.iter().zip(["a b.mp3", "c.mp3"]) {
        assert!(address.starts_with("/media/"), "{address}");
        assert_eq!(open(&shelf, address, NOW).await.as_deref(), Some(file));
    }
    // The same all day, for at least a week, and not for ever.
    let midnight = Timestamp(NOW.0 - NOW.0 % DAY);
    assert_eq!(
        addresses(&shelf, &tape, midnight).await,
        addresses(&shelf, &tape, Timestamp(midnight.0 + DAY - 1)).await
    );
    assert!(open(&shelf, &signed[0], Timestamp(NOW.0 + 7 * DAY)).await.is_some());
    assert!(open(&shelf, &signed[0], Timestamp(NOW.0 + 8 * DAY)).await.is_none());
}

#[tokio::test]
async fn an_address_cannot_be_made_up_or_changed() {
    let shelf = Shelf::new().await;
    let tape = shelf.tape("Tape", &["a", "b"]).await;
    let other = shelf.tape("Other", &["a", "b"]).await;
    for tape in [&tape, &other] {
        shelf.store.set_sharing(&tape.slug, &password("sesame")).await.unwrap();
    }
    let [first, second] = addresses(&shelf, &tape, NOW).await.try_into().unwrap();
    let track = |address: &str| address.split(['/', '?']).nth(3).unwrap().to_owned();
    let expires = first.split("expires=").nth(1).unwrap().split('&').next().unwrap();
    let others = addresses(&shelf, &other, NOW).await.remove(0);
    for changed in [
        first.replace(&track(&first), &track(&second)),
        first.replace(&track(&first), &track(&others)),
        first.replace(expires, &format!("{expires}0")),
        first.replace("/media/1/", "/media/2/"),
        first.replace("/media/1/", "/media/9/"),
        first.replace("signature=", "signature=A"),
        first.split("signature=").next().unwrap().to_owned() + "signature=",
        first.split("signature=").next().unwrap().to_owned() + "signature=%%%",
        first.replace("/media/1/0-", "/media/1/"),
    ] {
        assert_ne!(changed, first);
        assert_eq!(open(&shelf, &changed, NOW).await, None, "{changed}");
    }
    assert!(open(&shelf, &first, NOW).await.is_some());
    let elsewhere = Shelf::new().await;
    let same = elsewhere.tape("Tape", &["a", "b"]).await;
    elsewhere.store.set_sharing(&same.slug, &password("sesame")).await.unwrap();
    assert_eq!(open(&elsewhere, &first, NOW).await, None, "another server has another key");
}

#[tokio::test]
async fn addresses_end_with_the_tape_its_link_and_its_password() {
    let shelf = Shelf::new().await;
    let tape = shelf.tape("Tape", &["a"]).await;
    let mut slug = tape.slug.clone();
    let end = Timestamp(NOW.0 + 3600);
    let until = SharingChange { access: AccessChange::Public, expires_at: Some(end), downloads: false };
    shelf.store.set_sharing(&slug, &until).await.unwrap();
    let address = addresses(&shelf, &tape, NOW).await.remove(0);
    assert!(address.contains(&format!("expires={}&", end.0)), "{address}");
    assert!(open(&shelf, &address, Timestamp(end.0 - 1)).await.is_some());
    assert!(open(&shelf, &address, end).await.is_none());
    let sooner = SharingChange { expires_at: Some(NOW), ..until };
    shelf.store.set_sharing(&slug, &sooner).await.unwrap();
    assert!(open(&shelf, &address, NOW).await.is_none(), "the end was moved");

    for step in ["a password", "another password", "private", "a new link"] {
        shelf.store.set_sharing(&slug, &password("first")).await.unwrap();
        let tape = Mixtape { slug: slug.clone(), ..tape.clone() };
        let before = addresses(&shelf, &tape, NOW).await.remove(0);
        assert!(open(&shelf, &before, NOW).await.is_some(), "{step}");
        match step {
            "private" => {
                let private = SharingChange { access: AccessChange::Private, ..password("") };
                shelf.store.set_sharing(&slug, &private).await.unwrap();
                assert!(open(&shelf, &before, NOW).await.is_none(), "{step}");
                shelf.store.share(&slug, NOW).await.unwrap();
            }
            "a new link" => slug = shelf.store.renew_link(&slug).await.unwrap(),
            _ => {
                shelf.store.set_sharing(&slug, &password("second")).await.unwrap();
            }
        }
        assert!(open(&shelf, &before, NOW).await.is_none(), "{step}");
    }
    let tape = Mixtape { slug: slug.clone(), ..tape };
    let last = addresses(&shelf, &tape, NOW).await.remove(0);
    shelf.store.delete(&slug, NOW).await.unwrap();
    assert!(open(&shelf, &last, NOW).await.is_none(), "deleted");
}

#[tokio::test]
async fn a_page_that_is_open_follows_a_tape_that_is_changed() {
    let shelf = Shelf::new().await;
    let tape = shelf.tape("Tape", &["a", "b"]).await;
    shelf.store.set_sharing(&tape.slug, &password("sesame")).await.unwrap();
    let before = addresses(&shelf, &tape, NOW).await;
    let changed = Draft { tracks: draft("", &["new", "b", "a"]).tracks, ..Draft::of(&tape) };
    let changed = shelf.update(&tape, changed).await.unwrap().mixtape;
    assert_eq!(open(&shelf, &before[0], NOW).await.as_deref(), Some("a.mp3"));
    assert_eq!(open(&shelf, &before[1], NOW).await.as_deref(), Some("b.mp3"));
    let without = Draft { tracks: draft("", &["new"]).tracks, ..Draft::of(&changed) };
    shelf.update(&changed, without).await.unwrap();
    assert_eq!(open(&shelf, &before[0], NOW).await, None, "it is not on the tape any more");
    let path = TrackPath("new.mp3".into());
    assert_eq!(MediaAddress::of_path(&path).in_quality(Quality::Original), "/play/new.mp3");
}
