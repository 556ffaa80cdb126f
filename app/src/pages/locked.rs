//! The page of a tape that is not open to this listener: it wants a password, or its time is over.
//! Who may hear what is decided in `model` and `library`; nothing of the tape is told here.

use leptos::prelude::*;
use model::Access;

use crate::components::ThemeSwitch;
use crate::components::reels::Reels;

/// The page.
#[component]
pub fn Locked(
    /// Why the tape is not open.
    access: Access,
    /// Why the last attempt was refused, as a sentence.
    refusal: Option<String>,
) -> impl IntoView {
    let is_refused = refusal.is_some();
    view! {
        <main id="main" class="sheet" tabindex="-1">
            <Reels/>
            {match access {
                Access::Open | Access::NeedsPassword => view! {
                    <h1 class="sheet-title">"This tape has a password"</h1>
                    // To where this page is, with what came behind its address.
                    <form class="form" method="post">
                        <label class="field">
                            <span>"The password that came with the link"</span>
                            <input
                                type="password" name="password" required autocomplete="off" autofocus
                                aria-invalid=is_refused.then_some("true") aria-describedby=is_refused.then_some("refused")
                            />
                        </label>
                        {refusal.map(|refusal| view! { <p id="refused" class="form-error" role="alert">{refusal}</p> })}
                        <button class="button" type="submit">"Open it"</button>
                    </form>
                }.into_any(),
                Access::Expired => view! {
                    <h1 class="sheet-title">"This tape has come to its end"</h1>
                    <p class="sheet-lead">"It was shared for a time that is over. Ask whoever sent it to share it again."</p>
                }.into_any(),
                // Its listeners get the page for unknown addresses.
                Access::Private => ().into_any(),
            }}
            <footer class="colophon"><a href="/">"Ferric"</a><ThemeSwitch/></footer>
        </main>
    }
    .into_any()
}
