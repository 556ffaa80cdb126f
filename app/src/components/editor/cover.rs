//! The cover of the tape in the making: a picture of the owner's, one made of the covers of its tracks, or one drawn from
//! its title. Pictures are checked and kept by the server.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::track::encode_segment;

use super::desk::Desk;
use crate::api::{Refusal, covers};
use crate::browser::picture::{self, Picture};
use crate::components::icon::{self, Icon};

/// The cover, and what can be done with it.
#[component]
pub fn Cover(desk: Desk) -> impl IntoView {
    let is_busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let is_over = RwSignal::new(false);
    let drawn = StoredValue::new(0_u32);
    let take = move |answer: Result<String, Refusal>| {
        is_busy.set(false);
        match answer {
            Ok(file) => {
                desk.cover.set(Some(file));
                desk.said.set("The cover is new".to_owned());
                desk.changed();
            }
            Err(refusal) => trouble.set(Some(refusal.error)),
        }
    };
    let begin = move || {
        trouble.set(None);
        is_busy.set(true);
    };
    let upload = move |picture: Option<Picture>| {
        let Some(picture) = picture else { return };
        begin();
        spawn_local(async move { take(picture::upload("/editor/cover", &picture).await) });
    };
    let compose = move |grid: Option<u8>| {
        begin();
        let folders = desk.tape.with_untracked(|tape| {
            let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            tape.items().iter().map(|item| folder(&item.track.path.0)).collect::<Vec<_>>()
        });
        spawn_local(async move { take(covers::compose(folders, grid).await) });
    };
    let draw = move |()| {
        begin();
        let title = desk.title.get_untracked();
        // Whoever does not like one gets another.
        let variant = drawn.get_value();
        drawn.set_value(variant + 1);
        spawn_local(async move { take(covers::draw(title, variant).await) });
    };
    view! {
        <div
            class="deck-cover" class:is-over=is_over class:is-busy=is_busy
            on:dragover=move |event| if picture::is_dragged(&event) {
                event.prevent_default();
                is_over.set(true);
            }
            on:dragleave=move |_| is_over.set(false)
            on:drop=move |event| {
                is_over.set(false);
                if picture::is_dragged(&event) {
                    event.prevent_default();
                    upload(picture::dropped(&event));
                }
            }
            on:paste=move |event| upload(picture::pasted(&event))
        >
            <button class="deck-picture" type="button" popovertarget="cover-choices" aria-label="Change the cover">
                {move || match desk.cover.get() {
                    Some(file) => view! {
                        <img class="cover" src=format!("/covers/{}", encode_segment(&file)) alt="" width="280" height="280"/>
                    }.into_any(),
                    None => view! { <div class="cover cover-blank" aria-hidden="true"></div> }.into_any(),
                }}
                <span class="deck-pencil"><Icon of=icon::PENCIL/></span>
            </button>
            <p class="deck-trouble" role="alert">{trouble}</p>
            <Choices
                desk upload=Callback::new(move |picture| upload(Some(picture))) compose=Callback::new(compose)
                draw=Callback::new(draw)
            />
        </div>
    }
    .into_any()
}

/// Where a cover can come from.
#[component]
fn Choices(
    desk: Desk,
    upload: Callback<Picture>,
    /// From the covers of the songs, with so many a side.
    compose: Callback<Option<u8>>,
    draw: Callback<()>,
) -> impl IntoView {
    let remove = move |_| {
        desk.cover.set(None);
        desk.changed();
    };
    let has_tracks = move || desk.tape.with(|tape| !tape.items().is_empty());
    view! {
        <div class="more menu" id="cover-choices" popover="auto" role="dialog" aria-label="Cover" tabindex="-1">
            <label class="menu-item">
                <input
                    class="away" type="file" accept="image/jpeg,image/png,image/webp,image/avif"
                    on:change=move |input| {
                        picture::close_popover("cover-choices");
                        if let Some(picture) = picture::chosen(&event_target(&input)) {
                            upload.run(picture);
                        }
                    }
                />
                "A picture of yours"
                <span class="menu-hint">"or drop it here, or paste it"</span>
            </label>
            <button class="menu-item" type="button" disabled=move || !has_tracks() popovertarget="cover-choices" popovertargetaction="hide" on:click=move |_| compose.run(None)>
                "From the covers of the songs"
            </button>
            <button class="menu-item" type="button" disabled=move || !has_tracks() popovertarget="cover-choices" popovertargetaction="hide" on:click=move |_| compose.run(Some(2))>
                "Four of them"
            </button>
            <button class="menu-item" type="button" popovertarget="cover-choices" popovertargetaction="hide" on:click=move |_| draw.run(())>
                "Drawn for the title"
            </button>
            <button
                class="menu-item" type="button" disabled=move || desk.cover.with(Option::is_none)
                popovertarget="cover-choices" popovertargetaction="hide" on:click=remove
            >
                "No cover"
            </button>
        </div>
    }
}
