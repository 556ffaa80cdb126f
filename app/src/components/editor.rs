//! The editor: the island in which the owner makes a mixtape, search on one side, the tape on the other.
//! What is decided in it is in `crate::editor`; saving is done by server functions.

pub mod cover;
pub mod desk;
pub mod front;
pub mod gift;
pub mod list;
pub mod notes;
pub mod readiness;
pub mod status;

use leptos::prelude::*;
use model::{MixtapeView, Preferences, Quality};

use self::desk::Desk;
use super::finder::Finder;
use super::found::Choose;
use super::preview::{Heard, Preview};
use crate::browser::page;

/// Search on one side, the tape on the other.
#[island]
pub fn Editor(
    /// The tape that is there already; none for a new one.
    tape: Option<MixtapeView>,
    /// What a new tape begins with.
    preferences: Preferences,
    /// Tells a new tape from all others, so that saving it twice never makes two.
    client_id: String,
    /// The quality in which tracks are heard beforehand.
    quality: Quality,
) -> impl IntoView {
    let heard = Heard::new(quality);
    let desk = Desk::new(tape, preferences, client_id);
    let dragged = RwSignal::new(Vec::new());
    let add = Callback::new(move |tracks| desk.change_tape(|tape| tape.insert(None, tracks)));
    // On a phone one of the two is shown.
    let shows_tape = RwSignal::new(!desk.is_empty());
    let count = move || desk.tape.with(|tape| tape.items().len());
    Effect::new(move || {
        desk.begin();
        page::mark_root("ready", Some(""));
    });
    view! {
        <div class="desk-switch" role="group" aria-label="What is shown">
            <button type="button" aria-pressed=move || (!shows_tape.get()).to_string() on:click=move |_| shows_tape.set(false)>
                "Find music"
            </button>
            <button type="button" aria-pressed=move || shows_tape.get().to_string() on:click=move |_| shows_tape.set(true)>
                "The tape "<span class="desk-count">{count}</span>
            </button>
        </div>
        <div class="editor" class:shows-tape=shows_tape>
            <Finder choose=Choose { add, heard, dragged }/>
            <section class="deck" aria-label="The tape">
                <status::Status desk/>
                <front::Front desk/>
                <list::TapeList desk heard dragged/>
                <notes::Notes desk/>
                <gift::Gift desk/>
            </section>
        </div>
        <p class="away" role="status">{desk.said}</p>
        <Preview heard/>
    }
    .into_any()
}
