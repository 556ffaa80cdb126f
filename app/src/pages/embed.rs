//! A mixtape as a small player inside somebody else's page. It plays and leads to the tape's own page; whatever asks
//! for a password or changes something is there and not here.

use leptos::prelude::*;
use model::Slug;

use crate::components::Tape;
use crate::components::reels::Reels;
use crate::page::{EmbedPage, SharedTape};

/// The page.
#[component]
pub fn Embed(page: EmbedPage) -> impl IntoView {
    match page {
        EmbedPage::Tape(tape) => player(*tape).into_any(),
        EmbedPage::Closed(slug) => closed(&slug).into_any(),
        EmbedPage::Nothing => view! {
            <main id="main" class="embed is-closed" tabindex="-1">
                <Reels/>
                <h1 class="embed-title">"There is no tape here"</h1>
                <p class="embed-words">"Its owner may have taken it back."</p>
            </main>
        }
        .into_any(),
    }
}

fn player(tape: SharedTape) -> impl IntoView {
    let SharedTape { mixtape, tracks, names, quality, .. } = tape;
    let cover = mixtape.cover_url();
    let facts = mixtape.contents();
    let words = if mixtape.creator_name.is_empty() { facts } else { format!("by {} · {facts}", mixtape.creator_name) };
    let path = mixtape.slug.share_path();
    view! {
        <main id="main" class="embed" tabindex="-1">
            {match &cover {
                Some(cover) => view! {
                    <img
                        class="embed-cover" src=format!("{cover}?size=384x384") alt=format!("Cover of {}", mixtape.title)
                        width="192" height="192"
                    />
                }.into_any(),
                None => view! { <div class="embed-cover cover-blank" aria-hidden="true"></div> }.into_any(),
            }}
            <header class="embed-head">
                <h1 class="embed-title" tabindex="-1">
                    // A page of its own, not one inside the other.
                    <a href=path target="_blank" rel="noopener" title=mixtape.title.clone()>{mixtape.title.clone()}</a>
                </h1>
                <p class="embed-words">{words}</p>
            </header>
            <Tape
                slug=mixtape.slug.clone() title=mixtape.title.clone() cover quality starts=false
                has_secret=names.begin_secret() has_names=names.are_shown() tracks
            />
        </main>
    }
}

fn closed(slug: &Slug) -> impl IntoView + use<> {
    view! {
        <main id="main" class="embed is-closed" tabindex="-1">
            <Reels/>
            <h1 class="embed-title">"This tape is not for everybody"</h1>
            <p class="embed-words">"Its own page says more."</p>
            <p><a class="button" href=slug.share_path() target="_blank" rel="noopener">"Open its page"</a></p>
        </main>
    }
}
