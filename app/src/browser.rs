//! What the browser does, thin and typed: the audio element, timers, storage, the document, reports. The only place
//! that names web_sys, js_sys or wasm_bindgen; decisions are made in `player`.

pub mod audio;
pub mod names;
pub mod page;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod picture;
pub mod reports;
pub mod sharing;
pub mod storage;
pub mod timer;

pub use audio::LocalAudio;
