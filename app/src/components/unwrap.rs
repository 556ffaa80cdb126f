//! Unwrapping a gift: the island around a parcel or a letter, which says how far it is open. The drawings come finished
//! from the server, and how they move is in the style sheet; without this code they are links to the open tape.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use model::Slug;

use crate::browser::{page, timer};

/// How long the wrapping takes to come off, as in style/gift.css.
const OPENING_MILLIS: u32 = 2_600;

/// How long the page behind takes to appear, likewise.
const LEAVING_MILLIS: u32 = 240;

/// How long a browser remembers that a gift is open, in seconds: a year.
const REMEMBERED_SECONDS: u32 = 31_536_000;

/// How far a gift is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Wrapped,
    Opening,
    Open,
    /// The tape is on the table, and the gift out of the way.
    Away,
}

impl Stage {
    const fn name(self) -> &'static str {
        match self {
            Self::Wrapped => "wrapped",
            Self::Opening => "opening",
            Self::Open => "open",
            Self::Away => "away",
        }
    }
}

/// The gift; its children are what is seen of it. A press on what is marked `data-gift` opens it, or goes on to the music.
#[island]
pub fn Unwrap(
    slug: Slug,
    /// Of the tape, for those who do not see it appear.
    title: String,
    /// It is a letter, and not a parcel.
    elegant: bool,
    children: Children,
) -> impl IntoView {
    let stage = RwSignal::new(Stage::Wrapped);
    let said = RwSignal::new(String::new());
    let open = move || {
        page::measure_way(".gift-cover", ".gift-outside", ".gift");
        stage.set(Stage::Opening);
        said.set(if elegant { "The letter opens." } else { "The ribbon comes off." }.to_owned());
        let millis = if page::wants_stillness() { 0 } else { OPENING_MILLIS };
        timer::after(millis, move || {
            if stage.get_untracked() == Stage::Opening {
                stage.set(Stage::Open);
                page::focus_soon(".gift-title".to_owned());
            }
        });
    };
    let path = slug.share_path();
    let listen = move || {
        stage.set(Stage::Away);
        said.set(format!("{title} is open and plays."));
        // The page is asked for by this address from now on, and not wrapped again.
        page::remember("ferric_unwrapped", "1", &path, REMEMBERED_SECONDS);
        page::replace_address(&path);
        page::wake(".card");
        // Browsers let sound begin only inside the press.
        page::announce(super::tape::PLAY);
        page::focus_soon(".front-title".to_owned());
    };
    let press = move |press: MouseEvent| {
        // With a modifier the listener wants the tape in a tab of its own.
        if press.ctrl_key() || press.meta_key() || press.shift_key() || press.alt_key() {
            return;
        }
        let Some(wanted) = page::pressed_mark(&press, "data-gift") else { return };
        press.prevent_default();
        match (wanted.as_str(), stage.get_untracked()) {
            ("open", Stage::Wrapped) => open(),
            ("listen", Stage::Wrapped | Stage::Opening | Stage::Open) => listen(),
            _ => {}
        }
    };
    // Gone for good once it has faded, so that it costs nothing while the tape plays.
    let is_gone = RwSignal::new(false);
    Effect::new(move || {
        if stage.get() == Stage::Away {
            timer::after(LEAVING_MILLIS, move || is_gone.set(true));
        }
    });
    view! {
        <section
            class="gift" class:is-elegant=elegant class:is-playful=!elegant class:is-gone=is_gone
            data-stage=move || stage.get().name() aria-labelledby="gift-name"
            on:click=press
        >
            {children()}
        </section>
        <p class="away" role="status">{said}</p>
    }
}
