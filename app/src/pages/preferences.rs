//! What the owner's new mixtapes begin with, and where backups are made and taken in.
//! Both are plain forms; what becomes of them is decided by `server` and `library`.

use leptos::prelude::*;
use model::{Mixtape, UnwrapStyle};

use crate::components::{CacheJobs, ThemeSwitch};
use crate::page::PreferencesPage;

/// The page.
#[component]
pub fn PreferencesOf(page: PreferencesPage) -> impl IntoView {
    let PreferencesPage { preferences, is_saved, jobs } = page;
    let gift = preferences.gift;
    let style = move |style: UnwrapStyle, name: &'static str, detail: &'static str| {
        view! {
            <label class="choice">
                <input type="radio" name="unwrap_style" value=style.name() checked=gift.unwrap_style == style/>
                <span class="choice-name">{name}</span>
                <span class="choice-detail">{detail}</span>
            </label>
        }
    };
    view! {
        <main id="main" class="shelf admin" tabindex="-1">
            <header class="shelf-head">
                <h1 class="sheet-title">"Preferences"</h1>
                <a class="quiet-text" href="/mixtapes">"Mixtapes"</a>
            </header>
            {is_saved.then(|| view! { <p class="admin-notice" role="status">"Saved. The next new mixtape begins like this."</p> })}
            <div class="admin-halves">
                <section aria-labelledby="new-name">
                    <h2 id="new-name" class="side-name">"New mixtapes"</h2>
                    <form class="form admin-form" method="post" action="/editor/preferences">
                        <label class="field">
                            <span>"Made by"</span>
                            <input
                                type="text" name="creator_name" value=preferences.creator_name maxlength=Mixtape::CREATOR_MAX
                                autocomplete="nickname" placeholder="Your name"
                            />
                        </label>
                        <fieldset class="choices">
                            <legend class="field-name">"As a gift"</legend>
                            <label class="choice is-check">
                                <input type="checkbox" name="gift_flow_enabled" value="on" checked=gift.flow_enabled/>
                                <span class="choice-name">"Give it as a gift"</span>
                                <span class="choice-detail">"to be unwrapped first"</span>
                            </label>
                            {style(UnwrapStyle::Playful, "Playful", "a parcel with a ribbon")}
                            {style(UnwrapStyle::Elegant, "Elegant", "a letter with a seal")}
                            <label class="choice is-check">
                                <input type="checkbox" name="keeps_a_secret" value="on" checked=!gift.show_tracklist/>
                                <span class="choice-name">"Keep the songs a secret"</span>
                                <span class="choice-detail">"until the end"</span>
                            </label>
                        </fieldset>
                        <button class="button" type="submit">"Save"</button>
                    </form>
                </section>
                <div class="admin-work">
                    <section id="backup" aria-labelledby="backup-name">
                        <h2 id="backup-name" class="side-name">"Backup"</h2>
                        <p class="admin-hint">
                            "All mixtapes with their covers, notes and passwords in one file. The music is not in it."
                        </p>
                        <p class="admin-action"><a class="button is-plain" href="/mixtapes/backup.zip" download="">"Download a backup"</a></p>
                    </section>
                    <section aria-labelledby="restore-name">
                        <h2 id="restore-name" class="side-name">"Take in a backup"</h2>
                        <p class="admin-hint">
                            "Mixtapes that are missing come back. What is newer here stays, and so does what is in the bin."
                        </p>
                        <form class="form admin-form" method="post" action="/mixtapes/restore" enctype="multipart/form-data">
                            <input class="file" type="file" name="file" accept=".zip,application/zip" required aria-label="File of the backup"/>
                            <button class="button is-plain" type="submit">"Take it in"</button>
                        </form>
                        <div class="jobs-if-any"><CacheJobs jobs titles=Vec::new() source="/editor/progress/*restore".to_owned()/></div>
                    </section>
                </div>
            </div>
            <footer class="colophon"><span>"Ferric"</span><ThemeSwitch/></footer>
        </main>
    }
    .into_any()
}
