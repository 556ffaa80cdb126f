//! What has become of a playlist that the owner has taken in, if it was not all of it.
//! What its songs are in the library is decided in `library`.

use leptos::prelude::*;
use model::PlaylistEntry;
use model::playlist::TakenIn;

use crate::components::ThemeSwitch;
use crate::page::TakenInPage;

/// The page.
#[component]
pub fn TakenInOf(page: TakenInPage) -> impl IntoView {
    let content = match page {
        TakenInPage::Refused(reason) => view! {
            <h1 class="sheet-title">"That is no playlist"</h1>
            <p class="sheet-lead">{reason}</p>
            <p class="sheet-lead">"Playlists end in .m3u, .m3u8, .xspf or .jspf."</p>
        }
        .into_any(),
        TakenInPage::Incomplete(TakenIn { slug, title, count, not_found }) => {
            let found = count - not_found.len() as u64;
            let heading = if slug.is_some() {
                format!("{found} of {count} songs are on the tape")
            } else {
                "Not one song was found".to_owned()
            };
            view! {
                <h1 class="sheet-title">{heading}</h1>
                <p class="sheet-lead">{format!("These of “{title}” are not in your library, or not so that it is certain:")}</p>
                <ol class="taken-in">{not_found.into_iter().map(entry).collect_view()}</ol>
                {slug.map(|slug| view! {
                    <p class="sheet-actions"><a class="button" href=slug.editor_path()>"Open the mixtape"</a></p>
                })}
            }
            .into_any()
        }
    };
    view! {
        <main id="main" class="sheet" tabindex="-1">
            {content}
            <footer class="colophon"><a href="/mixtapes">"Mixtapes"</a><ThemeSwitch/></footer>
        </main>
    }
    .into_any()
}

fn entry(entry: PlaylistEntry) -> impl IntoView {
    let names: Vec<_> = [entry.artist, entry.title].into_iter().filter(|name| !name.is_empty()).collect();
    let (name, place) =
        if names.is_empty() { (entry.location, None) } else { (names.join(" – "), Some(entry.location)) };
    view! {
        <li>
            <span class="problem-path">{name}</span>
            {place.filter(|place| !place.is_empty()).map(|place| view! { <span class="problem-reason">{place}</span> })}
        </li>
    }
}
