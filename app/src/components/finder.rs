//! The search field of the editor with what it finds, in three groups.
//! When it asks and what it shows is decided in `editor::finder`; rows are drawn in `found`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::search::Group;

use super::found::{ArtistRow, Choose, ReleaseRow, TrackRow};
use super::icon::{self, Icon};
use crate::api::search::search;
use crate::browser::timer;
use crate::editor::Finder as Search;
use crate::editor::finder::{Kind, Phase, Question, Wait};

/// The field and its results. `choose` is what can be done with a track that was found.
#[component]
pub fn Finder(choose: Choose) -> impl IntoView {
    let finder = RwSignal::new(Search::default());
    let phase = Memo::new(move |_| finder.with(|finder| finder.phase().clone()));
    let is_empty = Memo::new(move |_| finder.with(Search::is_empty));
    let said = move || finder.with(spoken);
    view! {
        <section class="finder" aria-labelledby="finder-name">
            <h2 class="away" id="finder-name">"Find music"</h2>
            <div class="finder-field" role="search">
                <Icon of=icon::SEARCH/>
                <input
                    type="search" name="q" autocomplete="off" spellcheck="false" enterkeyhint="search"
                    placeholder="Artist, album or song" aria-label="Search your library"
                    on:input=move |input| wait(finder, finder.try_update(|finder| finder.change(&event_target_value(&input))).flatten())
                />
            </div>
            <p class="away" role="status">{said}</p>
            <div class="finder-results" class:is-waiting=move || phase.get() == Phase::Searching>
                {move || match phase.get() {
                    Phase::Idle => Some(view! { <Hints/> }.into_any()),
                    Phase::Failed(reason) => Some(view! { <Failed reason finder/> }.into_any()),
                    Phase::Searching if is_empty.get() => Some(view! { <Skeleton/> }.into_any()),
                    Phase::Answered if is_empty.get() => Some(view! {
                        <p class="finder-words">{move || finder.with(nothing_found)}</p>
                    }.into_any()),
                    Phase::Searching | Phase::Answered => None,
                }}
                {move || finder.with(|finder| finder.results().1.did_you_mean.clone()).map(|meant| view! {
                    <p class="finder-words">"Nothing is called that. This is what comes closest: "<em>{meant}</em></p>
                })}
                <GroupOf
                    name="Artists" kind=Kind::Artists finder group=|finder| to_group(&finder.results().1.artists)
                >
                    <For each=move || hits(finder, |finder| &finder.results().1.artists) key=|(number, hit)| (*number, hit.id) let:hit>
                        <ArtistRow hit=hit.1 choose/>
                    </For>
                </GroupOf>
                <GroupOf
                    name="Releases" kind=Kind::Releases finder group=|finder| to_group(&finder.results().1.releases)
                >
                    <For each=move || hits(finder, |finder| &finder.results().1.releases) key=|(number, hit)| (*number, hit.id) let:hit>
                        <ReleaseRow hit=hit.1 choose/>
                    </For>
                </GroupOf>
                <GroupOf
                    name="Songs" kind=Kind::Tracks finder group=|finder| to_group(&finder.results().1.tracks)
                >
                    <For
                        each=move || hits(finder, |finder| &finder.results().1.tracks)
                        key=|(number, hit)| (*number, hit.track.path.clone()) let:hit
                    >
                        <TrackRow hit=hit.1 choose/>
                    </For>
                </GroupOf>
            </div>
        </section>
    }
    .into_any()
}

/// How much of a group is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extent {
    shown: usize,
    count: u32,
    is_capped: bool,
}

impl Extent {
    fn text(self) -> String {
        if self.is_capped { format!("more than {}", self.count) } else { self.count.to_string() }
    }
}

fn to_group<T>(group: &Group<T>) -> Extent {
    Extent { shown: group.hits.len(), count: group.count, is_capped: group.is_capped }
}

