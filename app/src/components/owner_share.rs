//! Sharing a tape as its owner: a new one is private, is shared by a press, and may be taken back.
//! What listeners have of the same sheet is in `share_sheet`; passwords and ends are set in `sharing_settings`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::{AccessChange, ShareAccess, Shared, Sharing, Slug};

use super::share_sheet::ShareButton;
use super::sharing_settings::{Settings, SharingSettings};
use crate::api::mixtapes;

impl Settings {
    /// Shares the tape, at its address or at a random one that cannot be guessed.
    fn share(self, unguessable: bool) {
        self.words.set(String::new());
        spawn_local(async move {
            match mixtapes::share(self.slug.get_untracked(), unguessable).await {
                Ok(Shared { slug, sharing }) => {
                    self.slug.set(slug);
                    self.arrived(sharing);
                }
                Err(refusal) => self.words.set(refusal.error),
            }
        });
    }
}

/// The button that opens the sheet.
#[component]
pub fn OwnerShare(
    slug: RwSignal<Slug>,
    #[prop(into)] title: Signal<String>,
    /// The id of the button, unique on the page.
    #[prop(into)]
    id: String,
    /// How the tape is shared; requested where it is not known.
    sharing: RwSignal<Option<Sharing>>,
) -> impl IntoView {
    let settings = Settings::new(slug, sharing);
    let access = Memo::new(move |_| sharing.with(|sharing| sharing.map(|sharing| sharing.access)));
    let is_shared = Signal::derive(move || access.get().is_some_and(|access| access != ShareAccess::Private));
    let is_private = move || access.get() == Some(ShareAccess::Private);
    let choice_name = format!("{id}-address");
    view! {
        <ShareButton
            slug=slug title=title id=id class="quiet-text shelf-share" has_link=is_shared
            on_open=Callback::new(move |()| settings.load())
        >
            <Private settings is_private=Signal::derive(is_private) choice_name/>
            <p class="share-stop" class:is-gone=move || !is_shared.get()>
                <button class="quiet-text" type="button" on:click=move |_| settings.set_access(AccessChange::Private)>
                    "Stop sharing"
                </button>
            </p>
            <SharingSettings settings/>
            <p class="more-hint" role="status">{settings.words}</p>
        </ShareButton>
    }
}

/// What is shown of a tape that only its owner can play.
#[component]
fn Private(settings: Settings, is_private: Signal<bool>, choice_name: String) -> impl IntoView {
    let unguessable = RwSignal::new(false);
    let name = StoredValue::new(choice_name);
    view! {
        <div class="share-private" class:is-gone=move || !is_private.get()>
            <p class="share-lead">"Only you can hear this mixtape. Share it, and whoever has the link can."</p>
            <fieldset class="choices">
                <legend>"Its address"</legend>
                <label class="choice share-address">
                    <input
                        type="radio" name=name.get_value() prop:checked=move || !unguessable.get()
                        on:change=move |_| unguessable.set(false)
                    />
                    <span class="choice-name">{move || settings.slug.get().to_string()}</span>
                    <span class="choice-hint">"Easy to read, and to guess for somebody who knows the title."</span>
                </label>
                <label class="choice share-address">
                    <input
                        type="radio" name=name.get_value() prop:checked=unguessable
                        on:change=move |_| unguessable.set(true)
                    />
                    <span class="choice-name">"One that nobody can guess"</span>
                    <span class="choice-hint">"The title and ten random letters."</span>
                </label>
            </fieldset>
            <button class="button" type="button" on:click=move |_| settings.share(unguessable.get_untracked())>
                "Share it"
            </button>
        </div>
    }
}
