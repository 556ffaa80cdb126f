//! How far the tape is saved, in words, with what can be done about it.
//! When it is saved is decided in `crate::editor::saving`.

use leptos::prelude::*;

use super::desk::Desk;
use super::readiness::Readiness;
use crate::components::share_sheet::ShareButton;
use crate::components::sharing_settings::SharingSettings;
use crate::editor::saving::{Event, Phase};

/// The line above the tape.
#[component]
pub fn Status(desk: Desk) -> impl IntoView {
    let phase = Memo::new(move |_| desk.saving.with(|saving| saving.phase().clone()));
    let has_address = Memo::new(move |_| desk.slug().is_some());
    let words = move || match phase.get() {
        Phase::Saved if desk.basis.with(Option::is_some) => "Saved",
        Phase::Saved => "",
        Phase::Changed => "Not saved yet",
        Phase::Sending | Phase::SendingOld => "Saving",
        Phase::Offline => "The server cannot be reached. This browser keeps the tape and saves it later.",
        Phase::Conflict => "This tape was changed elsewhere meanwhile.",
        Phase::Refused(_) => "Not saved:",
    };
    let reason = move || match phase.get() {
        Phase::Refused(reason) => Some(reason),
        _ => None,
    };
    let can_save = move || !matches!(phase.get(), Phase::Sending | Phase::SendingOld | Phase::Conflict);
    view! {
        <div class="deck-status">
            <div class="deck-said">
                <p class="deck-words" role="status">{words}" "{reason}</p>
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
                        <ShareButton slug=slug title=desk.title id="share" class="quiet-text shelf-share">
                            <SharingSettings slug/>
                        </ShareButton>
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
