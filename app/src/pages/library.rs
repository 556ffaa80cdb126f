//! The owner's view of the music library: what it holds, how reading it comes on, and what could not be read.
//! Reading and counting are done in `library`.

use leptos::prelude::*;
use model::LibraryProblem;
use model::cache_stats::readable_bytes;

use crate::components::{CacheJobs, ThemeSwitch};
use crate::page::LibraryPage;

/// The page.
#[component]
pub fn Library(page: LibraryPage) -> impl IntoView {
    let LibraryPage { stats, last_scan, problems, first, jobs } = page;
    let hours = stats.duration.0 / 3_600_000;
    let figures = [
        ("Tracks", stats.tracks.to_string(), readable_bytes(stats.bytes)),
        ("Artists", stats.artists.to_string(), String::new()),
        ("Releases", stats.releases.to_string(), String::new()),
        ("Playing time", format!("{hours} h"), stats.duration.to_string()),
    ];
    let count = stats.problems;
    view! {
        <main id="main" class="shelf admin" tabindex="-1">
            <header class="shelf-head">
                <h1 class="sheet-title">"Library"</h1>
                <a class="quiet-text" href="/admin">"Cache"</a>
                <a class="quiet-text" href="/mixtapes">"Mixtapes"</a>
            </header>
            {stats.rebuilt.map(|reason| view! { <p class="admin-notice" role="status">{reason}</p> })}
            <p class="admin-lead">
                "Your music folder is only read. What changes in it appears here by itself."
            </p>
            <div class="admin-halves">
                <section class="admin-figures" aria-labelledby="holds-name">
                    <h2 id="holds-name" class="side-name">"What it holds"</h2>
                    <dl class="figures">
                        {figures.map(|(name, value, detail)| view! {
                            <div class="figure">
                                <dt>{name}</dt>
                                <dd class="figure-value">{value}</dd>
                                <dd class="figure-detail">{detail}</dd>
                            </div>
                        })}
                    </dl>
                    {(!stats.formats.is_empty()).then(|| view! {
                        <table class="usage">
                            <thead><tr><th scope="col">"Format"</th><th scope="col">"Tracks"</th></tr></thead>
                            <tbody>
                                {stats.formats.into_iter().map(|(codec, count)| view! {
                                    <tr><th scope="row">{codec}</th><td>{count}</td></tr>
                                }).collect_view()}
                            </tbody>
                        </table>
                    })}
                    <p class="admin-hint">
                        {last_scan.map_or_else(|| "Not read to the end yet.".to_owned(), |time| format!("Last read {time}."))}
                    </p>
                </section>
                <div class="admin-work">
                    <section aria-labelledby="work-name">
                        <h2 id="work-name" class="side-name">"Reading"</h2>
                        <CacheJobs jobs titles=Vec::new() source="/editor/progress/*library".to_owned()/>
                        <form class="form admin-form" method="post" action="/admin/library/scan">
                            <label class="choice">
                                <input type="checkbox" name="full" value="on"/>
                                <span class="choice-name">"Also what has not changed"</span>
                            </label>
                            <button class="button is-plain" type="submit">"Read again"</button>
                        </form>
                    </section>
                    <section aria-labelledby="problems-name">
                        <h2 id="problems-name" class="side-name">"Problems"</h2>
                        <Problems problems first count/>
                    </section>
                </div>
            </div>
            <footer class="colophon"><span>"Ferric"</span><ThemeSwitch/></footer>
        </main>
    }
    .into_any()
}

/// The files that could not be read, a page of them.
#[component]
fn Problems(
    problems: Vec<LibraryProblem>,
    /// Counted from 0.
    first: u64,
    /// Of all pages.
    count: u64,
) -> impl IntoView {
    let next = first + problems.len() as u64;
    if count == 0 {
        return view! { <p class="admin-hint">"Every file could be read."</p> }.into_any();
    }
    view! {
        <p class="admin-hint">
            {format!("{count} {} not be read, or not wholly. The rest plays.", if count == 1 { "file could" } else { "files could" })}
        </p>
        <ul class="problems">
            {problems.into_iter().map(|problem| view! {
                <li><span class="problem-path">{problem.path}</span><span class="problem-reason">{problem.reason}</span></li>
            }).collect_view()}
        </ul>
        <p class="problems-pages">
            {(first > 0).then(|| view! { <a href="/admin/library">"From the first"</a> })}
            {(next < count).then(|| view! { <a href=format!("/admin/library?first={next}")>"Further ones"</a> })}
        </p>
    }
    .into_any()
}
