//! `ferric import` and `ferric backup`: mixtapes in and out of the data folder without the server.
//! What is taken in and what a backup holds is decided in `library`.

use std::fs::{self, File};
use std::io::{IsTerminal, Write};
use std::path::Path;

use library::Store;
use library::import::ImportReport;
use model::Timestamp;
use model::cache_stats::readable_bytes;
use server::config::{Backup, Import};

use crate::Failure;

/// Takes in a data folder of Mixtape Society, or a backup.
pub(crate) async fn import(options: &Import) -> Result<(), Failure> {
    let store = Store::open(&options.data.path).await?;
    let report = if options.from.is_dir() {
        store.import_folder(&options.from).await?
    } else {
        let archive = File::open(&options.from).map_err(|error| format!("{}: {error}", options.from.display()))?;
        let shows = std::io::stderr().is_terminal();
        let report = store.restore_backup(archive, move |done, count| {
            if shows {
                eprint!("\r\x1b[K{done} of {count} mixtapes");
            }
        });
        let report = report.await;
        if shows {
            eprint!("\r\x1b[K");
        }
        report?
    };
    tell(&report);
    store.close().await;
    Ok(())
}

fn tell(report: &ImportReport) {
    for (what, slugs) in
        [("imported", &report.created), ("updated", &report.updated), ("already here", &report.unchanged)]
    {
        for slug in slugs {
            say!("{what}: {slug}");
        }
    }
    if report.preferences {
        say!("imported: the preferences");
    }
    for (slug, reason) in &report.without_cover {
        say!("without its cover: {slug} ({reason})");
    }
    for (slug, reason) in &report.closed {
        say!("shared with nobody: {slug} ({reason})");
    }
    for (file, reason) in &report.skipped {
        say!("left out: {} ({reason})", file.display());
    }
}

/// Writes a backup beside its place first, so that a broken one never takes the place of a whole one.
pub(crate) async fn backup(options: &Backup) -> Result<(), Failure> {
    if !options.data.path.join("mixtapes.db").is_file() {
        return Err(
            format!("there are no mixtapes in {}; name the folder with --data", options.data.path.display()).into()
        );
    }
    let store = Store::open(&options.data.path).await?;
    let now = Timestamp(jiff::Timestamp::now().as_second());
    let archive = store.backup(now).await?;
    let length = archive.length();
    let mut stream = archive.stream();
    let part = options.file.with_added_extension("part");
    let failed = |error: std::io::Error| format!("{}: {error}", part.display());
    let mut file = File::create(&part).map_err(failed)?;
    while let Some(bytes) = stream.next_bytes().await {
        let written = bytes.and_then(|bytes| file.write_all(&bytes));
        if let Err(error) = written {
            // What is left of it would only confuse.
            let _ = fs::remove_file(&part);
            return Err(failed(error).into());
        }
    }
    file.sync_all()
        .and_then(|()| fs::rename(&part, &options.file))
        .and_then(|()| sync_folder(&options.file))
        .map_err(failed)?;
    say!("{} ({})", options.file.display(), readable_bytes(length));
    store.close().await;
    Ok(())
}

/// The new name survives a power cut, too.
fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
