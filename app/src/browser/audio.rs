//! The page's audio element: an output for the player, and its events as the player understands them.
//! One element plays the whole tape, because phones unlock an element, not a page.

use std::rc::Rc;

use leptos::task::spawn_local;
use model::{MediaAddress, Quality};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlAudioElement, HtmlMediaElement, MediaError};

use crate::player::{Event, Failure, Output};

/// This page's audio element with the places of the tape's tracks.
#[derive(Clone)]
pub struct LocalAudio {
    element: HtmlAudioElement,
    tracks: Rc<[MediaAddress]>,
    report: Rc<dyn Fn(Event)>,
}

impl LocalAudio {
    /// Takes over the element. `report` gets what goes wrong when it is told to play.
    #[must_use]
    pub fn new(element: HtmlAudioElement, tracks: Vec<MediaAddress>, report: impl Fn(Event) + 'static) -> Self {
        Self { element, tracks: tracks.into(), report: Rc::new(report) }
    }

    /// What the element is doing now; it may have been started before this code had arrived.
    #[must_use]
    pub fn catch_up(&self) -> Vec<Event> {
        let element = &self.element;
        let mut events = vec![Event::Duration(element.duration()), Event::Position(element.current_time())];
        if let Some(failure) = failure(element) {
            events.push(Event::Failed(failure));
        } else if !element.paused() {
            events.push(Event::Playing);
        }
        events
    }

    /// Hides the browser's own controls.
    pub fn take_controls(&self) {
        self.element.set_controls(false);
    }
}

impl Output for LocalAudio {
    fn load(&self, track: usize, quality: Quality, at: f64) {
        let Some(track) = self.tracks.get(track) else { return };
        self.element.set_src(&track.in_quality(quality));
        if at > 0.0 {
            self.element.set_current_time(at);
        }
    }

    fn play(&self) {
        let Ok(promise) = self.element.play() else { return };
        let report = Rc::clone(&self.report);
        spawn_local(async move {
            if let Err(reason) = JsFuture::from(promise).await
                && name_of(&reason).as_deref() == Some("NotAllowedError")
            {
                report(Event::Failed(Failure::NotAllowed));
            }
            // AbortError: another track was loaded meanwhile. The rest comes as the element's own error.
        });
    }

    fn pause(&self) {
        // A browser that cannot pause is not playing.
        let _ = self.element.pause();
    }

    fn seek(&self, to: f64) {
        self.element.set_current_time(to);
    }

    fn set_volume(&self, level: f64, muted: bool) {
        self.element.set_volume(level);
        self.element.set_muted(muted);
    }
}

/// The element's position and how far its data reaches from there.
#[must_use]
pub fn progress(element: &HtmlAudioElement) -> [Event; 2] {
    let position = element.current_time();
    let ranges = element.buffered();
    let reaches = (0..ranges.length()).find_map(|index| {
        let (start, end) = (ranges.start(index).ok()?, ranges.end(index).ok()?);
        // Half a second of tolerance: after a seek the data may begin a frame later.
        (start - 0.5 <= position && position <= end).then_some(end)
    });
    [Event::Position(position), Event::Buffered(reaches.unwrap_or(position))]
}

/// Why the element stopped, if it did.
#[must_use]
pub fn failure(element: &HtmlAudioElement) -> Option<Failure> {
    let media: &HtmlMediaElement = element.unchecked_ref();
    media.error().and_then(|error| match error.code() {
        MediaError::MEDIA_ERR_ABORTED => None,
        MediaError::MEDIA_ERR_NETWORK => Some(Failure::Network),
        MediaError::MEDIA_ERR_DECODE => Some(Failure::Damaged),
        _ => Some(Failure::Unplayable),
    })
}

fn name_of(reason: &JsValue) -> Option<String> {
    js_sys::Reflect::get(reason, &JsValue::from_str("name")).ok()?.as_string()
}
