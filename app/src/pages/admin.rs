//! The owner's view of the cache: what it holds, what is being made, and how to make room.
//! Counting and making are done in `audio`.

use leptos::prelude::*;
use model::cache_stats::readable_bytes;
use model::progress::ALL_MIXTAPES;
use model::{CacheStats, MixtapeSummary, Quality, QualityUsage, SetAside};

use crate::components::quality::name_of;
use crate::components::{CacheJobs, ThemeSwitch};
use crate::page::AdminPage;

/// Ages from which files can be cleared, in days.
const AGES: [(&str, &str); 4] =
    [("0", "Of any age"), ("7", "Older than 7 days"), ("30", "Older than 30 days"), ("90", "Older than 90 days")];

/// The page.
#[component]
pub fn Admin(page: AdminPage) -> impl IntoView {
    let AdminPage { stats, jobs, mixtapes, notice, is_enabled } = page;
    let titles: Vec<_> = mixtapes.iter().map(|tape| (tape.slug.to_string(), tape.title.clone())).collect();
    let (is_empty, set_aside) = (stats.cached_files == 0, stats.set_aside.clone());
    view! {
        <main id="main" class="shelf admin" tabindex="-1">
            <header class="shelf-head">
                <h1 class="sheet-title">"Cache"</h1>
                <a class="quiet-text" href="/admin/library">"Library"</a>
                <a class="quiet-text" href="/mixtapes">"Mixtapes"</a>
            </header>
            {notice.map(|notice| view! { <p class="admin-notice" role="status">{notice}"."</p> })}
            {if is_enabled {
                view! {
                    <p class="admin-lead">
                        "Lower qualities are made once and kept here, so that the next listener does not wait for them."
                    </p>
                    <div class="admin-halves">
                        <Figures stats/>
                        <div class="admin-work">
                            <section aria-labelledby="work-name">
                                <h2 id="work-name" class="side-name">"At work"</h2>
                                <CacheJobs jobs titles source="/admin/progress".to_owned()/>
                                <noscript>
                                    <p class="admin-hint">"Reload the page to see how far the work has come."</p>
                                </noscript>
                            </section>
                            <Prepare mixtapes/>
                            <NotPrepared set_aside/>
                            <MakeRoom is_empty/>
                        </div>
                    </div>
                }.into_any()
            } else {
                view! {
                    <p class="sheet-lead">
                        "Lower qualities are switched off, so every listener gets the original and nothing is kept here. "
                        "To switch them on, start the server without "<code>"AUDIO_CACHE_ENABLED=false"</code>"."
                    </p>
                }.into_any()
            }}
            <footer class="colophon"><span>"Ferric"</span><ThemeSwitch/></footer>
        </main>
    }
    .into_any()
}

/// What the cache holds and how well it serves.
#[component]
fn Figures(stats: CacheStats) -> impl IntoView {
    let streams = stats.hits + stats.misses;
    let (rate, rate_of) = match stats.hit_rate {
        Some(rate) => {
            (format!("{rate:.0} %"), format!("{} of {} since the start", stats.hits, counted(streams, "stream")))
        }
        None => ("–".to_owned(), "nobody has listened since the start".to_owned()),
    };
    let limit = stats.max_size_bytes;
    let size_of = limit.map_or_else(|| "no limit".to_owned(), |limit| format!("of {}", readable_bytes(limit)));
    let low_disk = stats.is_disk_low.then(|| {
        let free = stats.free_disk_bytes.map(readable_bytes).unwrap_or_default();
        let reserved = stats.reserved_disk_bytes.map(readable_bytes).unwrap_or_default();
        view! {
            <p class="admin-notice" role="status">
                {format!(
                    "Only {free} are free on this disk. Nothing more is kept here until {reserved} are; tracks still play."
                )}
            </p>
        }
    });
    let figure = |name: &'static str, value: String, detail: String| {
        view! {
            <div class="figure">
                <dt>{name}</dt>
                <dd class="figure-value">{value}</dd>
                <dd class="figure-detail">{detail}</dd>
            </div>
        }
    };
    view! {
        <section class="admin-figures" aria-labelledby="holds-name">
            <h2 id="holds-name" class="side-name">"What it holds"</h2>
            <dl class="figures">
                {figure("Size", readable_bytes(stats.cache_size_bytes), size_of)}
                {figure("Tracks from the cache", rate, rate_of)}
                {figure(
                    "Free on the disk",
                    stats.free_disk_bytes.map_or_else(|| "–".to_owned(), readable_bytes),
                    if stats.free_disk_bytes.is_some() { String::new() } else { "the system does not tell".to_owned() },
                )}
            </dl>
            {limit.map(|limit| view! {
                <meter
                    class="admin-fill" min="0" max=limit.to_string() value=stats.cache_size_bytes.to_string()
                    aria-label="Share of the limit that is used"
                ></meter>
            })}
            <table class="usage">
                <thead><tr><th scope="col">"Quality"</th><th scope="col">"Files"</th><th scope="col">"Size"</th></tr></thead>
                <tbody>
                    {stats.qualities.iter().map(usage).collect_view()}
                </tbody>
                <tfoot>
                    <tr>
                        <th scope="row">"All"</th>
                        <td>{stats.cached_files}</td>
                        <td>{readable_bytes(stats.cache_size_bytes)}</td>
                    </tr>
                </tfoot>
            </table>
            <p class="admin-hint">"Kept in "<code>{stats.cache_dir}</code></p>
            {low_disk}
        </section>
    }
}

