//! The track list of a tape: two sides, ruled lines, one row a track. A row is a link to the audio itself, so
//! it works before and without any script.

use leptos::prelude::*;
use model::{Millis, PlayTrack, Quality};

use super::markup::escape;
use crate::player::{Event, Phase, Player, sides};

/// The list, side A and side B; `choose` gets a press on a row.
#[component]
pub fn TrackList(tracks: RwSignal<Vec<PlayTrack>>, player: RwSignal<Player>, choose: Callback<Event>) -> impl IntoView {
    let names = tracks;
    let mut side_a = tracks.get_untracked();
    let tracks = &side_a;
    let turn = sides::turn(&tracks.iter().map(|track| track.duration).collect::<Vec<_>>());
    let split = turn.unwrap_or(tracks.len());
    let quality = Memo::new(move |_| player.with(Player::quality));
    let shown = Memo::new(move |_| player.with(|player| (player.current(), player.phase())));
    let side = |name: Option<&'static str>, first: usize, tracks: Vec<PlayTrack>| {
        let length: Millis = tracks.iter().filter_map(|track| track.duration).sum();
        view! {
            <section class="side">
                {name.map(|name| view! {
                    <h2 class="side-name">{name}<span class="side-length">{length.to_string()}</span></h2>
                })}
                <ol class="tracks" start=first + 1>
                    {tracks.into_iter().enumerate().map(|(offset, track)| view! {
                        <Row number=first + offset track names quality shown choose/>
                    }).collect_view()}
                </ol>
            </section>
        }
    };
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
    track: PlayTrack,
    /// The tracks of the tape, which may get their names later.
    names: RwSignal<Vec<PlayTrack>>,
    quality: Memo<Quality>,
    shown: Memo<(usize, Phase)>,
    choose: Callback<Event>,
) -> impl IntoView {
    let PlayTrack { title, artist, duration, media } = track;
    let is_current = move || shown.get().0 == number;
    let sounds = move || is_current() && shown.get().1 == Phase::Playing;
    // With scripts the browser takes this for text, without them for a player of its own.
    let name = if artist.is_empty() { title } else { format!("{title} – {artist}") };
    let native = format!(
        r#"<audio controls preload="none" src="{}" aria-label="{}"></audio>"#,
        escape(&media.in_quality(quality.get_untracked())),
        escape(&name)
    );
    let address = move || media.in_quality(quality.get());
    let text = move |pick: fn(&PlayTrack) -> &String| names.with(|names| names.get(number).map(pick).cloned());
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
                    <span class="track-title">{move || text(|track| &track.title)}</span>
                    <span class="track-artist">{move || text(|track| &track.artist)}</span>
                </span>
                <span class="track-length">{duration.map(|length| length.to_string())}</span>
            </a>
            <noscript inner_html=native></noscript>
        </li>
    }
}
