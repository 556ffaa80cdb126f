//! The owner's mixtapes.
//! Finding, sorting and deleting is done in the island `components::shelf`.

use leptos::prelude::*;

use crate::components::{Shelf, ThemeSwitch};
use crate::page::ShelfPage;

/// The page.
#[component]
pub fn Mixtapes(page: ShelfPage) -> impl IntoView {
    view! {
        <main id="main" class="shelf" tabindex="-1">
            <header class="shelf-head">
                <h1 class="sheet-title">"Mixtapes"</h1>
                <a class="button" href="/editor">"New mixtape"</a>
                <a class="quiet-text" href="/admin/library">"Library"</a>
                <a class="quiet-text" href="/admin">"Cache"</a>
                <form method="post" action="/logout"><button class="quiet-text" type="submit">"Sign out"</button></form>
            </header>
            <Shelf query=page.query page=page.answer/>
            <footer class="colophon">
                <span>"Ferric"</span>
                <form method="post" action="/logout">
                    <input type="hidden" name="everywhere" value="on"/>
                    <button class="quiet-text" type="submit">"Sign out in all browsers"</button>
                </form>
                <ThemeSwitch/>
            </footer>
        </main>
    }
    .into_any()
}
