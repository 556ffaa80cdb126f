//! The document around the player: its title, its marks on the root element, custom properties for styles.
//! Views are drawn by Leptos, not here.

use web_sys::HtmlElement;

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

/// Sets a custom property, such as `--played`, on an element.
pub fn set_property(element: &HtmlElement, name: &str, value: &str) {
    // Fails only for names that are none.
    let _ = element.style().set_property(name, value);
}
