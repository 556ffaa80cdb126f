//! Data folders of Mixtape Society, old and new, brought in once and again.

use base64::Engine;
use library::Store;
use library::import::ImportReport;
use model::{Millis, Mixtape, Slug, Timestamp};

use crate::shelf::{JPEG, NOW, draft};

const NEW: &str = r#"{"title": "New", "client_id": "c1", "created_at": "2024-01-02T03:04:05.678901",
    "updated_at": "2024-09-28T12:34:56", "cover": "covers/new.jpg", "liner_notes": "hi", "creator_name": "Me",
    "gift_flow_enabled": true, "unwrap_style": "elegant", "show_tracklist_after_completion": false,
    "schema_version": 2, "tracks": [{"artist": "A", "album": "B", "track": "T", "duration": "3:04",
    "path": "a/b/c.flac", "filename": "c.flac", "cover": "x"}]}"#;

struct Imported {
    folder: tempfile::TempDir,
    store: Store,
    report: ImportReport,
}

impl Imported {
    async fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("original");
        std::fs::create_dir_all(source.join("mixtapes/covers")).unwrap();
        std::fs::write(source.join("mixtapes/covers/new.jpg"), JPEG).unwrap();
        for (name, text) in files {
            std::fs::write(source.join("mixtapes").join(name), text).unwrap();
        }
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        let report = store.import_folder(&source).await.unwrap();
        Self { folder, store, report }
    }

    fn source(&self) -> std::path::PathBuf {
        self.folder.path().join("original")
    }

    async fn again(&self) -> ImportReport {
        self.store.import_folder(&self.source()).await.unwrap()
    }

    async fn tape(&self, slug: &str) -> Mixtape {
        self.store.mixtape(&slug.parse().unwrap()).await.unwrap().unwrap()
    }
}

fn slugs(slugs: &[Slug]) -> Vec<&str> {
    slugs.iter().map(Slug::as_str).collect()
}

#[tokio::test]
async fn both_generations_of_files_are_read_and_bad_ones_named() {
    let old = r#"{"saved_at": "2020-05-06T07:08:09", "cover": "data:image/jpeg;base64,JPEG",
        "tracks": [{"title": "Old", "path": "x/Some Song.mp3"}, {"path": "./x\\Unnamed.mp3", "duration": 61.5}]}"#;
    let old = &old.replace("JPEG", &base64::engine::general_purpose::STANDARD.encode(JPEG));
    let both = r#"{"title": "Both", "saved_at": "2020-01-01T00:00:00", "updated_at": "2021-01-01T00:00:00",
        "client_id": null, "creator_name": null, "tracks": [{"title": "a", "track": "b", "path": "/x.mp3"}]}"#;
    let imported = Imported::new(&[
        ("new.json", NEW),
        ("old.json", old),
        ("Both .json", both),
        ("empty.json", r#"{"title": "E", "tracks": []}"#),
        ("broken.json", "{"),
        ("style.json", r#"{"unwrap_style": "loud", "tracks": [{"path": "a"}]}"#),
    ])
    .await;
    assert_eq!((imported.report.created.len(), imported.report.skipped.len()), (3, 3), "{:?}", imported.report);

    let new = imported.tape("new").await;
    assert_eq!((new.created_at, new.updated_at), (Timestamp(1_704_164_645), Timestamp(1_727_526_896)));
    assert_eq!((new.tracks[0].title.as_str(), new.tracks[0].duration), ("T", Some(Millis(184_000))));
    let cover = new.cover.unwrap();
    assert!(imported.store.cover_path(&cover).unwrap().is_file());
    assert!(new.gift.flow_enabled && !new.gift.show_tracklist);

    let old = imported.tape("old").await;
    assert_eq!((old.title.as_str(), old.updated_at), (Mixtape::UNNAMED, old.created_at));
    assert_eq!(old.cover.unwrap(), cover, "the same picture is kept once");
    let tracks: Vec<_> = old.tracks.iter().map(|track| (track.path.0.as_str(), track.title.as_str())).collect();
    assert_eq!(tracks, [("x/Some Song.mp3", "Old"), ("x\\Unnamed.mp3", "x\\Unnamed")]);
    assert_eq!(old.tracks[1].duration, Some(Millis(61_500)));

    let both = imported.tape("both").await;
    assert_eq!((both.updated_at, both.tracks[0].title.as_str()), (Timestamp(1_609_459_200), "b"));
    assert_eq!(both.tracks[0].path.0, "x.mp3");
    assert_eq!(slugs(&imported.again().await.unchanged), ["both", "new", "old"]);
}

#[tokio::test]
async fn a_second_import_changes_nothing_and_a_newer_file_updates() {
    let imported = Imported::new(&[("new.json", NEW)]).await;
    let again = imported.again().await;
    assert_eq!((again.created.len(), again.updated.len(), again.unchanged.len()), (0, 0, 1));

    // Renamed and saved again in the original: the shared link must stay.
    let mixtapes = imported.source().join("mixtapes");
    std::fs::rename(mixtapes.join("new.json"), mixtapes.join("renamed.json")).unwrap();
    let newer = NEW.replace("2024-09-28", "2024-10-28").replace("\"New\"", "\"Newer\"");
    std::fs::write(mixtapes.join("renamed.json"), newer).unwrap();
    assert_eq!(slugs(&imported.again().await.updated), ["new"]);
    assert_eq!(imported.tape("new").await.title, "Newer");
}

#[tokio::test]
async fn what_was_moved_or_deleted_here_is_not_brought_in_a_second_time() {
    let without_id = NEW.replace("\"c1\"", "null");
    let imported = Imported::new(&[("new.json", &without_id), ("search.json", &without_id)]).await;
    assert_eq!(slugs(&imported.report.created), ["new", "search-1"], "the site has an address of its own there");
    imported.store.rename_slug(&"new".parse().unwrap(), Some("mine")).await.unwrap();
    assert_eq!(slugs(&imported.again().await.unchanged), ["mine", "search-1"]);
    imported.store.delete(&"mine".parse().unwrap(), NOW).await.unwrap();
    let again = imported.again().await;
    assert_eq!((again.created.len(), again.updated.len(), again.skipped.len()), (0, 0, 1));
    assert!(again.skipped[0].1.contains("bin"));
    // Once it is thrown away, who imports it wants it.
    imported.store.purge(Timestamp(i64::MAX)).await.unwrap();
    assert_eq!(slugs(&imported.again().await.created), ["new"]);
}

#[tokio::test]
async fn a_tape_made_here_with_the_same_address_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let draft = model::Draft { client_id: Some("mine".into()), ..draft("New", &["a"]) };
    let mine = store.save(&draft.check().unwrap(), None, Timestamp(1)).await.unwrap().mixtape;
    let source = folder.path().join("original");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(source.join("new.json"), NEW).unwrap();
    assert_eq!(slugs(&store.import_folder(&source).await.unwrap().created), ["new-1"]);
    assert_eq!(store.mixtape(&mine.slug).await.unwrap().unwrap(), mine);
    assert_eq!(slugs(&store.import_folder(&source).await.unwrap().unchanged), ["new-1"]);
}

