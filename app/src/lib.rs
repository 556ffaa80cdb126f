//! Everything that is seen: pages rendered on the server, and islands that the browser brings to life.
//! Audio, storage and HTTP are elsewhere; the browser is touched in `browser` alone.

// The macros of Leptos make items without documentation, and async blocks without need.
#![recursion_limit = "256"]
#![allow(missing_docs, clippy::must_use_candidate, clippy::needless_pass_by_value)]

pub mod assets;
pub mod browser;
pub mod components;
pub mod player;

// Only the owner's pages ask, and only they are in the owner's bundle.
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod api;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod editor;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod jobs;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod shelf;

#[cfg(feature = "ssr")]
pub mod document;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod pages;

pub use assets::Assets;
#[cfg(feature = "ssr")]
pub use document::document;

/// Prepares rendering on the server; call it once inside the runtime, before the first page.
#[cfg(feature = "ssr")]
pub fn start() {
    // An error means that it was done before, which is as good.
    let _ = any_spawner::Executor::init_tokio();
}
