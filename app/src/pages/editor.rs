//! The page on which the owner makes a mixtape.
//! What happens on it is in the island `components::editor`.

use leptos::prelude::*;

use crate::components::{Editor, ThemeSwitch};
use crate::page::EditorPage;

/// The page.
#[component]
pub fn EditorOf(page: EditorPage) -> impl IntoView {
    view! {
        <main id="main" class="desk" tabindex="-1">
            <header class="shelf-head">
                <h1 class="sheet-title">"New mixtape"</h1>
                <a class="quiet-text" href="/mixtapes">"Mixtapes"</a>
            </header>
            <noscript><p class="sheet-lead">"Making a mixtape needs JavaScript. Switch it on and load this page again."</p></noscript>
            <Editor quality=page.quality/>
            <footer class="colophon"><span>"Ferric"</span><ThemeSwitch/></footer>
        </main>
    }
    .into_any()
}
