//! Searching a library of a few dozen to a few thousand tracks, written into the index as a scan writes it.
//! How fast a large one is searched is measured elsewhere.

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]

use std::collections::HashMap;
use std::path::Path;

use library::Index;
use library::search::Query;
use model::search::{Group, Page, Pages, Piece, SearchResults, TrackHit};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tempfile::TempDir;

/// Artist, album and titles.
const RELEASES: &[(&str, &str, &[&str])] = &[
    ("AC/DC", "Back in Black", &["Hells Bells", "Back in Black", "You Shook Me All Night Long"]),
    ("Björk", "Homogenic", &["Hunter", "Jóga", "Bachelorette"]),
    ("P!nk", "Missundaztood", &["Don't Let Me Get Me", "Just Like a Pill"]),
    ("The Beatles", "Help!", &["Help!", "Yesterday", "Ticket to Ride"]),
    ("The Beatles", "Abbey Road", &["Come Together", "Something"]),
    ("Radiohead", "OK Computer", &["Airbag", "Paranoid Android", "Karma Police"]),
    ("Love", "Forever Changes", &["Alone Again Or", "Andmoreagain"]),
    ("Lovage", "Music to Make Love to Your Old Lady By", &["Book of the Month"]),
    ("Courtney Love", "America's Sweetheart", &["Mono"]),
    ("Beloved", "Happiness", &["Hello"]),
    ("宇多田ヒカル", "First Love", &["First Love", "Automatic"]),
    ("Кино", "Группа крови", &["Группа крови", "Звезда по имени Солнце"]),
    ("Χάρις Αλεξίου", "Οδός Νεφέλης", &["Το Τανγκό της Νεφέλης"]),
    ("Sigur Rós", "( )", &["Untitled #1"]),
    ("!!!", "Louden Up Now", &["Me and Giuliani"]),
    ("Metallica", "Master of Puppets", &["Battery", "Orion"]),
    ("Ke$ha", "Animal", &["TiK ToK"]),
];

struct Shelf {
    index: Index,
    database: SqliteConnection,
    _folder: TempDir,
}

impl Shelf {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open(folder.path()).await.unwrap();
        let mut shelf = Self { index, database: connect(folder.path()).await, _folder: folder };
        for (artist, album, titles) in RELEASES {
            shelf.add(artist, album, titles).await;
        }
        shelf
    }

    /// Adds a release and says its id.
    async fn add<T: AsRef<str>>(&mut self, artist: &str, album: &str, titles: &[T]) -> i64 {
        let count = i64::try_from(titles.len()).unwrap();
        let artist_id: i64 = sqlx::query_scalar(
            "INSERT INTO artists (name, folded, release_count, track_count) VALUES (?1, ?1, 1, ?2) ON CONFLICT DO \
             UPDATE SET release_count = release_count + 1, track_count = track_count + ?2 RETURNING id",
        )
        .bind(artist)
        .bind(count)
        .fetch_one(&mut self.database)
        .await
        .unwrap();
        let release_id: i64 = sqlx::query_scalar(
            "INSERT INTO releases (folder, title, artist, track_count) VALUES (?1 || '/' || ?2, ?2, ?1, ?3) RETURNING id",
        )
        .bind(artist)
        .bind(album)
        .bind(count)
        .fetch_one(&mut self.database)
        .await
        .unwrap();
        self.run("BEGIN").await;
        for (number, title) in (1_i64..).zip(titles) {
            sqlx::query(
                "INSERT INTO tracks (path, release_id, size, modified_ns, inode, title, artist, album, album_artist, \
                 track_number) VALUES (?1 || '/' || ?2 || '/' || ?3, ?5, 1, 1, 1, ?4, ?1, ?2, ?1, ?3); \
                 INSERT INTO track_artists VALUES (last_insert_rowid(), ?6, 0)",
            )
            .bind(artist)
            .bind(album)
            .bind(number)
            .bind(title.as_ref())
            .bind(release_id)
            .bind(artist_id)
            .execute(&mut self.database)
            .await
            .unwrap();
        }
        self.run("COMMIT").await;
        self.index.follow().await.unwrap();
        release_id
    }

    async fn run(&mut self, sql: &str) {
        sqlx::raw_sql(sql).execute(&mut self.database).await.unwrap();
    }

    /// Changes the tables as somebody else than a scan would.
    async fn change(&mut self, sql: &str) {
        self.run(sql).await;
        self.index.follow().await.unwrap();
    }

    async fn search(&self, text: &str) -> SearchResults {
        self.index.search(&Query::parse(text), &Pages::default()).await.unwrap()
    }

    async fn artists(&self, text: &str) -> Vec<String> {
        self.search(text).await.artists.hits.iter().map(|hit| plain(&hit.name)).collect()
    }

    async fn releases(&self, text: &str) -> Vec<String> {
        self.search(text).await.releases.hits.iter().map(|hit| plain(&hit.title)).collect()
    }

    async fn tracks(&self, text: &str) -> Vec<String> {
        titles(self.search(text).await.tracks.hits)
    }
}

