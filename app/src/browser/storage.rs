//! What this browser remembers for the listener. Storage may be switched off or full; then nothing is
//! remembered, and nothing breaks.

use web_sys::Storage;

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Reads a remembered text.
#[must_use]
pub fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Stores a text, or removes it; returns whether that was possible. Callers may ignore the result where little is lost.
#[allow(clippy::must_use_candidate, reason = "volume and theme are remembered where that is possible")]
pub fn write(key: &str, value: Option<&str>) -> bool {
    storage().is_some_and(|storage| {
        match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        }
        .is_ok()
    })
}
