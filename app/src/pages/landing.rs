//! The front door: what this is, for somebody who came without a link.
//! Nothing of the library is shown here.

use leptos::prelude::*;

use crate::components::ThemeSwitch;
use crate::components::reels::Reels;

/// The page.
#[component]
pub fn Landing() -> impl IntoView {
    view! {
        <main id="main" class="sheet" tabindex="-1">
            <Reels/>
            <h1 class="sheet-title">"Mixtapes from your own shelf"</h1>
            <p class="sheet-lead">
                "Somebody keeps their music here, picks songs, puts them in order and gives them away. "
                "Every tape has a link of its own."
            </p>
            <p>"Were you given a link? Open it, and press play. You need no account."</p>
            <p class="sheet-actions"><a class="button" href="/login">"Sign in as the owner"</a></p>
            <footer class="colophon"><span>"Ferric"</span><ThemeSwitch/></footer>
        </main>
    }
}
