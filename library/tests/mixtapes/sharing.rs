//! Who gets to hear a tape, with which password, and until when.

use library::Error;
use library::sharing::{Caller, LISTENER_SECONDS, ListenerToken, Reached};
use model::{Access, AccessChange, ErrorKind, ShareAccess, Sharing, SharingChange, Slug, Timestamp};

use crate::shelf::{NOW, Shelf};

fn change(access: AccessChange) -> SharingChange {
    SharingChange { access, expires_at: None, downloads: false }
}

fn password(text: &str) -> SharingChange {
    change(AccessChange::Password(Some(text.to_owned())))
}

async fn access(shelf: &Shelf, slug: &Slug, token: Option<&ListenerToken>) -> Access {
    shelf.store.check_access(slug, NOW, token).await.unwrap()
}

#[tokio::test]
async fn a_new_tape_is_private_until_it_is_shared() {
    let shelf = Shelf::new().await;
    let slug = shelf.tape("Tape", &["a"]).await.slug;
    assert_eq!(shelf.store.share_settings(&slug).await.unwrap(), Sharing::NEW);
    assert_eq!(access(&shelf, &slug, None).await, Access::Private);
    let reach = async |who| shelf.store.reach(&slug, NOW, who).await.unwrap();
    assert_eq!(reach(Caller::Guest(None)).await, Reached::Nothing);
    assert_eq!(reach(Caller::Owner).await, Reached::Here(Access::Open));
    assert_eq!(shelf.store.share(&slug, NOW).await.unwrap().access, ShareAccess::Public);
    assert_eq!(access(&shelf, &slug, None).await, Access::Open);
    assert_eq!(reach(Caller::Guest(None)).await, Reached::Here(Access::Open));
    assert!(shelf.store.admit(&slug, "", NOW).await.unwrap().is_none(), "there is nothing to admit to");
    let unknown = "unknown".parse().unwrap();
    let error = shelf.store.check_access(&unknown, NOW, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_password_is_asked_once_and_again_when_it_changes() {
    let shelf = Shelf::new().await;
    let slug = shelf.tape("Tape", &["a"]).await.slug;
    assert!(matches!(
        shelf.store.set_sharing(&slug, &change(AccessChange::Password(None))).await,
        Err(Error::NoPassword)
    ));
    for bad in [String::new(), "x".repeat(201)] {
        assert!(matches!(shelf.store.set_sharing(&slug, &password(&bad)).await, Err(Error::BadPassword)));
    }
    let sharing = shelf.store.set_sharing(&slug, &password("sésame")).await.unwrap();
    assert_eq!(sharing.access, ShareAccess::Password);
    assert_eq!(access(&shelf, &slug, None).await, Access::NeedsPassword);
    assert!(shelf.store.admit(&slug, "sesame", NOW).await.unwrap().is_none());
    let token = shelf.store.admit(&slug, "sésame", NOW).await.unwrap().unwrap();
    assert_eq!(access(&shelf, &slug, Some(&token)).await, Access::Open);
    let read_back = ListenerToken::parse(token.as_str()).unwrap();
    assert_eq!(access(&shelf, &slug, Some(&read_back)).await, Access::Open);

    // Not for ever, not for another tape, and not after the password has changed.
    let later = Timestamp(NOW.0 + LISTENER_SECONDS);
    assert_eq!(shelf.store.check_access(&slug, later, Some(&token)).await.unwrap(), Access::NeedsPassword);
    let other = shelf.tape("Other", &["a"]).await.slug;
    shelf.store.set_sharing(&other, &password("sésame")).await.unwrap();
    assert_eq!(access(&shelf, &other, Some(&token)).await, Access::NeedsPassword);
    shelf.store.set_sharing(&slug, &change(AccessChange::Password(None))).await.unwrap();
    assert_eq!(access(&shelf, &slug, Some(&token)).await, Access::Open, "the password is as it was");
    shelf.store.set_sharing(&slug, &password("another")).await.unwrap();
    assert_eq!(access(&shelf, &slug, Some(&token)).await, Access::NeedsPassword);
}

#[tokio::test]
async fn sharing_ends_by_date_or_by_hand_and_can_be_taken_up_again() {
    let shelf = Shelf::new().await;
    let slug = shelf.tape("Tape", &["a"]).await.slug;
    let until = SharingChange { expires_at: Some(Timestamp(NOW.0 + 10)), ..change(AccessChange::Public) };
    shelf.store.set_sharing(&slug, &until).await.unwrap();
    assert_eq!(access(&shelf, &slug, None).await, Access::Open);
    let end = Timestamp(NOW.0 + 10);
    assert_eq!(shelf.store.check_access(&slug, end, None).await.unwrap(), Access::Expired);

    shelf.store.set_sharing(&slug, &password("sesame")).await.unwrap();
    let token = shelf.store.admit(&slug, "sesame", NOW).await.unwrap().unwrap();
    shelf.store.set_sharing(&slug, &change(AccessChange::Private)).await.unwrap();
    assert_eq!(access(&shelf, &slug, Some(&token)).await, Access::Private);
    assert!(shelf.store.admit(&slug, "sesame", NOW).await.unwrap().is_none());
    // The password of before is still there, and pressing Share does not forget it.
    assert_eq!(shelf.store.share(&slug, NOW).await.unwrap().access, ShareAccess::Password);
    shelf.store.set_sharing(&slug, &change(AccessChange::Private)).await.unwrap();
    shelf.store.set_sharing(&slug, &change(AccessChange::Password(None))).await.unwrap();
    assert_eq!(access(&shelf, &slug, None).await, Access::NeedsPassword);
    shelf.store.set_sharing(&slug, &change(AccessChange::Public)).await.unwrap();
    assert!(matches!(
        shelf.store.set_sharing(&slug, &change(AccessChange::Password(None))).await,
        Err(Error::NoPassword)
    ));
}

#[tokio::test]
async fn a_new_link_has_to_be_opened_anew_and_nothing_readable_is_stored() {
    let shelf = Shelf::new().await;
    let slug = shelf.tape("Tape", &["a"]).await.slug;
    shelf.store.set_sharing(&slug, &password("open sesame")).await.unwrap();
    let token = shelf.store.admit(&slug, "open sesame", NOW).await.unwrap().unwrap();
    let renewed = shelf.store.renew_link(&slug).await.unwrap();
    assert_eq!(access(&shelf, &renewed, Some(&token)).await, Access::NeedsPassword);
    let again = shelf.store.admit(&renewed, "open sesame", NOW).await.unwrap().unwrap();
    assert_eq!(access(&shelf, &renewed, Some(&again)).await, Access::Open);

    shelf.store.close().await;
    // The database, and its log if there still is one.
    let files = std::fs::read_dir(shelf.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let stored: Vec<u8> = files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect();
    let holds = |text: &str| stored.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("$argon2id$") && holds(renewed.as_str()));
    assert!(!holds("open sesame") && !holds(again.as_str()));
}

#[tokio::test]
async fn addresses_of_a_private_tape_are_as_if_it_was_not_there() {
    let shelf = Shelf::new().await;
    let old = shelf.tape("Tape", &["a"]).await.slug;
    shelf.store.share(&old, NOW).await.unwrap();
    let slug = shelf.store.rename_slug(&old, Some("other")).await.unwrap();
    let reach = async |slug: &Slug, who| shelf.store.reach(slug, NOW, who).await.unwrap();
    assert_eq!(reach(&old, Caller::Guest(None)).await, Reached::Moved(slug.clone()));
    shelf.store.set_sharing(&slug, &change(AccessChange::Private)).await.unwrap();
    for address in [&old, &slug] {
        assert_eq!(reach(address, Caller::Guest(None)).await, Reached::Nothing, "{address}");
    }
    assert_eq!(reach(&old, Caller::Owner).await, Reached::Moved(slug.clone()));
    shelf.store.share(&slug, NOW).await.unwrap();
    shelf.store.delete(&slug, NOW).await.unwrap();
    for address in [&old, &slug] {
        assert_eq!(reach(address, Caller::Guest(None)).await, Reached::Nothing, "{address}");
    }
}

#[tokio::test]
async fn sharing_again_takes_up_what_has_ended() {
    let shelf = Shelf::new().await;
    let slug = shelf.tape("Tape", &["a"]).await.slug;
    let ended = SharingChange { expires_at: Some(NOW), ..change(AccessChange::Public) };
    shelf.store.set_sharing(&slug, &ended).await.unwrap();
    assert_eq!(access(&shelf, &slug, None).await, Access::Expired);
    assert_eq!(shelf.store.share(&slug, NOW).await.unwrap().expires_at, None);
    assert_eq!(access(&shelf, &slug, None).await, Access::Open);
}
