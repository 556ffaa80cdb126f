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
                <button class="quiet-text" type="button" popovertarget="playlist">"From a playlist"</button>
                <a class="quiet-text" href="/editor/preferences">"Preferences"</a>
                <a class="quiet-text" href="/admin/library">"Library"</a>
                <a class="quiet-text" href="/admin">"Cache"</a>
                <form method="post" action="/logout"><button class="quiet-text" type="submit">"Sign out"</button></form>
            </header>
            <div id="playlist" class="more share" popover="auto" role="dialog" aria-labelledby="playlist-name" tabindex="-1">
                <h2 id="playlist-name" class="share-name">"A mixtape from a playlist"</h2>
                <p class="more-hint">
                    "M3U, XSPF or JSPF, of any program. Its songs are looked for in your library: by their paths, and else by "
                    "their names."
                </p>
                <form class="form" method="post" action="/mixtapes/playlist" enctype="multipart/form-data">
                    <input
                        class="file" type="file" name="file" required aria-label="Playlist"
                        accept=".m3u,.m3u8,.xspf,.jspf,audio/x-mpegurl,application/xspf+xml,application/json"
                    />
                    <button class="button" type="submit">"Make a mixtape"</button>
                </form>
            </div>
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