fn usage(usage: &QualityUsage) -> impl IntoView + use<> {
    let bitrate = usage.quality.bitrate().map(|rate| format!("{rate} kbit/s"));
    view! {
        <tr>
            <th scope="row">{name_of(usage.quality)}" "<span class="usage-rate">{bitrate}</span></th>
            <td>{usage.files}</td>
            <td>{readable_bytes(usage.bytes)}</td>
        </tr>
    }
}

/// Pre-caches tracks, or transcodes cached ones again.
#[component]
fn Prepare(mixtapes: Vec<MixtapeSummary>) -> impl IntoView {
    view! {
        <section aria-labelledby="prepare-name">
            <h2 id="prepare-name" class="side-name">"Pre-cache"</h2>
            <p class="admin-hint">"Tracks that are made now need not be made while somebody waits for them."</p>
            <form class="form admin-form" method="post" action="/admin/cache/fill">
                <label class="field">
                    <span>"Mixtape"</span>
                    <select name="mixtape">
                        <option value=ALL_MIXTAPES>"All mixtapes"</option>
                        {mixtapes.into_iter().map(|tape| view! {
                            <option value=tape.slug.to_string()>{tape.title}</option>
                        }).collect_view()}
                    </select>
                </label>
                <div class="admin-buttons">
                    <button class="button" type="submit">"Pre-cache"</button>
                    <button
                        class="button is-plain" type="submit" name="overwrite" value="true"
                        title="Also the tracks that are cached already"
                    >
                        "Make again"
                    </button>
                </div>
            </form>
        </section>
    }
}

/// Files that are skipped, and why.
#[component]
fn NotPrepared(set_aside: Vec<SetAside>) -> impl IntoView {
    (!set_aside.is_empty()).then(|| {
        view! {
            <section aria-labelledby="aside-name">
                <h2 id="aside-name" class="side-name">"Set aside"</h2>
                <p class="admin-hint">
                    "These files are left out when tracks are made ready. A file that is replaced is tried again by itself."
                </p>
                <ul class="admin-aside">
                    {set_aside.into_iter().map(|file| view! {
                        <li><code>{file.path}</code><span class="admin-hint">{file.reason}</span></li>
                    }).collect_view()}
                </ul>
                <form class="form admin-form" method="post" action="/admin/cache/retry">
                    <button class="button is-plain" type="submit">"Try them again"</button>
                </form>
            </section>
        }
    })
}

/// Removes files. The question and its answer are on the page.
#[component]
fn MakeRoom(is_empty: bool) -> impl IntoView {
    view! {
        <section aria-labelledby="room-name">
            <h2 id="room-name" class="side-name">"Make room"</h2>
            {if is_empty {
                view! { <p class="admin-hint">"The cache is empty."</p> }.into_any()
            } else {
                view! {
                    <details class="admin-clear">
                        <summary>"Clear the cache…"</summary>
                        <form class="form admin-form" method="post" action="/admin/cache/clear">
                            <fieldset class="choices">
                                <legend class="away">"Which files"</legend>
                                {AGES.map(|(days, name)| view! {
                                    <label class="choice">
                                        <input type="radio" name="older_than_days" value=days checked=days == "30"/>
                                        <span class="choice-name">{name}</span>
                                    </label>
                                }).collect_view()}
                            </fieldset>
                            <label class="field">
                                <span>"Quality"</span>
                                <select name="quality">
                                    <option value="all">"Every quality"</option>
                                    {Quality::ALL.into_iter().filter(|quality| quality.bitrate().is_some()).map(|quality| {
                                        view! { <option value=quality.name()>{name_of(quality)}</option> }
                                    }).collect_view()}
                                </select>
                            </label>
                            <p class="admin-hint">
                                "Your music is not touched. All that is lost is time: a file is made again when somebody listens."
                            </p>
                            <button class="button is-plain" type="submit">"Clear these files"</button>
                        </form>
                    </details>
                }.into_any()
            }}
        </section>
    }
}

fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
