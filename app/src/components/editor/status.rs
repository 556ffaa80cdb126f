//! How far the tape is saved, in words, with what can be done about it.
//! When it is saved is decided in `crate::editor::saving`.

use leptos::prelude::*;

use super::desk::Desk;
use super::readiness::Readiness;
use crate::components::owner_share::OwnerShare;
use crate::editor::saving::{Event, Phase};

/// The line above the tape.
#[component]
pub fn Status(desk: Desk) -> impl IntoView {
    let phase = Memo::new(move |_| desk.saving.with(|saving| saving.phase().clone()));
    let has_address = Memo::new(move |_| desk.slug().is_some());
    let words = Memo::new(move |_| desk.saving.with(|saving| saving.words(desk.basis.with(Option::is_none))));
    let reason = move || match phase.get() {
        Phase::Refused(reason) => Some(reason),
        _ => None,
    };
    let can_save = move || !matches!(phase.get(), Phase::Sending | Phase::SendingOld | Phase::Conflict);
    view! {
        <div class="deck-status">
            <div class="deck-said">
                <p class="deck-words" role="status">{move || words.get()}" "{reason}</p>
                <Readiness desk/>
            </div>
            {move || (phase.get() == Phase::Conflict).then(|| view! {
                <div class="deck-choice">
                    <button class="quiet-text" type="button" on:click=move |_| desk.discard()>"Take the other one"</button>
                    <button class="quiet-text" type="button" on:click=move |_| desk.handle(Event::KeepMine)>"Keep mine"</button>
                </div>
            })}
            <div class="deck-actions">
                {move || has_address.get().then(|| untrack(|| desk.slug())).flatten().map(|slug| {
                    let slug = RwSignal::new(slug);
                    // The settings below can give it another one.
                    Effect::new(move || desk.moved_to(slug.get()));
                    view! {
                        <a class="quiet-text" href=move || slug.get().share_path()>"Listen"</a>
                        <OwnerShare slug title=desk.title id="share" sharing=RwSignal::new(None)/>
                    }
                })}
                <button class="button" type="button" disabled=move || !can_save() on:click=move |_| desk.handle(Event::Pressed)>
                    "Save"
                </button>
            </div>
            {move || desk.is_restored.get().then(|| view! {
                <p class="deck-restored">
                    "Changes that were not saved the last time are here again."
                    <button class="quiet-text" type="button" on:click=move |_| desk.discard()>"Throw them away"</button>
                </p>
            })}
        </div>
    }
}
