//! Sharing a tape: its link, to be copied or handed to another app, and the same as a code for a camera.
//! Who may hear it is set elsewhere; codes are drawn by the server.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Slug;

use super::icon::{self, Icon};
use super::markup;
use crate::browser::sharing;

/// A button that opens the sheet.
#[component]
pub fn ShareButton(
    #[prop(into)] slug: Signal<Slug>,
    #[prop(into)] title: Signal<String>,
    /// Unlike all others of the page.
    #[prop(into)]
    id: String,
    /// What the button looks like.
    class: &'static str,
    /// Whether there is a link to give away.
    #[prop(into, default = Signal::stored(true))]
    has_link: Signal<bool>,
    /// What happens when the sheet is opened.
    #[prop(optional)]
    on_open: Option<Callback<()>>,
    /// What comes below the code.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let is_copied = RwSignal::new(false);
    let is_player_copied = RwSignal::new(false);
    let can_hand_over = RwSignal::new(false);
    let has_code = RwSignal::new(false);
    // Only the browser knows under which name the server is reached, and whether it can hand things over.
    let link = move || if is_open.get() { sharing::absolute(&slug.get().share_path()) } else { String::new() };
    let copy = move |_| {
        let link = link();
        spawn_local(async move { is_copied.set(sharing::copy(&link).await) });
    };
    let copy_player = move |_| {
        let (slug, title) = (slug.get_untracked(), title.get_untracked());
        let frame = markup::frame(&sharing::absolute(&slug.embed_path()), &title);
        spawn_local(async move { is_player_copied.set(sharing::copy(&frame).await) });
    };
    let hand_over = move |_| {
        let (title, link) = (title.get_untracked(), link());
        spawn_local(async move { sharing::hand_over(&title, &link).await });
    };
    let code = move |kind: &str, size: u32| {
        let slug = model::track::encode_segment(slug.get().as_str());
        format!("/qr/{slug}{kind}?size={size}")
    };
    let (target, name_id) = (id.clone(), format!("{id}-name"));
    view! {
        <button class=class type="button" popovertarget=target>
            <Icon of=icon::SHARE/>
            <span>"Share"</span>
        </button>
        <div
            class="more share" id=id popover="auto" role="dialog" aria-labelledby=name_id.clone() tabindex="-1"
            on:toggle=move |event| {
                is_open.set(sharing::is_opening(&event));
                if let (true, Some(on_open)) = (is_open.get_untracked(), on_open) {
                    on_open.run(());
                }
                is_copied.set(false);
                is_player_copied.set(false);
                can_hand_over.set(sharing::can_hand_over());
            }
        >
            <h2 class="share-name" id=name_id.clone()>{move || format!("Share “{}”", title.get())}</h2>
            <div class="share-link" class:is-gone=move || !has_link.get()>
                <input type="text" readonly aria-label="Link" prop:value=link on:focus=|focus| sharing::select_all(&event_target(&focus))/>
                <button class="button" type="button" on:click=copy>{move || if is_copied.get() { "Copied" } else { "Copy" }}</button>
            </div>
            <p class="away" role="status">{move || {
                let player = is_player_copied.get().then_some("The player is copied, to be put into a page");
                is_copied.get().then_some("The link is copied").or(player)
            }}</p>
            <div class="share-code" class:is-waiting=move || !has_code.get() class:is-gone=move || !has_link.get()>
                {move || (is_open.get() && has_link.get()).then(|| view! {
                    <img
                        src=code(".png", 480) alt="The link as a code for a camera" width="240" height="240"
                        on:load=move |_| has_code.set(true)
                    />
                })}
            </div>
            <p class="share-actions" class:is-gone=move || !has_link.get()>
                <button class="quiet-text" class:is-gone=move || !can_hand_over.get() type="button" on:click=hand_over>
                    "Hand to an app"
                </button>
                <a class="quiet-text" href=move || code("/download", 1200) download="">"Card to print"</a>
                <a class="quiet-text" href=move || format!("{}&format=svg", code("/download", 1200)) download="">"The same as SVG"</a>
                <button class="quiet-text" type="button" on:click=copy_player>
                    {move || if is_player_copied.get() { "Copied" } else { "Player for a web page" }}
                </button>
            </p>
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}

/// The button on the page of a tape, for its listeners.
#[island]
pub fn ShareTape(slug: Slug, title: String) -> impl IntoView {
    view! { <ShareButton slug=Signal::stored(slug) title=Signal::stored(title) id="share" class="quiet-text front-share"/> }
}
