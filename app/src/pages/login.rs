//! The owner's way in: one password.
//! It is checked by the server.

use leptos::prelude::*;

use crate::components::ThemeSwitch;

/// The page.
#[component]
pub fn Login(
    /// Why the last attempt was refused, as a sentence.
    refusal: Option<String>,
) -> impl IntoView {
    let is_refused = refusal.is_some();
    view! {
        <main id="main" class="sheet" tabindex="-1">
            <h1 class="sheet-title">"Sign in"</h1>
            <form class="form" method="post" action="/login">
                // For password managers, which want a name to go with a password.
                <input class="away" type="text" name="username" value="owner" autocomplete="username" tabindex="-1" aria-hidden="true" readonly/>
                <label class="field">
                    <span>"Owner’s password"</span>
                    <input
                        type="password" name="password" required autocomplete="current-password" autofocus
                        aria-invalid=is_refused.then_some("true") aria-describedby=is_refused.then_some("refused")
                    />
                </label>
                {refusal.map(|refusal| view! { <p id="refused" class="form-error" role="alert">{refusal}</p> })}
                <button class="button" type="submit">"Sign in"</button>
            </form>
            <footer class="colophon"><a href="/">"Ferric"</a><ThemeSwitch/></footer>
        </main>
    }
}
