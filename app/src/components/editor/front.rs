//! The front of the card: cover, title, who made it; and how it is given away.
//! What a title may be is known to `model`.

use leptos::prelude::*;
use model::{GiftSettings, Mixtape, UnwrapStyle};

use super::cover::Cover;
use super::desk::Desk;

/// Cover, title and creator.
#[component]
pub fn Front(desk: Desk) -> impl IntoView {
    let facts = move || {
        desk.tape.with(|tape| {
            let count = tape.items().len();
            (count > 0).then(|| format!("{count} {} · {}", if count == 1 { "track" } else { "tracks" }, tape.total()))
        })
    };
    let set = move |signal: RwSignal<String>, text: String| {
        signal.set(text);
        desk.changed();
    };
    view! {
        <div class="deck-front">
            <Cover desk/>
            <div class="deck-fields">
                <label class="deck-title">
                    <span class="away">"Title"</span>
                    <textarea
                        rows="1" maxlength=Mixtape::TITLE_MAX placeholder="A title" spellcheck="false" enterkeyhint="done"
                        prop:value=move || desk.title.get()
                        on:keydown=|key| if key.key() == "Enter" { key.prevent_default() }
                        on:input=move |input| set(desk.title, event_target_value(&input))
                    ></textarea>
                </label>
                <label class="deck-creator">
                    <span>"made by"</span>
                    <input
                        type="text" maxlength=Mixtape::CREATOR_MAX placeholder="your name" autocomplete="nickname"
                        prop:value=move || desk.creator.get()
                        on:input=move |input| set(desk.creator, event_target_value(&input))
                    />
                </label>
                <p class="front-facts">{facts}</p>
            </div>
        </div>
    }
}

/// How the tape is given away.
#[component]
pub fn Gift(desk: Desk) -> impl IntoView {
    let change = move |change: fn(&mut GiftSettings, bool), on: bool| {
        desk.gift.update(|gift| change(gift, on));
        desk.changed();
    };
    let style = move |style: UnwrapStyle, name: &'static str, detail: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio" name="unwrap" prop:checked=move || desk.gift.get().unwrap_style == style
                    on:change=move |_| {
                        desk.gift.update(|gift| gift.unwrap_style = style);
                        desk.changed();
                    }
                />
                <span class="choice-name">{name}</span>
                <span class="choice-detail">{detail}</span>
            </label>
        }
    };
    view! {
        <details class="deck-part">
            <summary class="side-name">"As a gift"</summary>
            <label class="choice is-check">
                <input
                    type="checkbox" prop:checked=move || desk.gift.get().flow_enabled
                    on:change=move |input| change(|gift, on| gift.flow_enabled = on, event_target_checked(&input))
                />
                <span class="choice-name">"Wrap it: the link opens a gift first"</span>
            </label>
            <fieldset class="choices" disabled=move || !desk.gift.get().flow_enabled>
                <legend class="away">"Wrapping"</legend>
                {style(UnwrapStyle::Playful, "Playful", "paper and a ribbon")}
                {style(UnwrapStyle::Elegant, "Elegant", "an envelope with a seal")}
                <label class="choice is-check">
                    <input
                        type="checkbox" prop:checked=move || desk.gift.get().show_tracklist
                        on:change=move |input| change(|gift, on| gift.show_tracklist = on, event_target_checked(&input))
                    />
                    <span class="choice-name">"Show the songs once it is unwrapped"</span>
                </label>
            </fieldset>
        </details>
    }
}
