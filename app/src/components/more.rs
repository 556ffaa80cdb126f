//! What the player offers beside its five controls, behind one button: so far, the quality.
//! What a choice means is decided by the player.

use leptos::prelude::*;
use model::Quality;

use super::icon::{self, Icon};
use super::quality::name_of;
use crate::player::{Event, Player};

/// The button and its sheet of paper. The browser itself opens and closes it.
#[component]
pub fn More(player: RwSignal<Player>, dispatch: Callback<Event>) -> impl IntoView {
    let chosen = Memo::new(move |_| player.with(Player::quality));
    let level = move |quality: Quality| {
        let detail = quality.bitrate().map_or_else(|| "untouched".to_owned(), |rate| format!("{rate} kbit/s"));
        view! {
            <label class="choice">
                <input
                    type="radio" name="quality" value=quality.name()
                    prop:checked=move || chosen.get() == quality
                    on:change=move |_| dispatch.run(Event::Quality(quality))
                />
                <span class="choice-name">{name_of(quality)}</span>
                <span class="choice-detail">{detail}</span>
            </label>
        }
    };
    view! {
        <button class="quiet player-more" type="button" aria-label="More" popovertarget="more">
            <Icon of=icon::ELLIPSIS/>
        </button>
        // The Escape key closes this paper and not the sheet below it.
        <div
            class="more" id="more" popover="auto" role="dialog" aria-label="More" tabindex="-1" autofocus
            on:keydown=|key| key.stop_propagation()
        >
            <fieldset class="choices">
                <legend>"Quality"</legend>
                {Quality::ALL.map(level).collect_view()}
            </fieldset>
            <p class="more-hint">"Lower ones begin sooner on a weak connection. Your choice holds for every tape."</p>
        </div>
    }
}
