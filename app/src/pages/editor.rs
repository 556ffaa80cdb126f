//! The page on which the owner makes a mixtape.
//! What happens on it is in the island `components::editor`.

use leptos::prelude::*;

use crate::components::{Editor, ThemeSwitch};
use crate::page::EditorPage;

/// The page.
#[component]
pub fn EditorOf(page: EditorPage) -> impl IntoView {
    let EditorPage { tape, preferences, client_id, quality } = page;
    let heading = if tape.is_some() { "Mixtape" } else { "New mixtape" };
    view! {
        <main id="main" class="desk" tabindex="-1">
            <header class="shelf-head">
                <h1 class="desk-name">{heading}</h1>
                <a class="quiet-text" href="/mixtapes">"Mixtapes"</a>
            </header>
            <noscript><p class="sheet-lead">"Making a mixtape needs JavaScript. Switch it on and load this page again."</p></noscript>
            <Editor tape preferences client_id quality/>
            <footer class="colophon"><span>"Ferric"</span><ThemeSwitch/></footer>
        </main>
    }
    .into_any()
}