/// The hits with the number of their question: the same hit of another question has other marks.
fn hits<T: Clone + Send + Sync>(finder: RwSignal<Search>, group: fn(&Search) -> &Group<T>) -> Vec<(u32, T)> {
    finder.with(|finder| group(finder).hits.iter().map(|hit| (finder.results().0, hit.clone())).collect())
}

/// One of the three groups, with a button for more of it; hidden while there is nothing in it.
#[component]
fn GroupOf(
    name: &'static str,
    kind: Kind,
    finder: RwSignal<Search>,
    group: fn(&Search) -> Extent,
    children: Children,
) -> impl IntoView {
    let extent = Memo::new(move |_| finder.with(group));
    let has_more = move || {
        let Extent { shown, count, is_capped } = extent.get();
        is_capped || (shown as u64) < u64::from(count)
    };
    view! {
        <section class="finder-group" class:is-empty=move || extent.get().shown == 0 aria-label=name>
            <h3 class="side-name">{name}<span class="side-length">{move || extent.get().text()}</span></h3>
            <ul>{children()}</ul>
            <button
                class="quiet-text" class:is-gone=move || !has_more() type="button"
                on:click=move |_| if let Some(question) = finder.with_untracked(|finder| finder.more(kind)) { ask(finder, question) }
            >
                {format!("More {}", name.to_lowercase())}
            </button>
        </section>
    }
}

/// What the field understands, for the first visit.
#[component]
fn Hints() -> impl IntoView {
    view! {
        <div class="finder-hints">
            <p class="finder-words">
                "Two letters are enough, also from the middle of a word. Accents do not count, and small typing errors are "
                "forgiven."
            </p>
            <dl>
                <div><dt><code>"artist:nina"</code></dt><dd>"only in names of artists"</dd></div>
                <div><dt><code>"album:\"blue train\""</code></dt><dd>"these words in a row"</dd></div>
                <div><dt><code>"song:rain miles"</code></dt><dd>"a song, and a word from anywhere"</dd></div>
                <div><dt><code>"love -live"</code></dt><dd>"without this word; also -artist:nina or -\"blue train\""</dd></div>
            </dl>
        </div>
    }
}

/// Rows of the size that hits will have.
#[component]
fn Skeleton() -> impl IntoView {
    view! { <ul class="finder-skeleton" aria-hidden="true">{(0..6).map(|_| view! { <li></li> }).collect_view()}</ul> }
}

#[component]
fn Failed(reason: String, finder: RwSignal<Search>) -> impl IntoView {
    view! {
        <p class="finder-words">{reason}</p>
        <button class="button is-plain" type="button" on:click=move |_| wait(finder, finder.try_update(Search::retry).flatten())>
            "Try again"
        </button>
    }
}

/// What an empty answer says.
fn nothing_found(finder: &Search) -> String {
    let hint = finder.results().1.hint.clone();
    hint.unwrap_or_else(|| "Nothing in your library is called that.".to_owned())
}

/// What is read out once the answer is there.
fn spoken(finder: &Search) -> String {
    match finder.phase() {
        Phase::Answered if finder.is_empty() => {
            finder.results().1.hint.clone().unwrap_or_else(|| "Nothing found".to_owned())
        }
        Phase::Answered => {
            let results = finder.results().1;
            let [artists, releases, songs] =
                [to_group(&results.artists), to_group(&results.releases), to_group(&results.tracks)].map(Extent::text);
            format!("Found: artists {artists}, releases {releases}, songs {songs}")
        }
        Phase::Failed(reason) => reason.clone(),
        Phase::Idle | Phase::Searching => String::new(),
    }
}

fn wait(finder: RwSignal<Search>, wait: Option<Wait>) {
    let Some(Wait { number, millis }) = wait else { return };
    timer::after(millis, move || {
        if let Some(question) = finder.try_with_untracked(|finder| finder.due(number)).flatten() {
            ask(finder, question);
        }
    });
}

fn ask(finder: RwSignal<Search>, question: Question) {
    spawn_local(async move {
        let answer = search(question.text.clone(), Some(question.pages)).await.map_err(|refusal| refusal.error);
        finder.try_update(|finder| finder.answer(&question, answer));
    });
}
