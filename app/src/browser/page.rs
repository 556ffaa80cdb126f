//! The document around the player: its title, its marks on the root element, custom properties for styles.
//! Views are drawn by Leptos, not here.

use web_sys::{HtmlElement, HtmlInputElement};

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
