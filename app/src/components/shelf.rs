//! The owner's mixtapes, filtered and sorted while one looks, with what can be done with each.
//! Which tapes are shown is decided in `crate::shelf`; without scripts the form asks the server for a new page.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::shelf::{ListQuery, MixtapePage, SortBy, SortOrder};
use model::{MixtapeSummary, PlaylistFormat, ShareAccess, Slug};

use super::icon::{self, Icon};
use super::owner_share::OwnerShare;
use crate::api::{Refusal, mixtapes};
use crate::browser::{page as document, timer};
use crate::shelf::{Question, Shelf as Tapes, Wait};

/// The form and the tapes.
#[island]
pub fn Shelf(
    /// What the page was asked for.
    query: ListQuery,
    /// The answer.
    page: MixtapePage,
) -> impl IntoView {
    let tapes = RwSignal::new(Tapes::new(query.clone(), page));
    let said = RwSignal::new(String::new());
    let change = move |change: Box<dyn FnOnce(&mut ListQuery)>| {
        wait(tapes, said, tapes.try_update(|tapes| tapes.change(change)).flatten());
    };
    let is_empty = move || tapes.with(|tapes| tapes.tapes().is_empty() && !tapes.is_waiting());
    let is_searching = move || tapes.with(|tapes| !tapes.query().search.trim().is_empty());
    Effect::new(move || document::mark_root("ready", Some("")));
    let option = move |sort_by: SortBy, value: &'static str, name: &'static str| {
        view! { <option value=value selected=query.sort_by == sort_by>{name}</option> }
    };
    view! {
        <form class="shelf-form" method="get" action="/mixtapes" role="search" on:submit=|submit| submit.prevent_default()>
            <div class="finder-field">
                <Icon of=icon::SEARCH/>
                <input
                    type="search" name="search" value=query.search.clone() placeholder="A title, or who made it"
                    aria-label="Find a mixtape" autocomplete="off" spellcheck="false"
                    on:input=move |input| {
                        let search = event_target_value(&input);
                        change(Box::new(move |query| query.search = search));
                    }
                />
            </div>
            <label class="choice is-check shelf-deep">
                <input
                    type="checkbox" name="deep" value="true" checked=query.deep
                    on:change=move |input| {
                        let deep = event_target_checked(&input);
                        change(Box::new(move |query| query.deep = deep));
                    }
                />
                <span class="choice-name">"Also in the songs"</span>
            </label>
            <label class="field shelf-sort">
                <span class="away">"Sorted by"</span>
                <select
                    name="sort_by"
                    on:change=move |input| {
                        let sort_by = named(&event_target_value(&input));
                        change(Box::new(move |query| (query.sort_by, query.sort_order) = (sort_by, None)));
                    }
                >
                    {option(SortBy::UpdatedAt, "updated_at", "Changed last")}
                    {option(SortBy::CreatedAt, "created_at", "Newest")}
                    {option(SortBy::Title, "title", "Title")}
                    {option(SortBy::TrackCount, "track_count", "Number of songs")}
                </select>
            </label>
            <button
                class="quiet shelf-order" type="button" aria-label="The other way round"
                on:click=move |_| change(Box::new(|query| {
                    let order = query.sort_order.unwrap_or(query.sort_by.usual_order());
                    query.sort_order = Some(if order == SortOrder::Asc { SortOrder::Desc } else { SortOrder::Asc });
                }))
            >
                <Icon of=icon::ORDER/>
            </button>
            <noscript><button class="button is-plain" type="submit">"Find"</button></noscript>
        </form>
        <p class="away" role="status">{said}</p>
        <p class="shelf-trouble" role="alert">{move || tapes.with(|tapes| tapes.trouble().map(str::to_owned))}</p>
        {move || tapes.with(|tapes| tapes.deleted().map(|tape| tape.title.clone())).map(|title| view! {
            <p class="admin-notice" role="status">
                {format!("“{title}” is in the bin for thirty days.")}
                <button class="quiet-text" type="button" on:click=move |_| restore(tapes, said)>"Take it out again"</button>
            </p>
        })}
        {move || is_empty().then(|| if is_searching() {
            view! { <p class="sheet-lead">"No mixtape is called that."</p> }.into_any()
        } else {
            view! { <Empty/> }.into_any()
        })}
        <ul class="shelf-tapes" class:is-waiting=move || tapes.with(Tapes::is_waiting)>
            <For each=move || tapes.with(|tapes| tapes.tapes().to_vec()) key=|tape| (tape.slug.clone(), tape.updated_at) let:tape>
                <Card tape tapes said/>
            </For>
        </ul>
        <button
            class="button is-plain shelf-more" class:is-gone=move || !tapes.with(Tapes::has_more) type="button"
            on:click=move |_| if let Some(question) = tapes.with_untracked(Tapes::more) { ask(tapes, said, question) }
        >
            {move || tapes.with(|tapes| format!("More of {}", tapes.count()))}
        </button>
    }
    .into_any()
}

/// How to begin, where there is nothing yet.
#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="shelf-empty">
            <p class="sheet-lead">"Nothing here yet. Find a first song."</p>
            <ol>
                <li>"Search your library and put songs on a tape."</li>
                <li>"Give it a title, a cover and a few words."</li>
                <li>"Send the link. Whoever has it presses play."</li>
            </ol>
            <p><a class="button" href="/editor">"Make a mixtape"</a></p>
        </div>
    }
}

