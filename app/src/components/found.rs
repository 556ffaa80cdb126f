//! Rows of what was found: artists open into releases, releases into tracks, and a track can be heard and put on the
//! tape. What is searched and in which order is not known here.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Track;
use model::search::{ArtistHit, Piece, ReleaseHit, TrackHit};

use super::icon::{self, Icon};
use super::preview::Heard;
use crate::api::Refusal;
use crate::api::search::{releases_of, tracks_of};

/// What can be done with tracks that were found.
#[derive(Clone, Copy)]
pub struct Choose {
    /// Puts them at the end of the tape.
    pub add: Callback<Vec<Track>>,
    /// Lets one be heard.
    pub heard: Heard,
    /// Where those lie that are being dragged to the tape.
    pub dragged: RwSignal<Vec<Track>>,
}

/// What is inside of a row that can be opened: it is asked for when it is opened first.
#[derive(Debug, Clone, PartialEq)]
enum Contents<T> {
    Unknown,
    OnItsWay,
    Here(Vec<T>),
    Failed(String),
}

/// An artist; opens into releases.
#[component]
pub fn ArtistRow(hit: ArtistHit, choose: Choose) -> impl IntoView {
    let facts = format!("{} · {}", counted(hit.release_count, "release"), counted(hit.track_count, "song"));
    let contents = RwSignal::new(Contents::Unknown);
    let is_open = RwSignal::new(false);
    let open = move || load(contents, releases_of(hit.id, 0));
    view! {
        <li class="found">
            <button
                class="found-open" type="button" aria-expanded=move || is_open.get().to_string()
                on:click=move |_| toggle(is_open, contents, open)
            >
                <span class="found-words">
                    <span class="found-name">{marked(hit.name.clone())}</span>
                    <span class="found-facts">{facts}</span>
                </span>
                <Icon of=Signal::derive(move || if is_open.get() { icon::CHEVRON_UP } else { icon::CHEVRON_DOWN })/>
            </button>
            {move || is_open.get().then(|| inside(&contents.get(), move |release: &ReleaseHit| {
                view! { <ReleaseRow hit=release.clone() choose/> }.into_any()
            }))}
        </li>
    }
    .into_any()
}

/// A release; opens into tracks.
#[component]
pub fn ReleaseRow(hit: ReleaseHit, choose: Choose) -> impl IntoView {
    let cover = hit.cover_url(96);
    let year = hit.year.map(|year| format!("{year} · ")).unwrap_or_default();
    let facts = format!("{year}{}", counted(hit.track_count, "song"));
    let contents = RwSignal::new(Contents::Unknown);
    let is_open = RwSignal::new(false);
    let open = move || load(contents, tracks_of(hit.id, 0));
    let tracks = move || match contents.get() {
        Contents::Here(tracks) => tracks.into_iter().map(|hit| hit.track).collect(),
        _ => Vec::new(),
    };
    view! {
        <li class="found">
            <button
                class="found-open has-cover" type="button" aria-expanded=move || is_open.get().to_string()
                on:click=move |_| toggle(is_open, contents, open)
            >
                <img class="found-cover" src=cover alt="" width="48" height="48" loading="lazy"/>
                <span class="found-words">
                    <span class="found-name">{marked(hit.title.clone())}</span>
                    <span class="found-facts">{marked(hit.artist.clone())}" · "{facts}</span>
                </span>
                <Icon of=Signal::derive(move || if is_open.get() { icon::CHEVRON_UP } else { icon::CHEVRON_DOWN })/>
            </button>
            {move || (is_open.get() && !tracks().is_empty()).then(|| view! {
                <button class="quiet-text found-all" type="button" on:click=move |_| choose.add.run(tracks())>
                    "Put all of it on the tape"
                </button>
            })}
            {move || is_open.get().then(|| inside(&contents.get(), move |track: &TrackHit| {
                view! { <TrackRow hit=track.clone() choose is_inside=true/> }.into_any()
            }))}
        </li>
    }
    .into_any()
}

