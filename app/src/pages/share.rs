//! The share page: a tape as its listener receives it, laid out like the card of a cassette box.
//! What plays is the island in `components::tape`.

use leptos::prelude::*;
use library::covers::{PREVIEW_HEIGHT, PREVIEW_WIDTH, preview_version};
use model::track::encode_segment;

use super::gift;
use crate::components::{ShareTape, Tape, ThemeSwitch};
use crate::page::{Frame, SharedTape};

/// A title of more letters is set smaller.
pub(super) const LONG_TITLE: usize = 48;

/// The page.
#[component]
pub fn Share(tape: SharedTape) -> impl IntoView {
    let SharedTape { mixtape, tracks, names, is_private, .. } = tape;
    let has_names = names.are_shown();
    let SharedTape { notes_html, quality, may_keep, wrapping, starts, .. } = tape;
    let gift = wrapping.map(|wrapping| gift::wrapped(&mixtape, wrapping));
    let cover = mixtape.cover_url();
    let is_long = mixtape.title.chars().count() > LONG_TITLE;
    let has_notes = !notes_html.is_empty();
    let card = view! {
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
                <h1 class="front-title" class:is-long=is_long tabindex="-1">{mixtape.title.clone()}</h1>
                {(!mixtape.creator_name.is_empty()).then(|| view! {
                    <p class="front-creator">"made by "<em>{mixtape.creator_name.clone()}</em></p>
                })}
                <p class="front-facts">{mixtape.contents()}</p>
                {if is_private {
                    let editor = mixtape.slug.editor_path();
                    view! {
                        <p class="front-private">"Only you can see this page. "<a href=editor>"Share it from the editor"</a></p>
                    }.into_any()
                } else {
                    view! { <ShareTape slug=mixtape.slug.clone() title=mixtape.title.clone()/> }.into_any()
                }}
            </div>
        </header>
        <div class="inside">
            <Tape
                slug=mixtape.slug.clone() title=mixtape.title.clone() cover quality starts
                has_secret=names.begin_secret() has_names tracks
            />
        </div>
        {has_notes.then(|| view! {
            <section class="notes" aria-labelledby="notes-name">
                <h2 id="notes-name" class="side-name">"Liner notes"</h2>
                <div class="notes-text" inner_html=notes_html></div>
            </section>
        })}
        <footer class="colophon">
            <span>"Played by Ferric"</span>
            {has_names.then(|| view! {
                <a href=mixtape.slug.file_path("playlist.m3u8") download="">"For another player"</a>
            })}
            {(may_keep && has_names).then(|| view! { <a href=mixtape.slug.file_path("audio.zip") download="">"Keep the files"</a> })}
            <ThemeSwitch/>
        </footer>
    };
    match gift {
        None => view! { <main id="main" class="card" tabindex="-1">{card}</main> }.into_any(),
        // What is inside a gift is there already, so that it opens without a journey.
        Some(gift) => view! {
            <main id="main" tabindex="-1">
                {gift}
                <div class="card" inert=true>{card}</div>
            </main>
        }
        .into_any(),
    }
}

/// OpenGraph and Twitter tags.
pub fn preview(tape: &SharedTape, frame: &Frame) -> impl IntoView + use<> {
    let mixtape = &tape.mixtape;
    let title = if mixtape.creator_name.is_empty() {
        mixtape.title.clone()
    } else {
        format!("{}, a mixtape by {}", mixtape.title, mixtape.creator_name)
    };
    let description = if tape.summary.is_empty() { mixtape.contents() } else { tape.summary.clone() };
    let url = format!("{}{}", frame.origin, mixtape.slug.share_path());
    let slug = encode_segment(mixtape.slug.as_str());
    // Those who keep previews look again when the version is another one.
    let image = format!("{}/og/{slug}.jpg?v={}", frame.origin, preview_version(mixtape));
    let alt = if mixtape.cover.is_some() { format!("{title}, with its cover") } else { title.clone() };
    let embedded = |format: &str| format!("{}/oembed?format={format}&url={}", frame.origin, encode_segment(&url));
    let open_graph = [
        ("og:type", "music.playlist".to_owned()),
        ("og:site_name", "Ferric".to_owned()),
        ("og:title", title.clone()),
        ("og:description", description.clone()),
        ("og:url", url.clone()),
        ("og:image", image.clone()),
        ("og:image:type", "image/jpeg".to_owned()),
        ("og:image:width", PREVIEW_WIDTH.to_string()),
        ("og:image:height", PREVIEW_HEIGHT.to_string()),
        ("og:image:alt", alt.clone()),
    ];
    let open_graph =
        open_graph.map(|(property, content)| leptos::html::meta().attr("property", property).content(content));
    view! {
        <meta name="description" content=description.clone()/>
        <link rel="alternate" r#type="application/json+oembed" href=embedded("json") title=title.clone()/>
        <link rel="alternate" r#type="text/xml+oembed" href=embedded("xml") title=title.clone()/>
        <link rel="canonical" href=url.clone()/>
        {open_graph.into_iter().collect_view()}
        <meta name="twitter:card" content="summary_large_image"/>
        <meta name="twitter:title" content=title/>
        <meta name="twitter:description" content=description/>
        <meta name="twitter:image" content=image/>
        <meta name="twitter:image:alt" content=alt/>
    }
    .into_any()
}