#[tokio::test]
async fn preferences_come_along_unless_there_are_some() {
    let imported = Imported::new(&[("new.json", NEW)]).await;
    assert!(!imported.report.preferences);
    let file = imported.source().join("preferences.json");
    std::fs::write(&file, r#"{"creator_name": " Ada ", "default_gift_flow_enabled": true}"#).unwrap();
    assert!(imported.again().await.preferences);
    let kept = imported.store.preferences().await.unwrap();
    assert_eq!((kept.creator_name.as_str(), kept.gift.flow_enabled, kept.gift.show_tracklist), ("Ada", true, true));
    std::fs::write(&file, r#"{"creator_name": "Bob"}"#).unwrap();
    assert!(!imported.again().await.preferences);
    assert_eq!(imported.store.preferences().await.unwrap().creator_name, "Ada");
}

#[tokio::test]
async fn what_does_not_meet_the_rules_of_a_save_is_left_out_and_named() {
    let tracks = |count: usize, path: &str| format!(r"[{}]", vec![format!(r#"{{"path": "{path}"}}"#); count].join(","));
    let file = |notes: usize, id: &str, tracks: &str| {
        let notes = "x".repeat(notes);
        format!(r#"{{"liner_notes": "{notes}", "client_id": "{id}", "tracks": {tracks}}}"#)
    };
    let long = "x".repeat(256);
    let imported = Imported::new(&[
        ("good.json", &file(100_000, "c", &tracks(10_000, "a.mp3"))),
        ("many.json", &file(1, "d", &tracks(10_001, "a.mp3"))),
        ("notes.json", &file(100_001, "e", &tracks(1, "a.mp3"))),
        ("id.json", &file(1, &"i".repeat(201), &tracks(1, "a.mp3"))),
        ("path.json", &file(1, "f", &tracks(1, &long))),
        ("empty.json", &file(1, "g", &tracks(1, "../.."))),
        ("damaged.json", r#"{"cover": "data:image/jpeg;base64,/9j/4AEC", "tracks": [{"path": "a"}]}"#),
    ])
    .await;
    let report = &imported.report;
    assert_eq!(slugs(&report.created), ["damaged", "good"], "{report:?}");
    let words: Vec<_> =
        report.skipped.iter().map(|(file, words)| (file.file_stem().unwrap().to_str().unwrap(), words)).collect();
    let has = |file: &str, part: &str| words.iter().any(|(name, words)| *name == file && words.contains(part));
    assert!(has("many", "10000 tracks") && has("notes", "100 kB") && has("id", "client id"), "{words:?}");
    assert!(has("path", "Track 1") && has("empty", "Track 1"), "{words:?}");
    assert!(report.without_cover[0].1.contains("damaged"), "{report:?}");
}
