//! The names of the bundle's files, as `cargo xtask bundle` writes them into `assets.json`.
//! Serving them is the business of the server.

use serde::{Deserialize, Serialize};

/// Addresses below the site's root; empty when there is no bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assets {
    /// The program of the pages for everybody.
    pub listeners: Program,
    /// The program of the owner's pages.
    pub owner: Program,
    /// The style sheet.
    pub style: String,
    /// The fonts that every page needs at once.
    pub fonts: Vec<String>,
}

/// A program for the browser.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The JavaScript that loads the WebAssembly.
    pub script: String,
    /// The WebAssembly.
    pub wasm: String,
}
