//! The audio element, whose events are told to a player.
//! What the player makes of them is not known here.

use leptos::html;
use leptos::prelude::*;

use crate::browser;
use crate::player::Event;

/// An audio element; until a script takes over it shows the browser's own controls.
#[component]
pub fn Sound(
    audio: NodeRef<html::Audio>,
    dispatch: Callback<Event>,
    /// What it plays at first; may be empty.
    src: String,
    label: &'static str,
) -> impl IntoView {
    let progress = move || {
        if let Some(element) = audio.get_untracked() {
            for event in browser::audio::progress(&element) {
                dispatch.run(event);
            }
        }
    };
    view! {
        <audio
            node_ref=audio src=(!src.is_empty()).then_some(src) preload="metadata" controls=true class="player-native"
            aria-label=label
            on:playing=move |_| dispatch.run(Event::Playing)
            on:pause=move |_| dispatch.run(Event::Paused)
            on:waiting=move |_| dispatch.run(Event::Waiting)
            on:ended=move |_| dispatch.run(Event::Ended)
            on:timeupdate=move |_| progress()
            on:seeked=move |_| progress()
            on:progress=move |_| progress()
            on:durationchange=move |_| {
                if let Some(element) = audio.get_untracked() {
                    dispatch.run(Event::Duration(element.duration()));
                }
            }
            on:error=move |_| {
                if let Some(failure) = audio.get_untracked().and_then(|element| browser::audio::failure(&element)) {
                    dispatch.run(Event::Failed(failure));
                }
            }
        ></audio>
    }
}
