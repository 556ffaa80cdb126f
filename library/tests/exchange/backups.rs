//! Backups that come back, into an empty store, the same one and one that knows better; and files that are none.

use std::io::{Cursor, Write};

use library::Store;
use library::mixtapes::Found;
use model::{
    Access, AccessChange, CoverChoice, Draft, ErrorKind, GiftSettings, Preferences, SharingChange, Slug, Timestamp,
};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::archives::bytes;
use crate::shelf::{JPEG, NOW, Shelf, draft};

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn slugs(slugs: &[Slug]) -> Vec<&str> {
    slugs.iter().map(Slug::as_str).collect()
}

/// Two tapes, one with a cover, a password and an old address, and one in the bin.
async fn full() -> Shelf {
    let shelf = Shelf::new().await;
    let cover = CoverChoice::File(shelf.store.keep_cover(&JPEG).await.unwrap());
    let first = Draft { cover, client_id: Some("c1".into()), ..draft("Erste Kassette", &["a", "b"]) };
    let first = shelf.create(first).await.unwrap().mixtape;
    shelf.tape("Second", &["c"]).await;
    let binned = shelf.tape("Binned", &["d"]).await;
    shelf.store.delete(&binned.slug, NOW).await.unwrap();
    let change = SharingChange {
        access: AccessChange::Password(Some("sesame".into())),
        expires_at: Some(Timestamp(NOW.0 + 100)),
        downloads: true,
    };
    shelf.store.set_sharing(&first.slug, &change).await.unwrap();
    shelf.store.rename_slug(&first.slug, Some("first")).await.unwrap();
    let gift = GiftSettings { flow_enabled: true, ..GiftSettings::default() };
    shelf.store.set_preferences(Preferences { creator_name: "Ada".into(), gift }).await.unwrap();
    shelf
}

async fn backup(store: &Store) -> Vec<u8> {
    bytes(store.backup(NOW).await.unwrap()).await
}

#[tokio::test]
async fn a_backup_brings_everything_into_an_empty_store_and_nothing_twice() {
    let shelf = full().await;
    let packed = backup(&shelf.store).await;
    let other = Shelf::new().await;
    let report = other.store.restore_backup(Cursor::new(packed.clone()), |_, _| {}).await.unwrap();
    assert_eq!((slugs(&report.created), report.preferences), (vec!["first", "second"], true));
    assert!(report.skipped.is_empty() && report.without_cover.is_empty(), "{report:?}");
    for slug in ["first", "second"] {
        let original = shelf.store.mixtape(&slug.parse().unwrap()).await.unwrap().unwrap();
        let restored = other.store.mixtape(&original.slug).await.unwrap().unwrap();
        assert_eq!(restored, model::Mixtape { revision: restored.revision, ..original });
    }
    let first = other.store.mixtape(&slug("first")).await.unwrap().unwrap();
    assert_eq!(std::fs::read(other.store.cover_path(&first.cover.unwrap()).unwrap()).unwrap(), JPEG);
    assert_eq!(other.store.find(&slug("erste-kassette")).await.unwrap(), Found::Moved(slug("first")));
    assert_eq!(other.store.preferences().await.unwrap(), shelf.store.preferences().await.unwrap());
    let sharing = other.store.share_settings(&slug("first")).await.unwrap();
    assert_eq!(sharing, shelf.store.share_settings(&slug("first")).await.unwrap());
    let access = other.store.check_access(&slug("first"), NOW, None).await.unwrap();
    assert_eq!(access, Access::NeedsPassword);
    assert!(other.store.admit(&slug("first"), "sesame", NOW).await.unwrap().is_some());

    for store in [&other.store, &shelf.store] {
        let again = store.restore_backup(Cursor::new(packed.clone()), |_, _| {}).await.unwrap();
        assert_eq!(
            (slugs(&again.unchanged), again.created.len(), again.updated.len()),
            (vec!["first", "second"], 0, 0)
        );
    }
    assert_eq!(backup(&other.store).await.len(), packed.len(), "the same goes out again");
}

#[tokio::test]
async fn what_is_newer_here_stays_and_what_is_older_is_brought_up_to_date() {
    let shelf = full().await;
    let packed = backup(&shelf.store).await;
    let opened = shelf.store.mixtape(&slug("second")).await.unwrap().unwrap();
    let newer = shelf.update(&opened, draft("Second, again", &["x"])).await.unwrap().mixtape;
    shelf.store.restore_backup(Cursor::new(packed.clone()), |_, _| {}).await.unwrap();
    assert_eq!(shelf.store.mixtape(&slug("second")).await.unwrap().unwrap(), newer);

    // The other way round, with a tape that was closed here: it stays closed.
    let newer_backup = backup(&shelf.store).await;
    let other = Shelf::new().await;
    other.store.restore_backup(Cursor::new(packed), |_, _| {}).await.unwrap();
    let revoked = SharingChange { access: AccessChange::Revoked, expires_at: None, downloads: false };
    other.store.set_sharing(&slug("second"), &revoked).await.unwrap();
    let report = other.store.restore_backup(Cursor::new(newer_backup.clone()), |_, _| {}).await.unwrap();
    assert_eq!((slugs(&report.updated), slugs(&report.unchanged)), (vec!["second"], vec!["first"]));
    assert_eq!(other.store.mixtape(&slug("second")).await.unwrap().unwrap().title, "Second, again");
    assert_eq!(other.store.check_access(&slug("second"), NOW, None).await.unwrap(), Access::Revoked);
    // And what was deleted stays deleted, and is named.
    other.store.delete(&slug("second"), NOW).await.unwrap();
    let report = other.store.restore_backup(Cursor::new(newer_backup), |_, _| {}).await.unwrap();
    assert_eq!(report.skipped.len(), 1);
    assert!(report.skipped[0].1.contains("bin"), "{report:?}");
}

