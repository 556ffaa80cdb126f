//! Who may hear a tape: everybody with the link, only with a password, until a date, or nobody any more.
//! What that means for a listener is decided in `model` and `library`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::{AccessChange, ShareAccess, Sharing, SharingChange, Slug};

use crate::api::mixtapes;
use crate::browser::sharing as dates;

/// The settings; they are asked for when they are opened first.
#[component]
pub fn SharingSettings(slug: RwSignal<Slug>) -> impl IntoView {
    let sharing = RwSignal::new(None::<Sharing>);
    let words = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let wants_password = RwSignal::new(false);
    let load = move || {
        if sharing.with_untracked(Option::is_some) {
            return;
        }
        spawn_local(async move {
            match mixtapes::sharing(slug.get_untracked()).await {
                Ok(found) => {
                    wants_password.set(found.access == ShareAccess::Password);
                    sharing.set(Some(found));
                }
                Err(refusal) => words.set(refusal.error),
            }
        });
    };
    let send = move |change: SharingChange| {
        spawn_local(async move {
            match mixtapes::set_sharing(slug.get_untracked(), change).await {
                Ok(now) => {
                    sharing.set(Some(now));
                    password.set(String::new());
                    words.set("Saved".to_owned());
                }
                Err(refusal) => words.set(refusal.error),
            }
        });
    };
    // All that is not changed stays as it is.
    let change = move |change: &dyn Fn(&mut SharingChange)| {
        if let Some(Sharing { access, expires_at, downloads }) = sharing.get_untracked() {
            let access = match access {
                ShareAccess::Public => AccessChange::Public,
                ShareAccess::Password => AccessChange::Password(None),
                ShareAccess::Revoked => AccessChange::Revoked,
            };
            let mut wanted = SharingChange { access, expires_at, downloads };
            change(&mut wanted);
            send(wanted);
        }
    };
    let set_access = move |access: AccessChange| change(&|wanted| wanted.access = access.clone());
    let new_link = move |_| {
        spawn_local(async move {
            match mixtapes::new_link(slug.get_untracked()).await {
                Ok(renewed) => {
                    slug.set(renewed);
                    words.set("The link is new; the old one leads nowhere".to_owned());
                }
                Err(refusal) => words.set(refusal.error),
            }
        });
    };
    let is = move |access: ShareAccess| sharing.with(|sharing| sharing.is_some_and(|sharing| sharing.access == access));
    let name = move || format!("access-{}", slug.get());
    view! {
        <details class="share-settings" on:toggle=move |_| load()>
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
                <label class="choice is-check">
                    <input type="checkbox" prop:checked=move || sharing.with(|sharing| sharing.is_some_and(|sharing| sharing.downloads))
                        on:change=move |_| change(&|wanted| wanted.downloads = !wanted.downloads)/>
                    <span class="choice-name">"Listeners may keep the files"</span>
                </label>
                <label class="share-end">
                    <span>"Until"</span>
                    <input
                        type="date"
                        prop:value=move || sharing.with(|sharing| sharing.and_then(|sharing| sharing.expires_at)).map(dates::date_of).unwrap_or_default()
                        on:change=move |input| {
                            let end = dates::end_of_day(&event_target_value(&input));
                            change(&|wanted| wanted.expires_at = end);
                        }
                    />
                </label>
            </fieldset>
            <button class="quiet-text" type="button" on:click=new_link>"New link, and the old one leads nowhere"</button>
            <p class="more-hint" role="status">{words}</p>
        </details>
    }
    .into_any()
}
