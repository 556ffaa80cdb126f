//! The browser bundle on disk: which hashed file is which.
//! Building the bundle is the business of `cargo xtask bundle`.

use std::path::{Path, PathBuf};

use app::Assets;

/// Where the bundle lies and what it holds.
#[derive(Debug, Clone)]
pub struct Site {
    /// The folder with `pkg/`, `public/` and `assets.json`.
    pub folder: PathBuf,
    /// The hashed names, for the pages.
    pub assets: Assets,
}

impl Site {
    /// Reads `assets.json`. Without a bundle the pages still work, as plain HTML, and the log says why.
    #[must_use]
    pub fn open(folder: Option<&Path>) -> Self {
        let folder = folder.map_or_else(beside_program, Path::to_owned);
        let manifest = folder.join("assets.json");
        let read = std::fs::read(&manifest).map_err(|error| error.to_string());
        let assets = read.and_then(|text| serde_json::from_slice(&text).map_err(|error| error.to_string()));
        let assets = assets.unwrap_or_else(|error| {
            tracing::warn!(
                file = %manifest.display(), error,
                "no browser bundle, so pages are plain HTML; make one with `cargo xtask bundle`, or name its folder with --site"
            );
            Assets::default()
        });
        Self { folder, assets }
    }
}

/// `site` beside the program, as an installation has it, or one folder above, as a build tree has it.
fn beside_program() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let folders = program.ancestors().skip(1).take(2).map(|folder| folder.join("site"));
    let mut found = folders.filter(|folder| folder.join("assets.json").is_file());
    found.next().unwrap_or_else(|| PathBuf::from("site"))
}
