//! Who may listen to a tape: everybody with the link, only with a password, until a date, or only its owner.
//! What that means for a listener is decided in `model` and `library`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::{AccessChange, ShareAccess, Sharing, SharingChange, Slug};

use crate::api::mixtapes;
use crate::browser::sharing as dates;

/// The settings of one tape as they are known here, and their way to the server.
#[derive(Clone, Copy)]
pub struct Settings {
    /// Which tape.
    pub slug: RwSignal<Slug>,
    /// None until they have arrived.
    pub sharing: RwSignal<Option<Sharing>>,
    /// The owner wants a password, but may not have typed one.
    wants_password: RwSignal<bool>,
    password: RwSignal<String>,
    /// What has happened, or why it has not.
    pub words: RwSignal<String>,
}

impl Settings {
    /// Those of a tape, with what is known of them already.
    #[must_use]
    pub fn new(slug: RwSignal<Slug>, sharing: RwSignal<Option<Sharing>>) -> Self {
        let has_password = sharing.with_untracked(|sharing| sharing.map(|sharing| sharing.access));
        Self {
            slug,
            sharing,
            wants_password: RwSignal::new(has_password == Some(ShareAccess::Password)),
            password: RwSignal::new(String::new()),
            words: RwSignal::new(String::new()),
        }
    }

    /// Requests what is not known.
    pub fn load(self) {
        self.words.set(String::new());
        if self.sharing.with_untracked(Option::is_some) {
            return;
        }
        spawn_local(async move {
            match mixtapes::sharing(self.slug.get_untracked()).await {
                Ok(found) => self.arrived(found),
                Err(refusal) => self.words.set(refusal.error),
            }
        });
    }

    /// Stores the server's answer.
    pub fn arrived(self, sharing: Sharing) {
        self.wants_password.set(sharing.access == ShareAccess::Password);
        self.password.set(String::new());
        self.sharing.set(Some(sharing));
    }

    /// Changes who may listen.
    pub fn set_access(self, access: AccessChange) {
        self.change(|wanted| wanted.access = access);
    }

    /// Changes something; all else stays as it is.
    fn change(self, change: impl FnOnce(&mut SharingChange)) {
        let Some(Sharing { access, expires_at, downloads }) = self.sharing.get_untracked() else { return };
        let access = match access {
            ShareAccess::Public => AccessChange::Public,
            ShareAccess::Password => AccessChange::Password(None),
            ShareAccess::Private => AccessChange::Private,
        };
        let mut wanted = SharingChange { access, expires_at, downloads };
        change(&mut wanted);
        spawn_local(async move {
            match mixtapes::set_sharing(self.slug.get_untracked(), wanted).await {
                Ok(now) => {
                    self.arrived(now);
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
                    // Whether it has a password is not known here.
                    self.sharing.set(None);
                    self.load();
                    self.words.set("The link is new; the old one leads nowhere".to_owned());
                }
                Err(refusal) => self.words.set(refusal.error),
            }
        });
    }
}

/// The settings, behind a line that opens them.
#[component]
pub fn SharingSettings(settings: Settings) -> impl IntoView {
    let Settings { slug, sharing, wants_password, password, .. } = settings;
    let set_access = move |access: AccessChange| settings.set_access(access);
    let is = move |access: ShareAccess| sharing.with(|sharing| sharing.is_some_and(|sharing| sharing.access == access));
    let name = move || format!("access-{}", slug.get());
    view! {
        <details class="share-settings">
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
                    <input type="radio" name=name prop:checked=move || is(ShareAccess::Private) && !wants_password.get()
                        on:change=move |_| { wants_password.set(false); set_access(AccessChange::Private) }/>
                    <span class="choice-name">"Nobody but you"</span>
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
            <p class="more-hint">"An address after the title may be guessed. A new link has ten random letters, which nobody can guess."</p>
        </details>
    }
    .into_any()
}
