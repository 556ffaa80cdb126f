//! Who may hear a tape: everybody with the link, only with a password, until a date, or nobody any more.
//! What that means for a listener is decided in `model` and `library`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::{AccessChange, ShareAccess, Sharing, SharingChange, Slug};

use crate::api::mixtapes;
use crate::browser::sharing as dates;

/// The settings of one tape as they are known here, and their way to the server.
#[derive(Clone, Copy)]
struct Settings {
    slug: RwSignal<Slug>,
    /// None until they have arrived.
    sharing: RwSignal<Option<Sharing>>,
    /// The owner wants a password, but may not have typed one.
    wants_password: RwSignal<bool>,
    password: RwSignal<String>,
    /// What has happened, or why it has not.
    words: RwSignal<String>,
}

impl Settings {
    fn load(self) {
        if self.sharing.with_untracked(Option::is_some) {
            return;
        }
        spawn_local(async move {
            match mixtapes::sharing(self.slug.get_untracked()).await {
                Ok(found) => {
                    self.wants_password.set(found.access == ShareAccess::Password);
                    self.sharing.set(Some(found));
                }
                Err(refusal) => self.words.set(refusal.error),
            }
        });
    }

    /// Changes something; all else stays as it is.
    fn change(self, change: impl FnOnce(&mut SharingChange)) {
        let Some(Sharing { access, expires_at, downloads }) = self.sharing.get_untracked() else { return };
        let access = match access {
            ShareAccess::Public => AccessChange::Public,
            ShareAccess::Password => AccessChange::Password(None),
            ShareAccess::Revoked => AccessChange::Revoked,
        };
        let mut wanted = SharingChange { access, expires_at, downloads };
        change(&mut wanted);
        spawn_local(async move {
            match mixtapes::set_sharing(self.slug.get_untracked(), wanted).await {
                Ok(now) => {
                    self.sharing.set(Some(now));
                    self.password.set(String::new());
                    self.words.set("Saved".to_owned());
                }
                Err(refusal) => self.words.set(refusal.error),
            }
        });
    }

    fn rename(self) {
        spawn_local(async move {
            match mixtapes::rename_address(self.slug.get_untracked()).await {
                Ok(renamed) if renamed == self.slug.get_untracked() => {
                    self.words.set("The address goes with the title already".to_owned());
                }
                Ok(renamed) => {
                    self.words.set(format!("The address is {} now; the old one leads there", renamed.share_path()));
                    self.slug.set(renamed);
                }
                Err(refusal) => self.words.set(refusal.error),
            }
        });
    }

    fn renew_link(self) {
        spawn_local(async move {
            match mixtapes::new_link(self.slug.get_untracked()).await {
                Ok(renewed) => {
                    self.slug.set(renewed);
                    self.words.set("The link is new; the old one leads nowhere".to_owned());
                }
                Err(refusal) => self.words.set(refusal.error),
            }
        });
    }
}

/// The settings; they are asked for when they are opened first.
#[component]
pub fn SharingSettings(slug: RwSignal<Slug>) -> impl IntoView {
    let settings = Settings {
        slug,
        sharing: RwSignal::new(None),
        wants_password: RwSignal::new(false),
        password: RwSignal::new(String::new()),
        words: RwSignal::new(String::new()),
    };
    let Settings { sharing, wants_password, password, words, .. } = settings;
    let set_access = move |access: AccessChange| settings.change(|wanted| wanted.access = access);
    let is = move |access: ShareAccess| sharing.with(|sharing| sharing.is_some_and(|sharing| sharing.access == access));
    let name = move || format!("access-{}", slug.get());
    view! {
        <details class="share-settings" on:toggle=move |_| settings.load()>
            <summary>"Who may hear it"</summary>
            <fieldset class="choices" disabled=move || sharing.with(Option::is_none)>
                <legend class="away">"Who may hear it"</legend>
                <label class="choice">
                    <input type="radio" name=name prop:checked=move || is(ShareAccess::Public) && !wants_password.get()
                        on:change=move |_| { wants_password.set(false); set_access(AccessChange::Public) }/>
                    <span class="choice-name">"Everybody with the link"</span>
                </label>
                <label class="choice">
                    <input type="radio" name=name prop:checked=move || wants_password.get()
                        on:change=move |_| wants_password.set(true)/>
                    <span class="choice-name">"Only with a password"</span>
                </label>
                <div class="share-password" class:is-gone=move || !wants_password.get()>
                    <input
                        type="text" aria-label="Password for listeners" autocomplete="off" spellcheck="false"
                        placeholder=move || if is(ShareAccess::Password) { "As it is; type another one" } else { "A password" }
                        prop:value=move || password.get() on:input=move |input| password.set(event_target_value(&input))
                    />
                    <button
                        class="button is-plain" type="button" disabled=move || password.with(|password| password.trim().is_empty())
                        on:click=move |_| set_access(AccessChange::Password(Some(password.get_untracked())))
                    >"Set"</button>
                </div>
                <label class="choice">
                    <input type="radio" name=name prop:checked=move || is(ShareAccess::Revoked) && !wants_password.get()
                        on:change=move |_| { wants_password.set(false); set_access(AccessChange::Revoked) }/>
                    <span class="choice-name">"Nobody any more"</span>
                </label>
                <label class="share-end">
                    <span>"Until"</span>
                    <input
                        type="date"
                        prop:value=move || sharing.with(|sharing| sharing.and_then(|sharing| sharing.expires_at)).map(dates::date_of).unwrap_or_default()
                        on:change=move |input| {
                            let end = dates::end_of_day(&event_target_value(&input));
                            settings.change(|wanted| wanted.expires_at = end);
                        }
                    />
                </label>
                <label class="choice is-check">
                    <input
                        type="checkbox" prop:checked=move || sharing.with(|sharing| sharing.is_some_and(|sharing| sharing.downloads))
                        on:change=move |input| {
                            let downloads = event_target_checked(&input);
                            settings.change(|wanted| wanted.downloads = downloads);
                        }
                    />
                    <span class="choice-name">"Listeners may keep the files"</span>
                </label>
            </fieldset>
            <button class="quiet-text" type="button" on:click=move |_| settings.rename()>"Address after the title"</button>
            <button class="quiet-text" type="button" on:click=move |_| settings.renew_link()>"New link, and the old one leads nowhere"</button>
            <p class="more-hint" role="status">{words}</p>
        </details>
    }
    .into_any()
}
