//! Giving the tape away: whether it comes wrapped, how, and a link with a few words for somebody.
//! How a gift looks to whoever gets it is in `pages::gift`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::{GiftSettings, GiftWords, Slug, UnwrapStyle};

use super::desk::Desk;
use crate::browser::sharing;

/// The settings, and below them the link.
#[component]
pub fn Gift(desk: Desk) -> impl IntoView {
    let gift = desk.gift;
    let change = move |change: &dyn Fn(&mut GiftSettings)| {
        gift.update(|gift| change(gift));
        desk.changed();
    };
    let is_on = Memo::new(move |_| gift.with(|gift| gift.flow_enabled));
    let address = Memo::new(move |_| desk.slug());
    let wrapping = move |style: UnwrapStyle, name: &'static str, detail: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio" name="unwrap-style" prop:checked=move || gift.with(|gift| gift.unwrap_style == style)
                    on:change=move |_| change(&|gift| gift.unwrap_style = style)
                />
                <span class="choice-name">{name}</span>
                <span class="choice-detail">{detail}</span>
            </label>
        }
    };
    view! {
        <section class="deck-part" aria-labelledby="gift-settings">
            <h2 class="side-name" id="gift-settings">"As a gift"</h2>
            <label class="choice is-check">
                <input
                    type="checkbox" prop:checked=is_on
                    on:change=move |input| change(&|gift| gift.flow_enabled = event_target_checked(&input))
                />
                <span class="choice-name">"Give it as a gift"</span>
                <span class="choice-detail">"to be unwrapped first"</span>
            </label>
            <div class="gift-settings" class:is-gone=move || !is_on.get()>
                <fieldset class="choices">
                    <legend class="away">"How it is wrapped"</legend>
                    {wrapping(UnwrapStyle::Playful, "Playful", "a parcel with a ribbon")}
                    {wrapping(UnwrapStyle::Elegant, "Elegant", "a letter with a seal")}
                </fieldset>
                <label class="choice is-check">
                    <input
                        type="checkbox" prop:checked=move || gift.with(|gift| !gift.show_tracklist)
                        on:change=move |input| change(&|gift| gift.show_tracklist = !event_target_checked(&input))
                    />
                    <span class="choice-name">"Keep the songs a secret"</span>
                    <span class="choice-detail">"until the end"</span>
                </label>
                {move || address.get().map(|slug| view! { <GiftLink desk slug/> })}
            </div>
        </section>
    }
    .into_any()
}

/// A link for somebody in particular. What is written here goes into the link and is kept nowhere.
#[component]
fn GiftLink(desk: Desk, slug: Slug) -> impl IntoView {
    let (to, note) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let is_copied = RwSignal::new(false);
    let path = Memo::new(move |_| {
        let words = GiftWords::tidied(&to.get(), "", &note.get());
        let style = desk.gift.with(|gift| gift.unwrap_style);
        format!("{}{}", slug.gift_path(style), words.query())
    });
    let write = move |text: RwSignal<String>, input: leptos::ev::Event| {
        text.set(event_target_value(&input));
        is_copied.set(false);
    };
    let copy = move |_| {
        let link = sharing::absolute(&path.get_untracked());
        spawn_local(async move { is_copied.set(sharing::copy(&link).await) });
    };
    view! {
        <div class="gift-link">
            <p class="admin-hint">"A link for somebody in particular. These words go into the link and are kept nowhere."</p>
            <label class="field">
                <span>"For whom"</span>
                <input type="text" maxlength=GiftWords::NAME_MAX autocomplete="off" on:input=move |input| write(to, input)/>
            </label>
            <label class="field">
                <span>"A few words"</span>
                <textarea class="notes-field" rows="3" maxlength=GiftWords::NOTE_MAX on:input=move |input| write(note, input)></textarea>
            </label>
            <p class="gift-link-actions">
                <button class="button is-plain" type="button" on:click=copy>
                    {move || if is_copied.get() { "Copied" } else { "Copy the link" }}
                </button>
                <a class="quiet-text" href=path target="_blank" rel="noopener">"See how it arrives"</a>
            </p>
            <p class="away" role="status">{move || is_copied.get().then_some("The link is copied")}</p>
        </div>
    }
    .into_any()
}
