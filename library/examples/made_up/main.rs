//! A made-up music library of any size, for `cargo xtask bench library`: as tagged files for a scan, or in an index of its
//! own that is then searched. What the figures are compared with is decided there.
//!
//! `made_up files FOLDER TRACKS` writes files; `made_up search FOLDER TRACKS` fills an index and prints how long
//! searches took.

mod files;
mod names;
mod search;

use std::path::Path;

/// Whatever goes wrong, as a sentence.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, folder, tracks] = &arguments[..] else {
        return Err("made_up files FOLDER TRACKS, or made_up search FOLDER TRACKS".into());
    };
    let (folder, library) = (Path::new(folder), names::made_up(tracks.parse()?));
    match what.as_str() {
        "files" => files::write(&library, folder),
        "search" => search::measure(&library, folder).await,
        _ => Err(format!("{what}: neither files nor search").into()),
    }
}
