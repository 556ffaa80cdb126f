//! A mixtape that is given away: the parcel or the letter around it, drawn here and finished on the server.
//! How it comes off is in the style sheet; the island `components::unwrap` says when.

use leptos::prelude::*;
use model::{Mixtape, UnwrapStyle};

use crate::components::Unwrap;
use crate::page::Wrapping;

/// The gift, with everything that is seen of the tape until it plays.
pub fn wrapped(mixtape: &Mixtape, wrapping: Wrapping) -> AnyView {
    let Wrapping { style, words } = wrapping;
    let from = if words.from.is_empty() { mixtape.creator_name.clone() } else { words.from };
    let whom = if words.to.is_empty() { "you".to_owned() } else { words.to };
    let by =
        if from.is_empty() { "Somebody made you a mixtape.".into() } else { format!("{from} made you a mixtape.") };
    // Also a link: it opens without, and before, any script.
    let open = format!("{}?open=1", mixtape.slug.share_path());
    let facts = mixtape.contents();
    let glow =
        mixtape.cover_url().map(|cover| view! { <img class="gift-glow" src=format!("{cover}?size=96x96") alt=""/> });
    let cover = match mixtape.cover_url() {
        Some(cover) => view! {
            <img class="gift-cover cover" src=cover alt=format!("Cover of {}", mixtape.title) width="320" height="320"/>
        }
        .into_any(),
        None => view! { <div class="gift-cover cover cover-blank" aria-hidden="true"></div> }.into_any(),
    };
    let (outside, verb) = match style {
        UnwrapStyle::Playful => (parcel(&whom, mixtape.cover_url()).into_any(), "Untie the ribbon"),
        UnwrapStyle::Elegant => (envelope(mixtape.cover_url()).into_any(), "Open the letter"),
    };
    let paragraphs = words.note.split("\n\n").map(str::to_owned).collect::<Vec<_>>();
    let is_long = mixtape.title.chars().count() > super::share::LONG_TITLE;
    let signed =
        (!from.is_empty() && !words.note.is_empty()).then(|| view! { <p class="gift-sign" dir="auto">{from}</p> });
    let (slug, title, heading) = (mixtape.slug.clone(), mixtape.title.clone(), mixtape.title.clone());
    view! {
        <Unwrap slug title elegant=style == UnwrapStyle::Elegant>
            {glow}
            <header class="gift-head">
                <h1 class="gift-name" id="gift-name" dir="auto">{format!("For {whom}")}</h1>
                <p class="gift-by" dir="auto">{by}</p>
            </header>
            <div class="gift-scene">
                <a class="gift-outside" href=open.clone() data-gift="open">
                    {outside}
                    <span class="gift-verb">{verb}</span>
                </a>
                <div class="gift-inside">
                    {cover}
                    <div class="gift-paper">
                        <p class="front-kind">"A mixtape"</p>
                        <h2 class="gift-title" class:is-long=is_long tabindex="-1">{heading}</h2>
                        <p class="front-facts">{facts}</p>
                        {(!words.note.is_empty()).then(|| view! {
                            <blockquote class="gift-note">
                                {paragraphs.into_iter().map(|paragraph| view! { <p dir="auto">{paragraph}</p> }).collect_view()}
                                {signed}
                            </blockquote>
                        })}
                        <p class="gift-actions"><a class="button" href=open.clone() data-gift="listen">"Press play"</a></p>
                    </div>
                </div>
            </div>
            <p class="gift-skip"><a class="quiet-text" href=open data-gift="listen">"Skip to the music"</a></p>
        </Unwrap>
    }
    .into_any()
}

/// Brown paper around the cover, a ribbon of rust, and a tag.
fn parcel(whom: &str, cover: Option<String>) -> impl IntoView + use<> {
    // Loops, knot and ends lie over each other as on a parcel: the ends below, the knot on top.
    let bow = r#"<g class="bow-ends"><path d="M100 62c-8 24-24 40-40 52l10 3 2 11c18-16 30-38 34-62z"/><path d="M100 62c8 24 24 40 40 52l-10 3-2 11c-18-16-30-38-34-62z"/></g><g class="bow-left"><path d="M98 58C72 22 34 8 22 24S44 74 98 64z"/><path class="bow-fold" d="M94 58C74 38 48 28 40 34s14 24 54 26z"/></g><g class="bow-right"><path d="M102 58c26-36 64-50 76-34s-22 50-76 40z"/><path class="bow-fold" d="M106 58c20-20 46-30 54-24s-14 24-54 26z"/></g><rect class="bow-knot" x="86" y="48" width="28" height="28" rx="9"/>"#;
    // Where each of them flies is in the style sheet.
    let scraps = (0..24).map(|_| view! { <i></i> }).collect_view();
    view! {
        <span class="parcel" aria-hidden="true">
            <span class="parcel-box">
                <span class="parcel-cover">{inner_cover(cover)}</span>
                <span class="flap flap-left"></span>
                <span class="flap flap-right"></span>
                <span class="flap flap-top"></span>
                <span class="flap flap-bottom"></span>
                <span class="ribbon ribbon-across"></span>
                <span class="ribbon ribbon-down"></span>
                <span class="parcel-tag" dir="auto">{format!("For {whom}")}</span>
                <svg class="bow" viewBox="0 0 200 140" focusable="false" inner_html=bow></svg>
            </span>
            <span class="scraps">{scraps}</span>
        </span>
    }
}

/// A cream envelope from behind, sealed with the mark of the house, and the card in it.
fn envelope(cover: Option<String>) -> impl IntoView + use<> {
    let seal = r#"<circle class="seal-wax" cx="36" cy="36" r="33"/><circle class="seal-ring" cx="36" cy="36" r="25"/><g class="seal-mark"><circle cx="27" cy="34" r="8"/><circle cx="46" cy="34" r="6"/><path d="M18 46h36"/></g>"#;
    view! {
        <span class="envelope" aria-hidden="true">
            <span class="envelope-back"></span>
            <span class="envelope-card">{inner_cover(cover)}</span>
            <span class="envelope-left"></span>
            <span class="envelope-right"></span>
            <span class="envelope-front"></span>
            <span class="envelope-flap"></span>
            <svg class="seal" viewBox="0 0 72 72" focusable="false" inner_html=seal></svg>
        </span>
    }
}

/// The cover as it lies in its wrapping, before it is the one that is told of.
fn inner_cover(cover: Option<String>) -> AnyView {
    match cover {
        Some(cover) => view! { <img class="cover" src=cover alt="" width="320" height="320"/> }.into_any(),
        None => view! { <span class="cover cover-blank"></span> }.into_any(),
    }
}
