//! Server-sent events, each a value in JSON. The browser itself connects again when the connection breaks;
//! what is shown meanwhile is decided by whoever listens.

use std::rc::Rc;

use gloo_events::EventListener;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use web_sys::{Event, EventSource, MessageEvent};

/// What comes over the connection, and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard<T> {
    /// The connection stands.
    Connected,
    /// The server says this.
    Value(T),
    /// The connection broke, and the browser tries again.
    Interrupted,
    /// The connection is over, and nobody tries again.
    Ended,
}

/// An open connection; it is closed when this is dropped, and when the page goes away.
pub struct Reports {
    source: EventSource,
    _listeners: [EventListener; 4],
}

impl Reports {
    /// Connects to an address of this site; `None` in a browser without server-sent events.
    #[must_use]
    pub fn listen<T: DeserializeOwned + 'static>(address: &str, tell: impl Fn(Heard<T>) + 'static) -> Option<Self> {
        let source = EventSource::new(address).ok()?;
        let tell: Rc<dyn Fn(Heard<T>)> = Rc::new(tell);
        let connected = Rc::clone(&tell);
        let open = EventListener::new(&source, "open", move |_| connected(Heard::Connected));
        let value = Rc::clone(&tell);
        let message = EventListener::new(&source, "message", move |event| {
            // What cannot be read is from a newer server, and the next page load brings newer code.
            if let Some(read) = text_of(event).and_then(|text| serde_json::from_str(&text).ok()) {
                value(Heard::Value(read));
            }
        });
        let (broken, lost) = (source.clone(), Rc::clone(&tell));
        let error = EventListener::new(&source, "error", move |_| {
            let is_over = broken.ready_state() == EventSource::CLOSED;
            lost(if is_over { Heard::Ended } else { Heard::Interrupted });
        });
        // A page that the browser keeps for the way back must not keep the connection.
        let left = source.clone();
        let leave = EventListener::new(&web_sys::window()?.into(), "pagehide", move |_| {
            left.close();
            tell(Heard::Ended);
        });
        Some(Self { source, _listeners: [open, message, error, leave] })
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        self.source.close();
    }
}

fn text_of(event: &Event) -> Option<String> {
    event.unchecked_ref::<MessageEvent>().data().as_string()
}
