//! The editor: the island in which the owner makes a mixtape.
//! What is decided in it is in `editor`; saving is done by server functions.

use leptos::prelude::*;
use model::{Quality, Track};

use super::finder::Finder;
use super::found::Choose;
use super::preview::{Heard, Preview};

/// Search on one side, the tape on the other.
#[island]
pub fn Editor(
    /// The quality in which tracks are heard beforehand.
    quality: Quality,
) -> impl IntoView {
    let heard = Heard::new(quality);
    let add = Callback::new(move |_: Vec<Track>| ());
    view! {
        <div class="editor">
            <Finder choose=Choose { add, heard }/>
        </div>
        <Preview heard/>
    }
    .into_any()
}
