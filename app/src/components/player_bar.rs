//! The player at the bottom of the page: what plays, the controls, the line of time. On a phone it opens into
//! a sheet. It shows what the player says and reports what the listener does, and decides nothing.

use leptos::html;
use leptos::prelude::*;
use model::{Millis, PlayTrack};

use super::icon::{self, Icon};
use super::more::More;
use super::reels::Reels;
use crate::browser::page;
use crate::player::{Event, Phase, Player};

/// The bar; its children are the audio element, which shows its own controls until this code has arrived.
#[component]
pub fn PlayerBar(
    tracks: RwSignal<Vec<PlayTrack>>,
    /// The tape's title, shown before anything plays.
    title: String,
    cover: Option<String>,
    player: RwSignal<Player>,
    dispatch: Callback<Event>,
    children: Children,
) -> impl IntoView {
    let bar = NodeRef::<html::Section>::new();
    let open = RwSignal::new(false);
    let current = Memo::new(move |_| player.with(Player::current));
    let wants_sound = Memo::new(move |_| player.with(Player::wants_sound));
    let phase = Memo::new(move |_| player.with(Player::phase));
    let track_text = move |pick: fn(&PlayTrack) -> &String| {
        tracks.with(|tracks| tracks.get(current.get()).map(|track| pick(track).clone()).unwrap_or_default())
    };
    let length = Memo::new(move |_| {
        let known = tracks.with(|tracks| tracks.get(current.get()).and_then(|track| track.duration));
        player.with(Player::duration).or(known.map(Millis::as_seconds)).unwrap_or(0.0)
    });
    let notice = move || {
        let (track, sentence) = player.with(Player::notice)?;
        let title = tracks.with(|tracks| tracks.get(track).map(|track| track.title.clone()))?;
        Some(format!("“{title}” {sentence}"))
    };
    Effect::new(move || {
        let heard = player.with(Player::position) / length.get().max(0.001);
        let buffered = player.with(Player::buffered) / length.get().max(0.001);
        if let Some(bar) = bar.get() {
            page::set_share(&bar, "--played", heard);
            page::set_share(&bar, "--buffered", buffered);
        }
    });
    view! {
        <section
            class="player" node_ref=bar aria-label="Player"
            class:is-open=open class:is-playing=move || phase.get() == Phase::Playing
            class:is-waiting=move || phase.get() == Phase::Waiting
            on:keydown=move |key| if key.key() == "Escape" { open.set(false) }
        >
            {children()}
            <p class="player-notice" role="status">{notice}</p>
            <div class="player-controls">
                <button
                    class="quiet player-open" type="button" aria-expanded=move || open.get().to_string()
                    aria-label=move || if open.get() { "Close the player" } else { "Open the player" }
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    <Icon of=Signal::derive(move || if open.get() { icon::CHEVRON_DOWN } else { icon::CHEVRON_UP })/>
                </button>
                <div class="player-track">
                    {cover.map(|cover| view! { <img class="player-cover" src=cover alt="" width="56" height="56"/> })}
                    <div class="player-words">
                        <p class="player-title">{move || track_text(|track| &track.title)}</p>
                        <p class="player-artist">{move || track_text(|track| &track.artist)}</p>
                        <p class="player-tape">{title}</p>
                    </div>
                </div>
                <div class="player-deck">
                    <Reels/>
                    <div class="player-buttons">
                        <button class="quiet" type="button" aria-label="Previous track" on:click=move |_| dispatch.run(Event::Previous)>
                            <Icon of=icon::SKIP_BACK/>
                        </button>
                        <button
                            class="player-play" type="button"
                            aria-label=move || if wants_sound.get() { "Pause" } else { "Play" }
                            on:click=move |_| dispatch.run(Event::Toggle)
                        >
                            <Icon of=Signal::derive(move || if wants_sound.get() { icon::PAUSE } else { icon::PLAY })/>
                        </button>
                        <button
                            class="quiet" type="button" aria-label="Next track"
                            disabled=move || player.with(|player| !player.has_next())
                            on:click=move |_| dispatch.run(Event::Next)
                        >
                            <Icon of=icon::SKIP_FORWARD/>
                        </button>
                    </div>
                </div>
                <SeekLine player length dispatch/>
                <div class="player-side">
                    <Volume player dispatch/>
                    <More player dispatch/>
                </div>
            </div>
        </section>
    }
    .into_any()
}

/// The line of time: drag, press or arrow keys. While it is dragged the label follows, and the player seeks
/// once it is let go.
#[component]
pub fn SeekLine(player: RwSignal<Player>, length: Memo<f64>, dispatch: Callback<Event>) -> impl IntoView {
    let dragged = RwSignal::new(None::<f64>);
    let position = Memo::new(move |_| dragged.get().unwrap_or_else(|| player.with(Player::position)));
    let seconds = Memo::new(move |_| Millis::from_seconds(position.get().floor()));
    let total = Memo::new(move |_| Millis::from_seconds(length.get().round()));
    let value = move |input: leptos::ev::Event| page::slider_value(&event_target(&input));
    view! {
        <div class="seek">
            <span class="seek-time" aria-hidden="true">{move || seconds.get().to_string()}</span>
            <input
                class="seek-line" type="range" min="0" step="1" aria-label="Place in the track"
                max=move || total.get().0.div_ceil(1000).max(1)
                prop:value=move || position.get().round()
                aria-valuetext=move || format!("{} of {}", seconds.get().spoken(), total.get().spoken())
                on:input=move |input| dragged.set(value(input))
                on:change=move |input| {
                    dragged.set(None);
                    if let Some(to) = value(input) {
                        dispatch.run(Event::Seek(to));
                    }
                }
            />
            <span class="seek-time" aria-hidden="true">{move || total.get().to_string()}</span>
        </div>
    }
}

/// Mute and volume; only shown where the page may set it.
#[component]
fn Volume(player: RwSignal<Player>, dispatch: Callback<Event>) -> impl IntoView {
    let muted = Memo::new(move |_| player.with(Player::muted));
    let level = Memo::new(move |_| if muted.get() { 0.0 } else { player.with(Player::volume) });
    view! {
        <div class="volume">
            <button
                class="quiet" type="button" aria-label=move || if muted.get() { "Sound on" } else { "Sound off" }
                on:click=move |_| dispatch.run(Event::ToggleMute)
            >
                <Icon of=Signal::derive(move || if muted.get() { icon::MUTED } else { icon::VOLUME })/>
            </button>
            <input
                class="volume-line" type="range" min="0" max="1" step="0.05" aria-label="Volume"
                prop:value=move || level.get()
                aria-valuetext=move || format!("{} percent", page::percent(level.get()))
                on:input=move |input| {
                    if let Some(level) = page::slider_value(&event_target(&input)) {
                        dispatch.run(Event::Volume(level));
                    }
                }
            />
        </div>
    }
}
