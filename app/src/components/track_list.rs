//! The track list of a tape: two sides, ruled lines, one row a track. A row is a link to the audio itself, so
//! it works before and without any script.

use leptos::prelude::*;
use model::{Millis, Quality, Track};

use super::markup::escape;
use super::tape::untold_name;
use crate::player::{Event, Phase, Player, sides};

/// The list, side A and side B; `choose` gets a press on a row.
#[component]
pub fn TrackList(
    tracks: Vec<Track>,
    player: RwSignal<Player>,
    /// Whether the tracks have names already.
    is_told: RwSignal<bool>,
    choose: Callback<Event>,
) -> impl IntoView {
    let turn = sides::turn(&tracks.iter().map(|track| track.duration).collect::<Vec<_>>());
    let split = turn.unwrap_or(tracks.len());
    let quality = Memo::new(move |_| player.with(Player::quality));
    let shown = Memo::new(move |_| player.with(|player| (player.current(), player.phase())));
    let side = |name: Option<&'static str>, first: usize, tracks: Vec<Track>| {
        let length: Millis = tracks.iter().filter_map(|track| track.duration).sum();
        view! {
            <section class="side">
                {name.map(|name| view! {
                    <h2 class="side-name">{name}<span class="side-length">{length.to_string()}</span></h2>
                })}
                <ol class="tracks" start=first + 1>
                    {tracks.into_iter().enumerate().map(|(offset, track)| view! {
                        <Row number=first + offset track quality shown is_told choose/>
                    }).collect_view()}
                </ol>
            </section>
        }
    };
    let mut side_a = tracks;
    let side_b = side_a.split_off(split);
    view! {
        <div class="track-list">
            {side(turn.map(|_| "Side A"), 0, side_a)}
            {(!side_b.is_empty()).then(|| side(Some("Side B"), split, side_b))}
        </div>
    }
    .into_any()
}

#[component]
fn Row(
    /// Counted from 0.
    number: usize,
    track: Track,
    quality: Memo<Quality>,
    shown: Memo<(usize, Phase)>,
    is_told: RwSignal<bool>,
    choose: Callback<Event>,
) -> impl IntoView {
    let Track { path, title, artist, duration, .. } = track;
    let is_current = move || shown.get().0 == number;
    let sounds = move || is_current() && shown.get().1 == Phase::Playing;
    // With scripts the browser takes this for text, without them for a player of its own.
    let name = if is_told.get_untracked() { format!("{title} – {artist}") } else { untold_name(number) };
    let native = format!(
        r#"<audio controls preload="none" src="{}" aria-label="{}"></audio>"#,
        path.play_url(quality.get_untracked()),
        escape(&name)
    );
    // The name of a file may be that of the song.
    let address = move || if is_told.get() { path.play_url(quality.get()) } else { "#main".to_owned() };
    let title = move || if is_told.get() { title.clone() } else { untold_name(number) };
    let artist = move || is_told.get().then(|| artist.clone());
    view! {
        <li class="track" class:is-current=is_current class:is-sounding=sounds>
            <a
                class="track-link" href=address aria-current=move || is_current().then_some("true")
                on:click=move |press| {
                    // With a modifier the listener wants the file in a tab of its own.
                    if !(press.ctrl_key() || press.meta_key() || press.shift_key() || press.alt_key()) {
                        press.prevent_default();
                        choose.run(Event::Choose(number));
                    }
                }
            >
                <span class="track-number" aria-hidden="true">{number + 1}</span>
                <span class="track-words">
                    <span class="track-title">{title}</span>
                    <span class="track-artist">{artist}</span>
                </span>
                <span class="track-length">{duration.map(|length| length.to_string())}</span>
            </a>
            <noscript inner_html=native></noscript>
        </li>
    }
}
