//! How long searches take in an index of the made-up library, and the same with `LIKE` in the same database.
//! Which figures matter is decided by who reads them.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use library::Index;
use library::search::Query;
use model::search::Pages;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::Failure;
use crate::names::{Dice, MadeUp};

/// The first searches read what the others find in memory.
const WARM_UP: usize = 300;
/// Searches that are measured.
const SEARCHES: usize = 2700;
/// The first of them once more with `LIKE`, which takes long.
const LIKES: usize = 100;

/// Fills an index in the folder, searches it, and prints microseconds as `name p50 p95`, a line for each way.
pub(crate) async fn measure(library: &MadeUp, folder: &Path) -> Result<(), Failure> {
    let index = Index::open(folder).await?;
    let mut database = SqliteConnectOptions::new().filename(folder.join("index.db")).connect().await?;
    fill(&mut database, library).await?;
    index.follow().await?;
    index.settle().await?;

    let mut dice = Dice(7);
    let typed: Vec<String> = (0..WARM_UP + SEARCHES).map(|_| library.typed(&mut dice)).collect();
    let mut times = Vec::new();
    for text in &typed {
        let begun = Instant::now();
        index.search(&Query::parse(text), &Pages::default()).await?;
        times.push(begun.elapsed());
    }
    print("search", &mut times[WARM_UP..]);

    let mut times = Vec::new();
    for text in &typed[WARM_UP..WARM_UP + LIKES] {
        let begun = Instant::now();
        let like = "SELECT json_group_array(id) FROM tracks WHERE title LIKE ?1 OR artist LIKE ?1 OR album LIKE ?1";
        let _: String = sqlx::query_scalar(like).bind(format!("%{text}%")).fetch_one(&mut database).await?;
        times.push(begun.elapsed());
    }
    print("like", &mut times);
    database.close().await?;
    index.close().await;
    Ok(())
}

fn print(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at =
        |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1)).map_or(0, Duration::as_micros);
    println!("{name} {} {}", at(50), at(95));
}

/// Releases written in one statement.
const AT_ONCE: usize = 500;

/// Writes the rows as a scan does.
async fn fill(database: &mut SqliteConnection, library: &MadeUp) -> Result<(), Failure> {
    let mut counts = vec![(0, 0); library.artists.len()];
    for release in &library.releases {
        let mut here = HashSet::new();
        for artist in release.tracks.iter().flat_map(|track| &track.artists) {
            counts[*artist].0 += usize::from(here.insert(artist));
            counts[*artist].1 += 1;
        }
    }
    let artists: Vec<_> = library.artists.iter().zip(counts).enumerate().collect();
    let insert = "INSERT INTO artists (id, name, folded, release_count, track_count)
        SELECT value ->> 0 + 1, value ->> '$[1][0]', value ->> '$[1][0]', value ->> '$[1][1][0]', value ->> '$[1][1][1]'
        FROM json_each(?)";
    run(database, insert, &artists).await?;
    let mut id = 0;
    for first in (0..library.releases.len()).step_by(AT_ONCE) {
        let (mut releases, mut tracks, mut heard) = (Vec::new(), Vec::new(), Vec::new());
        for (number, release) in library.releases.iter().enumerate().skip(first).take(AT_ONCE) {
            let (folder, artist) = (library.folder(number), library.album_artist(release));
            for (place, track) in release.tracks.iter().enumerate() {
                id += 1;
                let path = format!("{folder}/{:02} {}.flac", place + 1, track.title);
                let by = library.track_artist(track);
                tracks.push((id, path, number + 1, &track.title, by, &release.title, artist, place + 1, release.year));
                heard.extend(track.artists.iter().enumerate().map(|(position, artist)| (id, artist + 1, position)));
            }
            let count = release.tracks.len();
            releases.push((number + 1, folder, &release.title, artist, release.is_compilation, release.year, count));
        }
        let insert = "INSERT INTO releases (id, folder, title, artist, is_compilation, year, track_count)
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
            FROM json_each(?)";
        run(database, insert, &releases).await?;
        let insert = "INSERT INTO tracks (
                id, path, release_id, size, modified_ns, inode, title, artist, album, album_artist, track_number, year,
                duration
            )
            SELECT value ->> 0, value ->> 1, value ->> 2, 1, 1, value ->> 0, value ->> 3, value ->> 4, value ->> 5,
                value ->> 6, value ->> 7, value ->> 8, 200000
            FROM json_each(?)";
        run(database, insert, &tracks).await?;
        let insert = "INSERT INTO track_artists (track_id, artist_id, position)
            SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
        run(database, insert, &heard).await?;
    }
    Ok(())
}

async fn run(database: &mut SqliteConnection, insert: &str, rows: &impl serde::Serialize) -> Result<(), Failure> {
    sqlx::query(insert).bind(serde_json::to_string(rows)?).execute(database).await?;
    Ok(())
}
