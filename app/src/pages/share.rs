//! The share page: a tape as its listener receives it, laid out like the card of a cassette box.
//! What plays is the island in `components::tape`.

use leptos::prelude::*;

use crate::components::{ShareTape, Tape, ThemeSwitch};
use crate::page::{Frame, SharedTape};

/// A title of more letters is set smaller.
const LONG_TITLE: usize = 48;

/// The page.
#[component]
pub fn Share(tape: SharedTape) -> impl IntoView {
    let SharedTape { mixtape, notes_html, quality, may_keep, .. } = tape;
    let cover = mixtape.cover_url();
    let total = mixtape.total();
    let count = mixtape.tracks.len();
    let is_long = mixtape.title.chars().count() > LONG_TITLE;
    let has_notes = !notes_html.is_empty();
    view! {
        <main id="main" class="card" tabindex="-1">
            <div class="spine" aria-hidden="true">
                <span>{mixtape.title.clone()}</span>
            </div>
            <header class="front">
                {match cover.clone() {
                    Some(cover) => view! {
                        <img class="cover" src=cover alt=format!("Cover of {}", mixtape.title) width="560" height="560"/>
                    }.into_any(),
                    None => view! { <div class="cover cover-blank" aria-hidden="true"></div> }.into_any(),
                }}
                <div class="front-words">
                    <p class="front-kind">"A mixtape"</p>
                    <h1 class="front-title" class:is-long=is_long>{mixtape.title.clone()}</h1>
                    {(!mixtape.creator_name.is_empty()).then(|| view! {
                        <p class="front-creator">"made by "<em>{mixtape.creator_name.clone()}</em></p>
                    })}
                    <p class="front-facts">
                        {format!("{count} {} · {total}", if count == 1 { "track" } else { "tracks" })}
                    </p>
                    <ShareTape slug=mixtape.slug.clone() title=mixtape.title.clone()/>
                </div>
            </header>
            <div class="inside">
                <Tape title=mixtape.title.clone() cover tracks=mixtape.tracks quality/>
            </div>
            {has_notes.then(|| view! {
                <section class="notes" aria-labelledby="notes-name">
                    <h2 id="notes-name" class="side-name">"Liner notes"</h2>
                    <div class="notes-text" inner_html=notes_html></div>
                </section>
            })}
            <footer class="colophon">
                <span>"Played by Ferric"</span>
                <a href=mixtape.slug.file_path("playlist.m3u8") download="">"For another player"</a>
                {may_keep.then(|| view! { <a href=mixtape.slug.file_path("audio.zip") download="">"Keep the files"</a> })}
                <ThemeSwitch/>
            </footer>
        </main>
    }
    .into_any()
}

/// OpenGraph and Twitter tags.
pub fn preview(tape: &SharedTape, frame: &Frame) -> impl IntoView + use<> {
    let mixtape = &tape.mixtape;
    let title = if mixtape.creator_name.is_empty() {
        mixtape.title.clone()
    } else {
        format!("{}, a mixtape by {}", mixtape.title, mixtape.creator_name)
    };
    let description = if tape.summary.is_empty() {
        format!("{} tracks, {}", mixtape.tracks.len(), mixtape.total())
    } else {
        tape.summary.clone()
    };
    let url = format!("{}{}", frame.origin, mixtape.slug.share_path());
    let image = mixtape.preview_url().map(|picture| format!("{}{picture}", frame.origin));
    let alt = image.is_some().then(|| format!("Cover of {}", mixtape.title));
    let open_graph = [
        ("og:type", Some("music.playlist".to_owned())),
        ("og:site_name", Some("Ferric".to_owned())),
        ("og:title", Some(title.clone())),
        ("og:description", Some(description.clone())),
        ("og:url", Some(url.clone())),
        ("og:image", image.clone()),
        ("og:image:type", image.is_some().then(|| "image/jpeg".to_owned())),
        ("og:image:width", image.is_some().then(|| library::covers::PREVIEW_WIDTH.to_string())),
        ("og:image:height", image.is_some().then(|| library::covers::PREVIEW_HEIGHT.to_string())),
        ("og:image:alt", alt),
    ];
    let open_graph = open_graph.map(|(property, content)| {
        content.map(|content| leptos::html::meta().attr("property", property).content(content))
    });
    view! {
        <meta name="description" content=description.clone()/>
        <link rel="canonical" href=url/>
        {open_graph.into_iter().collect_view()}
        <meta name="twitter:card" content=if image.is_some() { "summary_large_image" } else { "summary" }/>
        <meta name="twitter:title" content=title/>
        <meta name="twitter:description" content=description/>
        {image.map(|image| view! { <meta name="twitter:image" content=image/> })}
    }
    .into_any()
}
