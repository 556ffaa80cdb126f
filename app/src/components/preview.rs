//! Hearing a track before it goes on the tape: a small player at the bottom of the editor.
//! It plays one track at a time and follows the same rules as the listener's player.

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use model::{MediaAddress, Millis, Quality, Track};

use super::icon::{self, Icon};
use super::player_bar::SeekLine;
use super::sound::Sound;
use super::tape::{CurrentOutput, dispatch};
use crate::browser::LocalAudio;
use crate::player::{Event, Output, Player};

/// What is heard, and the wish to hear something; shared by the bar and by the buttons of all tracks.
#[derive(Clone, Copy)]
pub struct Heard {
    track: RwSignal<Option<Track>>,
    player: RwSignal<Player>,
    audio: NodeRef<html::Audio>,
    output: CurrentOutput,
    quality: Quality,
}

impl Heard {
    /// Nothing is heard yet.
    #[must_use]
    pub fn new(quality: Quality) -> Self {
        Self {
            track: RwSignal::new(None),
            player: RwSignal::new(Player::new(1, quality)),
            audio: NodeRef::new(),
            output: StoredValue::new_local(None),
            quality,
        }
    }

    /// Starts a track from its beginning; one that is in the bar already goes on, or stands still.
    pub fn toggle(self, track: &Track) {
        if self.is_in_bar(track) {
            return self.tell(Event::Toggle);
        }
        let Some(element) = self.audio.get_untracked() else { return };
        let local = LocalAudio::new(element, vec![MediaAddress::of_path(&track.path)], move |event| self.tell(event));
        local.take_controls();
        // A player takes its first track to be in the output already.
        local.load(0, self.quality, 0.0);
        self.output.set_value(Some(Rc::new(local)));
        self.player.set(Player::new(1, self.quality));
        self.track.set(Some(track.clone()));
        self.tell(Event::Toggle);
    }

    /// Whether this track sounds, or is about to.
    #[must_use]
    pub fn is_heard(self, track: &Track) -> bool {
        self.is_in_bar(track) && self.player.with(Player::wants_sound)
    }

    fn is_in_bar(self, track: &Track) -> bool {
        self.track.with(|heard| heard.as_ref().is_some_and(|heard| heard.path == track.path))
    }

    fn close(self) {
        if self.player.with_untracked(Player::wants_sound) {
            self.tell(Event::Toggle);
        }
        self.track.set(None);
    }

    fn tell(self, event: Event) {
        dispatch(self.player, self.output, event);
    }
}

/// The bar; hidden while there is nothing in it.
#[component]
pub fn Preview(heard: Heard) -> impl IntoView {
    let Heard { track, player, audio, .. } = heard;
    let tell = Callback::new(move |event| heard.tell(event));
    let text = move |pick: fn(&Track) -> &String| track.with(|track| track.as_ref().map(pick).cloned());
    let length = Memo::new(move |_| {
        let known = track.with(|track| track.as_ref().and_then(|track| track.duration));
        player.with(Player::duration).or(known.map(Millis::as_seconds)).unwrap_or(0.0)
    });
    let wants_sound = Memo::new(move |_| player.with(Player::wants_sound));
    let notice = move || {
        let (_, sentence) = player.with(Player::notice)?;
        text(|track| &track.title).map(|title| format!("“{title}” {sentence}"))
    };
    view! {
        <section class="preview" class:is-open=move || track.with(Option::is_some) aria-label="Listening beforehand">
            <Sound audio dispatch=tell src=String::new() label="The track that is heard beforehand"/>
            <p class="preview-failure" role="status">{notice}</p>
            <div class="preview-row">
                <button
                    class="quiet preview-play" type="button"
                    aria-label=move || if wants_sound.get() { "Pause" } else { "Play" }
                    on:click=move |_| heard.tell(Event::Toggle)
                >
                    <Icon of=Signal::derive(move || if wants_sound.get() { icon::PAUSE } else { icon::PLAY })/>
                </button>
                <p class="preview-words">
                    <span class="preview-title">{move || text(|track| &track.title)}</span>
                    <span class="preview-artist">{move || text(|track| &track.artist)}</span>
                </p>
                <SeekLine player length dispatch=tell/>
                <button class="quiet" type="button" aria-label="Stop listening" on:click=move |_| heard.close()>
                    <Icon of=icon::CLOSE/>
                </button>
            </div>
        </section>
    }
}
