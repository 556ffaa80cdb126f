//! Handing a link on: to the clipboard, or to an app of the listener's choice (Web Share).
//! Which link it is, is not decided here.

use leptos::ev::Event;
use model::Timestamp;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlInputElement, ShareData, ToggleEvent};

/// An address of this site with the name under which the browser reaches it.
#[must_use]
pub fn absolute(path: &str) -> String {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    format!("{origin}{path}")
}

/// Whether a popover is being opened, and not closed.
#[must_use]
pub fn is_opening(event: &Event) -> bool {
    event.dyn_ref::<ToggleEvent>().is_some_and(|toggle| toggle.new_state() == "open")
}

/// Marks all of a field.
pub fn select_all(field: &HtmlInputElement) {
    field.select();
}

/// Copies a text; whether that worked. Without HTTPS there is no clipboard, but the older way still works: it takes what
/// is marked.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    let navigator = window.navigator();
    if !js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard")).is_ok_and(|found| found.is_undefined()) {
        return JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok();
    }
    let Some(page) = window.document().and_then(|page| page.dyn_into::<web_sys::HtmlDocument>().ok()) else {
        return false;
    };
    let field = page.query_selector(":popover-open input[readonly]").ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
        field.select();
    }
    page.exec_command("copy").unwrap_or(false)
}

/// Whether the browser can hand things to apps.
#[must_use]
pub fn can_hand_over() -> bool {
    let navigator = web_sys::window().map(|window| window.navigator());
    navigator.is_some_and(|navigator| {
        js_sys::Reflect::get(&navigator, &JsValue::from_str("share")).is_ok_and(|share| share.is_function())
    })
}

/// Lets the listener choose an app for the link.
pub async fn hand_over(title: &str, link: &str) {
    let Some(window) = web_sys::window() else { return };
    let data = ShareData::new();
    data.set_title(title);
    data.set_url(link);
    // Changing one's mind is no error.
    let _ = JsFuture::from(window.navigator().share_with_data(&data)).await;
}

/// The last second of a day, `2026-11-21`, where the browser is; `None` for what is no day.
#[must_use]
#[allow(clippy::cast_possible_truncation)] // whole seconds of a date that people choose
pub fn end_of_day(day: &str) -> Option<Timestamp> {
    let end = js_sys::Date::new(&JsValue::from_str(&format!("{day}T23:59:59"))).get_time();
    end.is_finite().then_some(Timestamp((end / 1000.0) as i64))
}

/// The day of a time, as in `2026-11-21`, where the browser is.
#[must_use]
pub fn date_of(time: Timestamp) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(time.0 as f64 * 1000.0));
    format!("{:04}-{:02}-{:02}", date.get_full_year(), date.get_month() + 1, date.get_date())
}
