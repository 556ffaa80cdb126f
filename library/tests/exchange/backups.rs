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
    let cover = CoverChoice::File(shelf.store.keep_cover(JPEG).await.unwrap());
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
    let revoked = SharingChange { access: AccessChange::Private, expires_at: None, downloads: false };
    other.store.set_sharing(&slug("second"), &revoked).await.unwrap();
    let report = other.store.restore_backup(Cursor::new(newer_backup.clone()), |_, _| {}).await.unwrap();
    assert_eq!((slugs(&report.updated), slugs(&report.unchanged)), (vec!["second"], vec!["first"]));
    assert_eq!(other.store.mixtape(&slug("second")).await.unwrap().unwrap().title, "Second, again");
    assert_eq!(other.store.check_access(&slug("second"), NOW, None).await.unwrap(), Access::Private);
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
        ("covers/../../evil.jpg", JPEG),
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
    assert_eq!(access, Access::Private);
    let good = shelf.store.mixtape(&slug("good")).await.unwrap().unwrap();
    assert_eq!((good.tracks[0].title.as_str(), good.gift), ("a", GiftSettings::default()));
}

/// An archive of very many empty files, whose directory alone is larger than that of any backup.
fn crowded() -> Cursor<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..150_000 {
        zip.start_file(format!("{number:0100}"), SimpleFileOptions::default()).unwrap();
    }
    Cursor::new(zip.finish().unwrap().into_inner())
}

/// What a file of a mixtape says, changed.
fn changed(slug: &str, change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut file = serde_json::from_slice(&tape_file(slug, "public", "x")).unwrap();
    change(&mut file);
    file["cover"] = serde_json::Value::Null;
    serde_json::to_vec(&file).unwrap()
}

#[tokio::test]
async fn what_does_not_meet_the_rules_of_a_save_is_left_out_and_the_others_come() {
    let shelf = Shelf::new().await;
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$/v0Rbxdl8xTOf5yaJL9BvXTwS5B9HnSlzZcQBnmmSsE";
    let with_password = |slug: &str, hash: &str| {
        changed(slug, |file| {
            file["sharing"] = serde_json::json!({
                "access": "password", "password_hash": hash, "expires_at": null, "downloads": false
            });
        })
    };
    let track = serde_json::json!({"path": "a.mp3", "title": "", "artist": "", "album": "", "duration_ms": 5});
    let many = |count: usize| changed("many", |file| file["tracks"] = vec![track.clone(); count].into());
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("fair", with_password("fair", hash)),
        ("memory", with_password("memory", &hash.replace("m=19456", "m=4294967295"))),
        ("hours", with_password("hours", &hash.replace("t=2", "t=400000000"))),
        ("many", many(10_001)),
        ("more", many(600_000)),
        ("notes", changed("notes", |file| file["liner_notes"] = "x".repeat(100_001).into())),
        ("id", changed("id", |file| file["client_id"] = "x".repeat(201).into())),
        ("control", changed("control", |file| file["client_id"] = "\u{1}".into())),
        ("path", changed("path", |file| file["tracks"][0]["path"] = "../a.mp3".into())),
        ("none", changed("none", |file| file["tracks"] = serde_json::json!([]))),
        ("last", changed("last", |file| file["updated_at"] = i64::MAX.into())),
    ];
    let manifest = manifest(1);
    let names: Vec<_> = files.iter().map(|(name, _)| format!("mixtapes/{name}.json")).collect();
    let mut all: Vec<(&str, &[u8])> = vec![("ferric-backup.json", &manifest)];
    all.extend(names.iter().map(String::as_str).zip(files.iter().map(|(_, bytes)| bytes.as_slice())));
    let report = shelf.store.restore_backup(zipped(&all), |_, _| {}).await.unwrap();
    assert_eq!(slugs(&report.created), ["fair", "memory", "hours", "last"], "{report:?}");
    let left_out: Vec<_> = report.skipped.iter().map(|(file, _)| file.file_stem().unwrap().to_str().unwrap()).collect();
    assert_eq!(left_out, ["many", "more", "notes", "id", "control", "path", "none"], "{report:?}");
    let closed: Vec<_> = report.closed.iter().map(|(slug, _)| slug.clone()).collect();
    assert_eq!(slugs(&closed), ["memory", "hours"]);
    for name in ["memory", "hours"] {
        let access = shelf.store.check_access(&slug(name), NOW, None).await.unwrap();
        assert_eq!(access, Access::Private, "{name}");
        assert!(shelf.store.admit(&slug(name), "x", NOW).await.unwrap().is_none());
    }
    assert_eq!(shelf.store.check_access(&slug("fair"), NOW, None).await.unwrap(), Access::NeedsPassword);
    assert!(shelf.store.admit(&slug("fair"), "x", NOW).await.unwrap().is_none(), "it can be tried");
}

#[tokio::test]
async fn covers_of_a_backup_are_looked_at_like_uploads() {
    let shelf = Shelf::new().await;
    let manifest = manifest(1);
    let mut damaged = JPEG.to_vec();
    damaged.truncate(100);
    let file = |name: &str| changed(name, |file| file["slug"] = name.into());
    let with_cover = |name: &str| {
        let mut parsed: serde_json::Value = serde_json::from_slice(&file(name)).unwrap();
        parsed["cover"] = name.into();
        serde_json::to_vec(&parsed).unwrap()
    };
    let archive = zipped(&[
        ("ferric-backup.json", &manifest),
        ("mixtapes/good.json", &with_cover("good")),
        ("covers/good", JPEG),
        ("mixtapes/damaged.json", &with_cover("damaged")),
        ("covers/damaged", &damaged),
    ]);
    let report = shelf.store.restore_backup(archive, |_, _| {}).await.unwrap();
    assert_eq!(slugs(&report.created), ["good", "damaged"]);
    assert_eq!(report.without_cover.len(), 1, "{report:?}");
    assert!(report.without_cover[0].1.contains("damaged"));
    let good = shelf.store.mixtape(&slug("good")).await.unwrap().unwrap();
    assert_eq!(std::fs::read(shelf.store.cover_path(&good.cover.unwrap()).unwrap()).unwrap(), JPEG);
}

#[tokio::test]
async fn what_is_no_backup_or_would_fill_the_memory_is_refused() {
    let shelf = Shelf::new().await;
    // Each small enough, but not all of them.
    let spaces = vec![b' '; 60_000_000];
    let names: Vec<_> = (0..10).map(|number| format!("mixtapes/{number}.json")).collect();
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
        (zipped(&bombs), "far more than its size"),
        (crowded(), "too many files"),
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
