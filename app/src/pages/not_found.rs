//! The page for an address that leads nowhere.
//! It does not say whether there ever was something.

use leptos::prelude::*;

use crate::components::ThemeSwitch;
use crate::components::reels::Reels;

/// The page.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <main id="main" class="sheet" tabindex="-1">
            <Reels/>
            <h1 class="sheet-title">"There is no tape here"</h1>
            <p class="sheet-lead">
                "The link may be mistyped, or its owner took the tape back. Ask whoever sent it for a new one."
            </p>
            <footer class="colophon"><a href="/">"Ferric"</a><ThemeSwitch/></footer>
        </main>
    }
}