async fn connect(folder: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(folder.join("index.db")).foreign_keys(true).connect().await.unwrap()
}

fn titles(hits: Vec<TrackHit>) -> Vec<String> {
    hits.into_iter().map(|hit| hit.track.title).collect()
}

fn plain(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

fn marked(pieces: &[Piece]) -> Vec<&str> {
    pieces.iter().filter(|piece| piece.is_hit).map(|piece| piece.text.as_str()).collect()
}

#[tokio::test]
async fn artists_are_found_however_they_are_typed() {
    let shelf = Shelf::new().await;
    for (name, spellings) in [
        ("AC/DC", &["ac/dc", "acdc", "AC-DC", "ac dc", "ac", "AC/", "dc"][..]),
        ("Björk", &["bj", "bjork", "BJÖRK", "bjo\u{308}rk", "jor", "artist:björk", "\"björk\""]),
        ("P!nk", &["pink", "p nk", "P!nk", "pnk", "pi"]),
        ("Ke$ha", &["kesha", "ke$ha", "KE"]),
        ("The Beatles", &["beatles", "the bea", "thebeatles", "\"the beatles\"", "atles"]),
        ("宇多田ヒカル", &["宇多", "ヒカル", "多田", "ﾋｶﾙ", "artist:ヒカ"]),
        ("Кино", &["кино", "КИН", "ин"]),
        ("Χάρις Αλεξίου", &["χαρισ", "ΧΆΡΙΣ", "αλεξ", "λεξι"]),
        ("Sigur Rós", &["sigur ros", "ros si", "\"sigur ros\""]),
        ("!!!", &["!!!", "!!"]),
        ("Radiohead", &["radiohead", "ohea", "RADIO"]),
    ] {
        for text in spellings {
            let found = shelf.search(text).await;
            let names: Vec<_> = found.artists.hits.iter().map(|hit| plain(&hit.name)).collect();
            assert!(names.contains(&name.to_owned()), "{text} finds {names:?} and not {name}");
            assert_eq!(found.did_you_mean, None, "{text}");
        }
    }
}

#[tokio::test]
async fn fields_and_phrases_narrow_the_search() {
    let shelf = Shelf::new().await;
    for (text, found) in [
        ("artist:beatles song:help", &["Help!"][..]),
        ("artist:\"the beatles\" album:abbey", &["Something", "Come Together"]),
        ("track:karma", &["Karma Police"]),
        ("radiohead karma", &["Karma Police"]),
        ("police radio", &["Karma Police"]),
        ("album:\"first love\" auto", &["Automatic"]),
        ("\"paranoid android\"", &["Paranoid Android"]),
        ("\"android paranoid\"", &[]),
        ("\"paranoid andro\"", &[]),
        ("\"paranoid andro", &["Paranoid Android"]),
        ("dont let", &["Don't Let Me Get Me"]),
        ("\"don't let me\"", &["Don't Let Me Get Me"]),
        ("don't police", &[]),
        ("artist:björk song:joga", &["Jóga"]),
        ("song:radiohead", &[]),
        ("ohead arma", &["Karma Police"]),
    ] {
        assert_eq!(shelf.tracks(text).await, found, "{text}");
    }
    assert_eq!(shelf.artists("song:love").await, [""; 0], "artists are no songs");
    assert_eq!(shelf.releases("artist:beatles").await, ["Help!", "Abbey Road"]);
}

#[tokio::test]
async fn two_letters_from_the_middle_of_a_word_are_enough() {
    let shelf = Shelf::new().await;
    for (text, artist) in [("tl", "The Beatles"), ("dc", "AC/DC"), ("ör", "Björk"), ("gu", "Sigur Rós")] {
        let found = shelf.artists(text).await;
        assert!(found.contains(&artist.to_owned()), "{text} finds {found:?}");
    }
    assert_eq!(shelf.tracks("rb").await, ["Airbag"]);
    assert_eq!(shelf.tracks("radiohead rb").await, ["Airbag"]);
    assert_eq!(marked(&shelf.search("rb").await.tracks.hits[0].title), ["rb"]);
}

#[tokio::test]
async fn what_stands_behind_a_minus_is_left_out() {
    let mut shelf = Shelf::new().await;
    shelf.add("Nina Simone", "Blue Train", &["Glove", "Lovely Day (live)", "Love Me Two Ways"]).await;
    for (text, found) in [
        ("artist:nina", &["Glove", "Lovely Day (live)", "Love Me Two Ways"][..]),
        ("artist:nina -live", &["Glove", "Love Me Two Ways"]),
        ("-live artist:nina", &["Glove", "Love Me Two Ways"]),
        ("artist:nina -\"two ways\"", &["Glove", "Lovely Day (live)"]),
        ("artist:nina -\"ways two\"", &["Glove", "Lovely Day (live)", "Love Me Two Ways"]),
        ("artist:nina -love", &["Glove", "Lovely Day (live)"]),
        ("artist:nina -song:live -song:two", &["Glove"]),
        ("glove -artist:nina", &[]),
        ("glove -artist:\"nina simone\"", &[]),
        ("glove -artist:\"simone nina\"", &["Glove"]),
        ("glove -album:train", &[]),
        ("glove -song:nina", &["Glove"]),
        ("hells -ac/dc", &[]),
        ("hells -acdc", &[]),
        ("help -", &["Help!", "Ticket to Ride", "Yesterday"]),
    ] {
        let mut titles = shelf.tracks(text).await;
        titles.sort_unstable();
        let mut found: Vec<_> = found.to_vec();
        found.sort_unstable();
        assert_eq!(titles, found, "{text}");
    }
    assert_eq!(shelf.artists("love -courtney").await, ["Love", "Beloved"], "also what is found inside of words");
    assert_eq!(shelf.artists("love -album:changes").await.len(), 3, "artists have no albums");
    assert_eq!(shelf.releases("artist:beatles -abbey").await, ["Help!"]);
    let corrected = shelf.search("metalica -orion").await;
    assert_eq!(corrected.did_you_mean.as_deref(), Some("metallica -orion"));
    assert_eq!(titles(corrected.tracks.hits), ["Battery"]);

    let only = shelf.search("-live -\"two ways\"").await;
    assert_eq!(only.hint.as_deref(), Some("This only says what to leave out. Add a word to look for."));
    assert_eq!(SearchResults { hint: None, ..only }, SearchResults::default());
    assert_eq!(shelf.search("").await.hint, None);
}

#[tokio::test]
async fn whatever_is_typed_is_no_error() {
    let shelf = Shelf::new().await;
    for nonsense in ["", " ", "\"", ":", "artist:", "artist:\"", "AND", "OR NOT", "a* ^b", "NEAR(", "(((", "'; --", "*"]
    {
        shelf.search(nonsense).await;
    }
    assert_eq!(shelf.tracks("all AND night").await, [""; 0], "AND is a word");
    assert_eq!(shelf.tracks("{title}:(hells* bells^)").await, [""; 0], "there is no title in the title");
    assert_eq!(shelf.tracks("(hells* ^bells)").await, ["Hells Bells"]);
    assert_eq!(shelf.tracks("hells\0 bells").await, ["Hells Bells"]);
}

#[tokio::test]
async fn the_name_itself_comes_first_then_its_beginning_a_word_and_the_inside_of_a_word() {
    let mut shelf = Shelf::new().await;
    shelf.add("Lovers", "Two", &["a", "b", "c", "d", "e"]).await;
    assert_eq!(shelf.artists("love").await, ["Love", "Lovers", "Courtney Love", "Beloved"]);
    shelf.add("Lovage", "Three", &["a", "b", "c", "d", "e", "f"]).await;
    assert_eq!(shelf.artists("lov").await[..3], ["Lovage", "Lovers", "Love"], "those with the most tracks first");
    assert_eq!(shelf.releases("love").await[..2], ["First Love", "Music to Make Love to Your Old Lady By"]);

    shelf.add("X", "Y", &["Glovebox", "Some Love", "Lovely", "Love"]).await;
    let found = shelf.tracks("love").await;
    assert_eq!(found[..4], ["Love", "Lovely", "Some Love", "First Love"]);
    assert_eq!(found.last().unwrap(), "Glovebox");
}

#[tokio::test]
async fn what_was_found_is_marked() {
    let shelf = Shelf::new().await;
    let found = shelf.search("bjork jog").await;
    let hit = &found.tracks.hits[0];
    assert_eq!((marked(&hit.title), marked(&hit.artist)), (vec!["Jóg"], vec!["Björk"]));
    assert!(marked(&hit.album).is_empty());
    let found = shelf.search("artist:beatles help").await;
    assert!(found.tracks.hits.iter().all(|hit| marked(&hit.artist) == ["Beatles"]));
    let found = shelf.search("ohead").await;
    assert_eq!(marked(&found.artists.hits[0].name), ["ohead"]);
}

#[tokio::test]
async fn typing_errors_are_forgiven_when_nothing_else_matches() {
    let shelf = Shelf::new().await;
    for (typed, meant, artist) in [
        ("metalica", "metallica", "Metallica"),
        ("metali", "metallica", "Metallica"),
        ("raidohead", "radiohead", "Radiohead"),
        ("radoihed", "radiohead", "Radiohead"),
        ("artist:\"the beetles\"", "artist:\"the beatles\"", "The Beatles"),
        ("sigor ros", "sigur ros", "Sigur Rós"),
    ] {
        let found = shelf.search(typed).await;
        assert_eq!(found.did_you_mean.as_deref(), Some(meant), "{typed}");
        assert_eq!(plain(&found.artists.hits[0].name), artist, "{typed}");
        assert!(!marked(&found.artists.hits[0].name).is_empty(), "{typed}");
    }
    for hopeless in ["qqqqqqqq", "xyz", "metallica beatles", "rdaoihaed"] {
        assert_eq!(shelf.search(hopeless).await, SearchResults::default(), "{hopeless}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_and_counting_ends_at_two_hundred() {
    let mut shelf = Shelf::new().await;
    let echoes: Vec<_> = (0..1200).map(|n| format!("Echo {n}")).collect();
    shelf.add("Many", "Echoes", &echoes).await;
    let query = Query::parse("echo");
    let mut seen = HashMap::new();
    for offset in (0..1200).step_by(100) {
        let pages = Pages { artists: Page::NONE, releases: Page::NONE, tracks: Page { offset, limit: 100 } };
        let found = shelf.index.search(&query, &pages).await.unwrap();
        assert_eq!(found.tracks.hits.len(), 100, "at {offset}");
        assert_eq!(found.tracks.is_capped, offset + 100 < 1200);
        assert_eq!(found.tracks.count, (offset + 100).max(200));
        assert_eq!(found.releases, Group::default(), "it was not asked for");
        found.tracks.hits.into_iter().for_each(|hit| *seen.entry(hit.track.path.0).or_insert(0) += 1);
    }
    assert_eq!((seen.len(), seen.values().max()), (1200, Some(&1)));
    let found = shelf.search("hells").await;
    assert_eq!((found.tracks.count, found.tracks.is_capped), (1, false));
}

#[tokio::test]
async fn the_search_follows_every_change() {
    let mut shelf = Shelf::new().await;
    shelf.change("UPDATE tracks SET title = 'Zebra' WHERE title = 'Airbag'").await;
    assert_eq!(shelf.tracks("zebra").await, ["Zebra"]);
    assert!(shelf.tracks("airbag").await.is_empty());
    shelf.change("UPDATE tracks SET artist = 'Someone', album = 'Elsewhere' WHERE title = 'Zebra'").await;
    assert_eq!(shelf.tracks("someone elsewhere").await, ["Zebra"]);
    assert!(shelf.tracks("radiohead zebra").await.is_empty());
    shelf.change("UPDATE releases SET title = 'Öl' WHERE title = 'Homogenic'").await;
    shelf.change("UPDATE artists SET name = 'Gudmundsdóttir' WHERE name = 'Björk'").await;
    assert_eq!(shelf.releases("ol").await[0], "Öl");
    assert_eq!(shelf.artists("gudm").await, ["Gudmundsdóttir"]);
    assert!(!shelf.artists("bjork").await.contains(&"Gudmundsdóttir".to_owned()));
    shelf.change("UPDATE artists SET track_count = 5000 WHERE name = 'Courtney Love'").await;
    assert_eq!(shelf.artists("lov").await[..2], ["Love", "Lovage"], "whole names stay before words");
    shelf.index.settle().await.unwrap();
    shelf.change("UPDATE artists SET track_count = 5000 WHERE name = 'Lovage'").await;
    assert_eq!(shelf.artists("lov").await[..2], ["Lovage", "Love"]);

    shelf.change("DELETE FROM track_artists; DELETE FROM tracks; DELETE FROM releases; DELETE FROM artists").await;
    for text in ["love", "zebra", "gudm", "head", "metalica", "!!!"] {
        assert_eq!(shelf.search(text).await, SearchResults::default(), "{text}");
    }
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM vocabulary) \
         + (SELECT count(*) FROM changed_artists) + (SELECT count(*) FROM changed_releases) \
         + (SELECT count(*) FROM changed_tracks)",
    )
    .fetch_one(&mut shelf.database)
    .await
    .unwrap();
    assert_eq!(left, 0, "no word is left of what is gone");
}

#[tokio::test]
async fn artists_and_releases_open_in_pages() {
    let mut shelf = Shelf::new().await;
    let id = shelf.add("Many", "Numbers", &["one", "two", "three"]).await;
    assert_eq!(titles(shelf.index.tracks_of(id, Page::first(2)).await.unwrap()), ["one", "two"]);
    assert_eq!(titles(shelf.index.tracks_of(id, Page { offset: 2, limit: 2 }).await.unwrap()), ["three"]);
    let beatles = &shelf.search("beatles").await.artists.hits[0];
    assert_eq!((beatles.release_count, beatles.track_count), (2, 5));
    let releases = shelf.index.releases_of(beatles.id, Page::first(10)).await.unwrap();
    let names: Vec<_> = releases.iter().map(|hit| (plain(&hit.title), hit.track_count)).collect();
    assert_eq!(names, [("Abbey Road".to_owned(), 2), ("Help!".to_owned(), 3)]);
    assert_eq!(shelf.index.releases_of(beatles.id, Page { offset: 1, limit: 1 }).await.unwrap(), releases[1..]);
}
