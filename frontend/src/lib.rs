//! The WebAssembly entry point: prepares the islands of `app` to be woken by the page.
//! Nothing else is done here.

#![cfg(target_arch = "wasm32")]

// Links the islands in, which the page calls by name.
use app as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once, before it wakes its islands.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
