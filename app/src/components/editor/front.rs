//! The front of the card: cover, title, and who made it.
//! What a title may be is known to `model`.

use leptos::prelude::*;
use model::Mixtape;

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
