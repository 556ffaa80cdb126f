//! The owner's mixtapes.
//! Making and changing them is not done on this page.

use leptos::prelude::*;
use model::MixtapeSummary;

use crate::components::ThemeSwitch;

/// The page.
#[component]
pub fn Mixtapes(mixtapes: Vec<MixtapeSummary>) -> impl IntoView {
    let empty = mixtapes.is_empty();
    view! {
        <main id="main" class="shelf" tabindex="-1">
            <header class="shelf-head">
                <h1 class="sheet-title">"Mixtapes"</h1>
                <a class="quiet-text" href="/admin/library">"Library"</a>
                <a class="quiet-text" href="/admin">"Cache"</a>
                <form method="post" action="/logout"><button class="quiet-text" type="submit">"Sign out"</button></form>
            </header>
            {empty.then(|| view! {
                <p class="sheet-lead">
                    "Nothing here yet. Bring in the tapes of a Mixtape Society data folder with "
                    <code>"ferric import DIR"</code>"."
                </p>
            })}
            <ul class="shelf-tapes">
                {mixtapes.into_iter().map(|tape| view! {
                    <li>
                        <a class="shelf-tape" href=tape.slug.share_path()>
                            {match tape.cover {
                                Some(cover) => view! {
                                    <img class="cover" src=format!("/covers/{cover}") alt="" loading="lazy" width="280" height="280"/>
                                }.into_any(),
                                None => view! { <div class="cover cover-blank" aria-hidden="true"></div> }.into_any(),
                            }}
                            <span class="shelf-title">{tape.title}</span>
                            <span class="shelf-facts">
                                {format!("{} {} · {}", tape.track_count, if tape.track_count == 1 { "track" } else { "tracks" }, tape.total)}
                            </span>
                        </a>
                    </li>
                }).collect_view()}
            </ul>
            <footer class="colophon"><span>"Ferric"</span><ThemeSwitch/></footer>
        </main>
    }
    .into_any()
}
