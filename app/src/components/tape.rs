//! A tape that plays: the island of the share page. It joins the player, which decides, with the audio
//! element, which sounds, and with the views.

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use model::{Quality, Slug, Track, TrackPath};

use super::player_bar::PlayerBar;
use super::sound::Sound;
use super::track_list::TrackList;
use crate::browser::{LocalAudio, page, storage, timer};
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
    tracks: Vec<Track>,
    /// The quality for a listener who has not chosen one.
    quality: Quality,
    /// The names of the tracks are told once the tape was heard to its end.
    has_secret: bool,
    /// It plays at once, if the browser lets it.
    starts: bool,
) -> impl IntoView {
    let audio = NodeRef::<html::Audio>::new();
    let player = RwSignal::new(Player::new(tracks.len(), quality));
    let first = tracks.first().map(|track| track.path.play_url(quality));
    let paths: Vec<TrackPath> = tracks.iter().map(|track| track.path.clone()).collect();
    let output: CurrentOutput = StoredValue::new_local(None);
    let is_told = RwSignal::new(!has_secret);
    let heard_key = StoredValue::new(format!("heard:{slug}"));
    let shown = {
        let tracks = tracks.clone();
        Memo::new(move |_| if is_told.get() { tracks.clone() } else { untold(&tracks) })
    };

    let dispatch = Callback::new(move |event| dispatch(player, output, event));
    Effect::new(move || {
        let Some(element) = audio.get() else { return };
        let local = LocalAudio::new(element, paths.clone(), move |event| dispatch.run(event));
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
        if has_secret && storage::read(&heard_key.get_value()).is_some() {
            is_told.set(true);
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
        if player.with(Player::phase) == Phase::Finished && !is_told.get_untracked() {
            storage::write(&heard_key.get_value(), Some(""));
            is_told.set(true);
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
                {move || if is_told.get() {
                    "You have heard it to the end, so here are the names."
                } else {
                    "What is on it, you find out by listening. The names appear after the last song."
                }}
            </p>
        })}
        <TrackList tracks player is_told choose=dispatch/>
        <PlayerBar tracks=shown title cover player dispatch>
            <Sound audio dispatch src=first.unwrap_or_default() label="Player for the first track"/>
        </PlayerBar>
    }
}

/// The tracks without what they are called.
fn untold(tracks: &[Track]) -> Vec<Track> {
    let untold = |(number, track): (usize, &Track)| Track {
        title: untold_name(number),
        artist: String::new(),
        album: String::new(),
        ..track.clone()
    };
    tracks.iter().enumerate().map(untold).collect()
}

/// What a track is called whose name is not told; counted from 0.
pub(super) fn untold_name(number: usize) -> String {
    format!("Track {}", number + 1)
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
            Order::RememberQuality(quality) => storage::write(QUALITY_KEY, Some(quality.name())),
            Order::Retry { attempt, after_millis } => {
                timer::after(after_millis, move || self::dispatch(player, output, Event::RetryDue(attempt)));
            }
        }
    }
}