/// An archive with these files, compressed.
fn zipped(files: &[(&str, &[u8])]) -> Cursor<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    Cursor::new(zip.finish().unwrap().into_inner())
}

fn manifest(schema: u32) -> Vec<u8> {
    let format = r#"{"format": "ferric mixtapes", "created_at": 1, "mixtapes": 1, "preferences": null, "schema": "#;
    format!("{format}{schema}}}").into_bytes()
}

fn tape_file(slug: &str, access: &str, cover: &str) -> Vec<u8> {
    serde_json::to_vec(&serde_json::json!({
        "slug": slug, "old_slugs": [], "client_id": null, "title": "T", "creator_name": "", "liner_notes": "",
        "cover": cover, "gift": {"flow_enabled": false, "unwrap_style": "unheard-of", "show_tracklist": true},
        "created_at": 1, "updated_at": 2,
        "sharing": {"access": access, "password_hash": null, "expires_at": null, "downloads": false},
        "plays": 3, "tracks": [{"path": "a.mp3", "title": "", "artist": "", "album": "", "duration_ms": 5}]
    }))
    .unwrap()
}

#[tokio::test]
async fn strange_files_are_left_out_and_nothing_is_written_outside() {
    let shelf = Shelf::new().await;
    let outside = shelf.folder.path().parent().unwrap().join("ferric-slipped.json");
    let slipped = format!("mixtapes/../../{}", outside.file_name().unwrap().to_str().unwrap());
    let (good, protected) =
        (tape_file("good", "public", "../../../etc/passwd"), tape_file("protected", "password", "x"));
    let archive = zipped(&[
        ("ferric-backup.json", &manifest(1)),
        (&slipped, &good),
        ("../evil.sh", b"rm"),
        ("/etc/cron.d/evil", b"* * *"),
        ("covers/../../evil.jpg", &JPEG),
        ("covers/x", b"<svg/>"),
        ("mixtapes/broken.json", b"{"),
        ("mixtapes/bad-slug.json", &tape_file("../x", "public", "x")),
        ("mixtapes/good.json", &good),
        ("mixtapes/protected.json", &protected),
    ]);
    let report = shelf.store.restore_backup(archive, |_, _| {}).await.unwrap();
    assert_eq!(slugs(&report.created), ["good", "protected"]);
    assert_eq!((report.skipped.len(), report.without_cover.len()), (5, 2), "{report:?}");
    assert!(!outside.exists());
    let files: Vec<_> = std::fs::read_dir(shelf.store.covers_folder()).unwrap().collect();
    assert!(files.is_empty(), "{files:?}");
    // A password that was not backed up does not make a tape public.
    let access = shelf.store.check_access(&slug("protected"), NOW, None).await.unwrap();
    assert_eq!(access, Access::Revoked);
    let good = shelf.store.mixtape(&slug("good")).await.unwrap().unwrap();
    assert_eq!((good.tracks[0].title.as_str(), good.gift), ("a", GiftSettings::default()));
}

#[tokio::test]
async fn what_is_no_backup_or_would_fill_the_memory_is_refused() {
    let shelf = Shelf::new().await;
    let bomb = vec![b' '; 41_000_000];
    // Each small enough, but not all of them.
    let spaces = vec![b' '; 30_000_000];
    let names: Vec<_> = (0..20).map(|number| format!("mixtapes/{number}.json")).collect();
    let mut bombs: Vec<(&str, &[u8])> = vec![("ferric-backup.json", b"")];
    let manifest_1 = manifest(1);
    bombs[0].1 = &manifest_1;
    bombs.extend(names.iter().map(|name| (name.as_str(), spaces.as_slice())));
    for (archive, reason) in [
        (Cursor::new(b"no zip at all".to_vec()), "could not be read"),
        (Cursor::new(Vec::new()), "could not be read"),
        (zipped(&[("a.txt", b"a")]), "ferric-backup.json"),
        (zipped(&[("ferric-backup.json", b"{}")]), "ferric-backup.json"),
        (zipped(&[("ferric-backup.json", &manifest(2))]), "later version"),
        (zipped(&[("ferric-backup.json", &manifest_1), ("mixtapes/x.json", &bomb)]), "too large"),
        (zipped(&bombs), "too large"),
    ] {
        let error = shelf.store.restore_backup(archive, |_, _| {}).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(reason), "{error}");
    }
    // Cut off in the middle, it says so instead of bringing in half.
    let mut packed = backup(&full().await.store).await;
    packed.truncate(packed.len() - 30);
    assert!(shelf.store.restore_backup(Cursor::new(packed), |_, _| {}).await.is_err());
    assert!(shelf.slugs().await.is_empty());
}
