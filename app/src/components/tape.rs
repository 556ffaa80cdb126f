//! A tape that plays: the island of the share page. It joins the player, which decides, with the audio
//! element, which sounds, and with the views.

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::{MediaAddress, PlayTrack, Quality, Slug};

use super::player_bar::PlayerBar;
use super::sound::Sound;
use super::track_list::TrackList;
use crate::browser::{LocalAudio, names, page, storage, timer};
use crate::player::{Effect as Order, Event, Output, Phase, Player};

const VOLUME_KEY: &str = "volume";
const QUALITY_KEY: &str = "audioQuality";

/// What other islands announce to have the tape play.
pub(super) const PLAY: &str = "ferric:play";

/// Where the sound comes out, once there is somewhere.
pub(super) type CurrentOutput = StoredValue<Option<Rc<dyn Output>>, LocalStorage>;

/// The track list and the player of a tape.
#[island]
pub fn Tape(
    slug: Slug,
    /// The tape's title.
    title: String,
    /// The address of its cover.
    cover: Option<String>,
    /// Its tracks, in order.
    tracks: Vec<PlayTrack>,
    /// The quality for a listener who has not chosen one.
    quality: Quality,
    /// The names of the tracks are shown once the tape was played to its end.
    has_secret: bool,
    /// The tracks have their names.
    has_names: bool,
    /// It plays at once, if the browser lets it.
    starts: bool,
) -> impl IntoView {
    let audio = NodeRef::<html::Audio>::new();
    let player = RwSignal::new(Player::new(tracks.len(), quality));
    let first = tracks.first().map(|track| track.media.in_quality(quality));
    let addresses: Vec<MediaAddress> = tracks.iter().map(|track| track.media.clone()).collect();
    let output: CurrentOutput = StoredValue::new_local(None);
    let has_names = RwSignal::new(has_names);
    let heard_key = StoredValue::new(format!("heard:{slug}"));
    let shown = RwSignal::new(tracks);
    let names_address = slug.names_path();
    let ask_for_names = Callback::new(move |()| {
        let address = names_address.clone();
        spawn_local(async move {
            // Without an answer, the names stay secret until the page is reloaded.
            let Some(names) = names::fetch(&address).await else { return };
            shown.update(|tracks| {
                for (track, name) in tracks.iter_mut().zip(names) {
                    (track.title, track.artist) = (name.title, name.artist);
                }
            });
            has_names.set(true);
        });
    });

    let dispatch = Callback::new(move |event| dispatch(player, output, event));
    Effect::new(move || {
        let Some(element) = audio.get() else { return };
        let local = LocalAudio::new(element, addresses.clone(), move |event| dispatch.run(event));
        local.take_controls();
        let missed = local.catch_up();
        output.set_value(Some(Rc::new(local)));
        for event in missed {
            dispatch.run(event);
        }
        if let Some(level) = storage::read(VOLUME_KEY).and_then(|percent| percent.parse::<u8>().ok()) {
            dispatch.run(Event::Volume(f64::from(level) / 100.0));
        }
        if let Some(chosen) = storage::read(QUALITY_KEY).and_then(|name| name.parse().ok()) {
            dispatch.run(Event::Quality(chosen));
        }
        if !has_names.get_untracked() && storage::read(&heard_key.get_value()).is_some() {
            ask_for_names.run(());
        }
        let play = move || {
            if !player.with_untracked(Player::wants_sound) {
                dispatch.run(Event::Toggle);
            }
        };
        page::when_announced(PLAY, play);
        if starts {
            // Loaded again, it waits to be asked.
            page::replace_address(&slug.share_path());
            play();
        }
        page::mark_root("ready", Some(""));
    });
    Effect::new(move || {
        if player.with(Player::phase) == Phase::Finished && !has_names.get_untracked() {
            storage::write(&heard_key.get_value(), Some(""));
            ask_for_names.run(());
        }
    });

    let name = move |current: usize| {
        shown.with(|tracks| {
            let track = tracks.get(current)?;
            let is_alone = track.artist.is_empty();
            Some(if is_alone { track.title.clone() } else { format!("{} – {}", track.title, track.artist) })
        })
    };
    let tape_title = title.clone();
    Effect::new(move |started: Option<bool>| {
        let (current, playing) = player.with(|player| (player.current(), player.wants_sound()));
        let started = playing || started.unwrap_or(false);
        if started && let Some(name) = name(current) {
            page::set_title(&format!("{name} · {tape_title}"));
        }
        started
    });

    view! {
        {has_secret.then(|| view! {
            <p class="track-secret">
                {move || if has_names.get() {
                    "You have heard it to the end, so here are the names."
                } else {
                    "What is on it, you find out by listening. The names appear after the last song."
                }}
            </p>
        })}
        <TrackList tracks=shown player choose=dispatch/>
        <PlayerBar tracks=shown title cover player dispatch>
            <Sound audio dispatch src=first.unwrap_or_default() label="Player for the first track"/>
        </PlayerBar>
    }
}

/// Lets the player decide, and carries out its orders at once: a browser allows the next track to start only
/// inside the event that ended the last one.
pub(super) fn dispatch(player: RwSignal<Player>, output: CurrentOutput, event: Event) {
    let orders = player.try_update(|player| player.handle(event)).unwrap_or_default();
    let Some(output_now) = output.try_get_value().flatten() else { return };
    for order in orders {
        match order {
            Order::Load { track, quality, at } => output_now.load(track, quality, at),
            Order::Play => output_now.play(),
            Order::Pause => output_now.pause(),
            Order::Seek(to) => output_now.seek(to),
            Order::Volume { level, muted } => {
                output_now.set_volume(level, muted);
                storage::write(VOLUME_KEY, Some(&page::percent(level).to_string()));
            }
            Order::RememberQuality(quality) => {
                storage::write(QUALITY_KEY, Some(quality.name()));
            }
            Order::Retry { attempt, after_millis } => {
                timer::after(after_millis, move || self::dispatch(player, output, Event::RetryDue(attempt)));
            }
        }
    }
}