/// A track: to be heard and to be put on the tape.
#[component]
pub fn TrackRow(
    hit: TrackHit,
    choose: Choose,
    /// Its release stands above it.
    #[prop(optional)]
    is_inside: bool,
) -> impl IntoView {
    let TrackHit { track, track_number, title, artist, album, .. } = hit;
    let name = track.title.clone();
    let track = StoredValue::new(track);
    let sounds = Memo::new(move |_| track.with_value(|track| choose.heard.is_heard(track)));
    let hear_name = name.clone();
    let length = track.with_value(|track| track.duration.map(|length| length.to_string()));
    let has_album = !is_inside && album.iter().any(|piece| !piece.text.is_empty());
    view! {
        <li
            class="found found-track" class:is-sounding=sounds draggable="true"
            on:dragstart=move |_| choose.dragged.set(vec![track.get_value()])
            on:dragend=move |_| choose.dragged.set(Vec::new())
        >
            <button
                class="quiet" type="button"
                aria-label=move || if sounds.get() { format!("Pause {hear_name}") } else { format!("Listen to {hear_name}") }
                on:click=move |_| track.with_value(|track| choose.heard.toggle(track))
            >
                <Icon of=Signal::derive(move || if sounds.get() { icon::PAUSE } else { icon::PLAY })/>
            </button>
            <span class="found-words">
                <span class="found-name">
                    {is_inside.then(|| track_number.map(|number| view! { <span class="found-number">{number}</span> }))}
                    {marked(title)}
                </span>
                <span class="found-facts">
                    {marked(artist)}
                    {has_album.then(|| view! { " · " {marked(album)} })}
                </span>
            </span>
            <span class="found-length">{length}</span>
            <button
                class="quiet" type="button" aria-label=format!("Put {name} on the tape")
                on:click=move |_| choose.add.run(vec![track.get_value()])
            >
                <Icon of=icon::PLUS/>
            </button>
        </li>
    }
    .into_any()
}

/// The text with what was searched for marked.
fn marked(pieces: Vec<Piece>) -> impl IntoView {
    pieces
        .into_iter()
        .map(|piece| if piece.is_hit { view! { <mark>{piece.text}</mark> }.into_any() } else { piece.text.into_any() })
        .collect_view()
}

fn inside<T>(contents: &Contents<T>, row: impl Fn(&T) -> AnyView) -> AnyView {
    match contents {
        Contents::Unknown | Contents::OnItsWay => {
            view! { <p class="found-wait" role="status">"One moment"</p> }.into_any()
        }
        Contents::Here(rows) => {
            view! { <ul class="found-inside">{rows.iter().map(row).collect_view()}</ul> }.into_any()
        }
        Contents::Failed(reason) => view! { <p class="finder-words" role="alert">{reason.clone()}</p> }.into_any(),
    }
}

/// Opens or closes a row. What is in it is asked for once, and again after a failure.
fn toggle<T: Send + Sync + 'static>(is_open: RwSignal<bool>, contents: RwSignal<Contents<T>>, load: impl FnOnce()) {
    is_open.update(|open| *open = !*open);
    if contents.with_untracked(|contents| matches!(contents, Contents::Unknown | Contents::Failed(_))) {
        load();
    }
}

fn load<T: Send + Sync + 'static>(
    contents: RwSignal<Contents<T>>,
    answer: impl Future<Output = Result<Vec<T>, Refusal>> + 'static,
) {
    contents.set(Contents::OnItsWay);
    spawn_local(async move {
        let arrived = match answer.await {
            Ok(rows) => Contents::Here(rows),
            Err(refusal) => Contents::Failed(refusal.error),
        };
        // The row may be gone by now.
        let _ = contents.try_set(arrived);
    });
}

fn counted(count: u32, name: &str) -> String {
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}
