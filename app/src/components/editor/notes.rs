//! The liner notes: Markdown, and how listeners will see it.
//! Turning it into safe HTML is done by the server, as for the listeners.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::desk::Desk;
use crate::api::mixtapes;

/// The field with its preview.
#[component]
pub fn Notes(desk: Desk) -> impl IntoView {
    let preview = RwSignal::new(None::<Result<String, String>>);
    let show = move || {
        let markdown = desk.notes.get_untracked();
        spawn_local(async move { preview.set(Some(mixtapes::notes(markdown).await.map_err(|refusal| refusal.error))) });
    };
    view! {
        <section class="deck-part" aria-labelledby="notes-name">
            <h2 class="side-name" id="notes-name">"Liner notes"</h2>
            <div class="notes-edit" class:is-gone=move || preview.with(Option::is_some)>
                <textarea
                    class="notes-field" rows="6" aria-labelledby="notes-name" aria-describedby="notes-hint"
                    placeholder="Why these songs, and why in this order"
                    prop:value=move || desk.notes.get()
                    on:input=move |input| {
                        desk.notes.set(event_target_value(&input));
                        desk.changed();
                    }
                ></textarea>
                <p class="admin-hint" id="notes-hint">
                    <code>"*slanted*"</code>" "<code>"**strong**"</code>" "<code>"# heading"</code>" "<code>"- list"</code>" "
                    <code>"[words](address)"</code>
                </p>
            </div>
            {move || preview.get().map(|shown| match shown {
                Ok(html) if html.is_empty() => view! { <p class="finder-words">"Nothing written yet."</p> }.into_any(),
                Ok(html) => view! { <div class="notes-text" inner_html=html></div> }.into_any(),
                Err(reason) => view! { <p class="finder-words" role="alert">{reason}</p> }.into_any(),
            })}
            <button
                class="quiet-text" type="button" aria-pressed=move || preview.with(Option::is_some).to_string()
                on:click=move |_| if preview.with_untracked(Option::is_some) { preview.set(None) } else { show() }
            >
                {move || if preview.with(Option::is_some) { "Go on writing" } else { "See it as listeners will" }}
            </button>
        </section>
    }
}
