//! The document around the player: its title, its marks on the root element, custom properties for styles.
//! Views are drawn by Leptos, not here.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDocument, HtmlElement, HtmlInputElement, PointerEvent};

use super::timer;

/// The text of the browser's tab.
pub fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Sets `data-<name>` on the root element, or removes it; style sheets ask for it.
pub fn mark_root(name: &str, value: Option<&str>) {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    if let Some(root) = root {
        let name = format!("data-{name}");
        // Fails only for names that are none.
        let _ = match value {
            Some(value) => root.set_attribute(&name, value),
            None => root.remove_attribute(&name),
        };
    }
}

/// Sets a custom property, such as `--played`, to a share of the whole, 0 to 1.
pub fn set_share(element: &HtmlElement, name: &str, share: f64) {
    // Whole hundredths of a percent: formatting a float would add several kilobytes to the bundle.
    let text = format!("calc({} / 10000)", percent(share.clamp(0.0, 1.0) * 100.0));
    // Fails only for names that are none.
    let _ = element.style().set_property(name, &text);
}

/// The value of a range input.
#[must_use]
pub fn slider_value(input: &HtmlInputElement) -> Option<f64> {
    let value = input.value_as_number();
    value.is_finite().then_some(value)
}

/// A share of the whole, 0 to 1, in whole percent; beyond the ends it is cut.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the cast saturates, as it should here
pub fn percent(share: f64) -> u32 {
    (share * 100.0).round() as u32
}

/// Puts another address of this site into the address bar, without loading it.
pub fn replace_address(path: &str) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        // Fails only for addresses of other sites.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path));
    }
}

/// Gives the focus to an element once the views have been drawn anew.
pub fn focus_soon(selector: String) {
    timer::after(0, move || {
        let page = web_sys::window().and_then(|window| window.document());
        let found = page.and_then(|page| page.query_selector(&selector).ok().flatten());
        if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            // Fails only for what cannot have the focus.
            let _ = element.focus();
        }
    });
}

/// Tells style sheets the way from the middle of one element to that of another, as `--aside` and `--down` on a third.
pub fn measure_way(from: &str, to: &str, on: &str) {
    let page = web_sys::window().and_then(|window| window.document());
    let find = |selector: &str| page.as_ref()?.query_selector(selector).ok().flatten();
    let middle = |selector: &str| {
        let place = find(selector)?.get_bounding_client_rect();
        Some((place.left() + place.width() / 2.0, place.top() + place.height() / 2.0))
    };
    let host = find(on).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let (Some(host), Some((from_x, from_y)), Some((to_x, to_y))) = (host, middle(from), middle(to)) {
        for (name, way) in [("--aside", to_x - from_x), ("--down", to_y - from_y)] {
            // Whole pixels: formatting a float would add several kilobytes to the bundle.
            #[allow(clippy::cast_possible_truncation)] // a few hundred
            let way = way.round() as i32;
            // Fails only for names that are none.
            let _ = host.style().set_property(name, &format!("{way}px"));
        }
    }
}

/// Whether the listener wants as little motion as possible.
#[must_use]
pub fn wants_stillness() -> bool {
    let query =
        web_sys::window().and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok().flatten());
    query.is_some_and(|query| query.matches())
}

/// Has the browser send this cookie with what it asks for at this path and below, for as many seconds.
pub fn remember(name: &str, value: &str, path: &str, seconds: u32) {
    let page = web_sys::window().and_then(|window| window.document());
    if let Some(page) = page.and_then(|page| page.dyn_into::<HtmlDocument>().ok()) {
        // Cookies may be switched off; then nothing is remembered.
        let _ = page.set_cookie(&format!("{name}={value}; Path={path}; Max-Age={seconds}; SameSite=Lax"));
    }
}

/// Lets an element that was inert be used.
pub fn wake(selector: &str) {
    let page = web_sys::window().and_then(|window| window.document());
    if let Some(element) = page.and_then(|page| page.query_selector(selector).ok().flatten()) {
        let _ = element.remove_attribute("inert");
    }
}

/// What the closest element around a press that has this attribute says in it.
#[must_use]
pub fn pressed_mark(press: &Event, attribute: &str) -> Option<String> {
    let pressed = press.target().and_then(|target| target.dyn_into::<Element>().ok())?;
    pressed.closest(&format!("[{attribute}]")).ok().flatten()?.get_attribute(attribute)
}

/// Tells the other islands of the page something, at once.
pub fn announce(what: &str) {
    if let (Some(page), Ok(event)) = (web_sys::window().and_then(|window| window.document()), Event::new(what)) {
        // Fails only for an event that is on its way already.
        let _ = page.dispatch_event(&event);
    }
}

/// Hears what another island announces.
pub fn when_announced(what: &'static str, tell: impl Fn() + 'static) {
    if let Some(page) = web_sys::window().and_then(|window| window.document()) {
        EventListener::new(&page, what, move |_| tell()).forget();
    }
}

/// Has the browser ask before the page is left, as long as `is_unsaved` says so.
pub fn guard_leaving(is_unsaved: impl Fn() -> bool + 'static) {
    let Some(window) = web_sys::window() else { return };
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&window, "beforeunload", options, move |event| {
        if is_unsaved() {
            event.prevent_default();
        }
    })
    .forget();
}

/// Tells when the browser is connected again.
pub fn when_online(tell: impl Fn() + 'static) {
    if let Some(window) = web_sys::window() {
        EventListener::new(&window, "online", move |_| tell()).forget();
    }
}

/// The place among the children with a `data-key` in front of which something at this height of the window comes.
#[must_use]
pub fn place_at(list: &Element, y: i32) -> usize {
    let Ok(rows) = list.query_selector_all(":scope > [data-key]") else { return 0 };
    let rows = (0..rows.length()).filter_map(|index| rows.get(index)?.dyn_into::<Element>().ok());
    rows.map(|row| row.get_bounding_client_rect()).filter(|row| row.top() + row.height() / 2.0 < f64::from(y)).count()
}

/// Moves on keep coming to the element under this press, wherever the pointer goes.
pub fn capture_pointer(press: &PointerEvent) {
    if let Some(element) = press.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
        // Fails only when the pointer has gone already.
        let _ = element.set_pointer_capture(press.pointer_id());
    }
}

/// Scrolls while something is dragged close to the upper or lower edge of the window.
pub fn scroll_at_edge(y: i32) {
    const EDGE: f64 = 72.0;
    const STEP: f64 = 14.0;
    let Some(window) = web_sys::window() else { return };
    let height = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
    let y = f64::from(y);
    if y < EDGE {
        window.scroll_by_with_x_and_y(0.0, -STEP);
    } else if y > height - EDGE {
        window.scroll_by_with_x_and_y(0.0, STEP);
    }
}
