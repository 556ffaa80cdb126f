//! How far the tracks of the tape are made ready after a save: a line, and behind it all that has happened.
//! Closing it stops nothing; the work is the server's.

use leptos::prelude::*;
use model::progress::Step;

use super::desk::Desk;
use crate::browser::reports::{Heard, Reports};
use crate::editor::Readiness as State;
use crate::editor::saving::Phase;

/// The line, and its dialog.
#[component]
pub fn Readiness(desk: Desk) -> impl IntoView {
    let state = RwSignal::new(State::default());
    let connection = StoredValue::new_local(None::<Reports>);
    let is_over = StoredValue::new(true);
    let address = Memo::new(move |_| desk.slug());
    let is_saved = Memo::new(move |_| desk.saving.with(|saving| *saving.phase() == Phase::Saved));
    // A connection ends with the work; the next save brings new work, and so does another address.
    Effect::new(move |before: Option<_>| {
        let slug = address.get();
        let is_other = before.is_some_and(|before| before != slug);
        if let Some(slug) = slug.clone().filter(|_| is_saved.get() && (is_over.get_value() || is_other)) {
            let source = format!("/editor/progress/{}", model::track::encode_segment(slug.as_str()));
            is_over.set_value(false);
            connection.set_value(Reports::listen(&source, move |heard| match heard {
                Heard::Value(report) => state.update(|state| state.hear(report)),
                Heard::Connected | Heard::Interrupted => {}
                Heard::Ended => is_over.set_value(true),
            }));
        }
        slug
    });
    let log = move || state.with(|state| state.log().iter().cloned().enumerate().collect::<Vec<_>>());
    view! {
        {move || state.with(State::words).map(|words| view! {
            <button class="quiet-text deck-readiness" type="button" popovertarget="readiness">{words}</button>
        })}
        <div id="readiness" class="more share" popover="auto" role="dialog" aria-labelledby="readiness-name" tabindex="-1">
            <h2 id="readiness-name" class="share-name">"Ready for its listeners"</h2>
            {move || state.with(State::done).map(|(done, total)| view! {
                <p class="readiness-count">{format!("{done} of {total}")}</p>
                <progress class="job-line" max=total.to_string() value=done.to_string() aria-label="Done so far"></progress>
            })}
            <div class="readiness-log" role="log" aria-label="What has happened" tabindex="0">
                <ol>
                    <For each=log key=|(place, report)| (*place, report.run, report.id) let:line>
                        <li class:is-failed=line.1.step == Step::TrackFailed>{line.1.message}</li>
                    </For>
                </ol>
            </div>
            <p class="readiness-summary" role="status">{move || state.with(|state| state.summary().map(str::to_owned))}</p>
            <p class="more-hint">"You can close this. The work goes on, and whoever listens meanwhile hears the tape all the same."</p>
        </div>
    }
    .into_any()
}