/// A tape of the shelf.
#[component]
fn Card(tape: MixtapeSummary, tapes: RwSignal<Tapes>, said: RwSignal<String>) -> impl IntoView {
    let slug = RwSignal::new(tape.slug.clone());
    let MixtapeSummary { title, cover, track_count, total, sharing, plays, .. } = tape;
    let menu = format!("menu-{}", tape.slug.as_str().replace(' ', "_"));
    let (sheet, named) = (format!("share-{menu}"), title.clone());
    let mut facts = vec![counted(track_count, "track"), total.to_string()];
    if plays > 0 {
        facts.push(counted(plays, "play"));
    }
    let sharing = RwSignal::new(Some(sharing));
    let locked = move || match sharing.with(|sharing| sharing.map(|sharing| sharing.access))? {
        ShareAccess::Public => None,
        ShareAccess::Password => Some("With a password"),
        ShareAccess::Private => Some("Only for you"),
    };
    let asks = RwSignal::new(false);
    let (delete_title, menu_title) = (title.clone(), title.clone());
    let duplicate = move |_| {
        spawn_local(async move {
            match mixtapes::duplicate(slug.get_untracked()).await {
                Ok(copy) => {
                    said.set(format!("“{}” is made", copy.title));
                    wait(
                        tapes,
                        said,
                        tapes.try_update(|tapes| tapes.change(|query| query.search = copy.title)).flatten(),
                    );
                }
                Err(refusal) => fail(tapes, refusal),
            }
        });
    };
    let delete = move |_| {
        let slug = slug.get_untracked();
        let title = delete_title.clone();
        spawn_local(async move {
            match mixtapes::delete(slug.clone()).await {
                Ok(()) => {
                    tapes.update(|tapes| tapes.delete(&slug));
                    said.set(format!("“{title}” is in the bin"));
                }
                Err(refusal) => fail(tapes, refusal),
            }
        });
    };
    view! {
        <li class="shelf-card">
            <a class="shelf-tape" href=move || slug.get().share_path()>
                {match cover {
                    Some(cover) => view! {
                        <img class="cover" src=format!("/covers/{}?size=384x384", model::track::encode_segment(&cover)) alt="" loading="lazy" width="280" height="280"/>
                    }.into_any(),
                    None => view! { <div class="cover cover-blank" aria-hidden="true"></div> }.into_any(),
                }}
                <span class="shelf-title">{title.clone()}</span>
            </a>
            <p class="shelf-facts">
                {facts.join(" · ")}
                {move || locked().map(|words| view! { <span class="deck-flag">{words}</span> })}
            </p>
            <div class="shelf-actions">
                <a class="quiet-text" href=move || slug.get().editor_path() aria-label=format!("Edit {named}")>"Edit"</a>
                <OwnerShare slug title=Signal::stored(title.clone()) id=sheet sharing/>
                <button class="quiet" type="button" aria-label=format!("More for {menu_title}") popovertarget=menu.clone()>
                    <Icon of=icon::ELLIPSIS/>
                </button>
                <div class="more menu" id=menu.clone() popover="auto" role="dialog" aria-label=format!("More for {named}") tabindex="-1" on:toggle=move |_| asks.set(false)>
                    <button class="menu-item" type="button" popovertarget=menu.clone() popovertargetaction="hide" on:click=duplicate>
                        "Make a copy"
                    </button>
                    <a class="menu-item" href=move || slug.get().file_path("audio.zip") download="">"Its files, as a zip"</a>
                    <p class="menu-row">
                        <span>"Playlist"</span>
                        {PlaylistFormat::ALL.map(|format| view! {
                            <a
                                class="quiet-text" download=""
                                href=move || slug.get().file_path(&format!("playlist.{}?paths=relative", format.name()))
                            >{format.name().to_uppercase()}</a>
                        })}
                    </p>
                    <button class="menu-item" class:is-gone=asks type="button" on:click=move |_| asks.set(true)>"Delete…"</button>
                    <div class="menu-ask" class:is-gone=move || !asks.get()>
                        <p>"Its link leads nowhere then. It stays in the bin for thirty days."</p>
                        <button class="button" type="button" popovertarget=menu.clone() popovertargetaction="hide" on:click=delete>"Delete it"</button>
                    </div>
                </div>
            </div>
        </li>
    }
    .into_any()
}

fn named(sort_by: &str) -> SortBy {
    match sort_by {
        "title" => SortBy::Title,
        "created_at" => SortBy::CreatedAt,
        "track_count" => SortBy::TrackCount,
        _ => SortBy::UpdatedAt,
    }
}

fn counted(count: u64, name: &str) -> String {
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

fn wait(tapes: RwSignal<Tapes>, said: RwSignal<String>, wait: Option<Wait>) {
    let Some(Wait { number, millis }) = wait else { return };
    timer::after(millis, move || {
        if let Some(question) = tapes.try_with_untracked(|tapes| tapes.due(number)).flatten() {
            ask(tapes, said, question);
        }
    });
}

fn ask(tapes: RwSignal<Tapes>, said: RwSignal<String>, question: Question) {
    spawn_local(async move {
        let answer = mixtapes::mixtapes(question.query.clone()).await.map_err(|refusal| refusal.error);
        tapes.try_update(|tapes| tapes.answer(&question, answer));
        said.try_update(|said| *said = tapes.with_untracked(|tapes| counted(tapes.count(), "mixtape")));
    });
}

fn restore(tapes: RwSignal<Tapes>, said: RwSignal<String>) {
    let slug: Option<Slug> = tapes.with_untracked(|tapes| tapes.deleted().map(|tape| tape.slug.clone()));
    let Some(slug) = slug else { return };
    spawn_local(async move {
        match mixtapes::restore(slug).await {
            Ok(tape) => {
                tapes.update(Tapes::restore);
                said.set(format!("“{}” is back", tape.title));
            }
            Err(refusal) => fail(tapes, refusal),
        }
    });
}

fn fail(tapes: RwSignal<Tapes>, refusal: Refusal) {
    tapes.update(|tapes| tapes.fail(refusal.error));
}
