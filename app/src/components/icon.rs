//! Icons from one set, Lucide (ISC licence), drawn with strokes of 1.5 px.
//! An icon is decoration; the button around it carries the name.

use leptos::prelude::*;

/// The inner SVG of an icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawing(&'static str);

/// A triangle.
pub const PLAY: Drawing = Drawing(
    r#"<path fill="currentColor" d="M5 5a2 2 0 0 1 3.008-1.728l11.997 6.998a2 2 0 0 1 .003 3.458l-12 7A2 2 0 0 1 5 19z"/>"#,
);
/// Two bars.
pub const PAUSE: Drawing = Drawing(
    r#"<rect fill="currentColor" x="14" y="3" width="5" height="18" rx="1"/><rect fill="currentColor" x="5" y="3" width="5" height="18" rx="1"/>"#,
);
/// Back to the previous track.
pub const SKIP_BACK: Drawing = Drawing(
    r#"<path d="M17.971 4.285A2 2 0 0 1 21 6v12a2 2 0 0 1-3.029 1.715l-9.997-5.998a2 2 0 0 1-.003-3.432z"/><path d="M3 20V4"/>"#,
);
/// On to the next track.
pub const SKIP_FORWARD: Drawing = Drawing(
    r#"<path d="M21 4v16"/><path d="M6.029 4.285A2 2 0 0 0 3 6v12a2 2 0 0 0 3.029 1.715l9.997-5.998a2 2 0 0 0 .003-3.432z"/>"#,
);
/// A loudspeaker with waves.
pub const VOLUME: Drawing = Drawing(
    r#"<path d="M11 4.702a.705.705 0 0 0-1.203-.498L6.413 7.587A1.4 1.4 0 0 1 5.416 8H3a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2.416a1.4 1.4 0 0 1 .997.413l3.383 3.384A.705.705 0 0 0 11 19.298z"/><path d="M16 9a5 5 0 0 1 0 6"/><path d="M19.364 18.364a9 9 0 0 0 0-12.728"/>"#,
);
/// A loudspeaker with a cross.
pub const MUTED: Drawing = Drawing(
    r#"<path d="M11 4.702a.7.7 0 0 0-1.203-.498L6.413 7.587A1.4 1.4 0 0 1 5.416 8H3a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2.416a1.4 1.4 0 0 1 .997.413l3.383 3.384A.7.7 0 0 0 11 19.298z"/><path d="m16.5 14.5 5-5"/><path d="m16.5 9.5 5 5"/>"#,
);
/// Half a disc: light and dark.
pub const CONTRAST: Drawing =
    Drawing(r#"<circle cx="12" cy="12" r="9"/><path fill="currentColor" stroke="none" d="M12 3a9 9 0 0 1 0 18z"/>"#);
/// An arrow head upwards.
pub const CHEVRON_UP: Drawing = Drawing(r#"<path d="m18 15-6-6-6 6"/>"#);
/// An arrow head downwards.
pub const CHEVRON_DOWN: Drawing = Drawing(r#"<path d="m6 9 6 6 6-6"/>"#);

/// A cross.
pub const CLOSE: Drawing = Drawing(r#"<path d="M18 6 6 18"/><path d="m6 6 12 12"/>"#);
/// A plus.
pub const PLUS: Drawing = Drawing(r#"<path d="M5 12h14"/><path d="M12 5v14"/>"#);
/// Six dots to take hold of.
pub const GRIP: Drawing = Drawing(
    r#"<circle cx="9" cy="5" r="1"/><circle cx="9" cy="12" r="1"/><circle cx="9" cy="19" r="1"/><circle cx="15" cy="5" r="1"/><circle cx="15" cy="12" r="1"/><circle cx="15" cy="19" r="1"/>"#,
);
/// A pencil.
pub const PENCIL: Drawing = Drawing(
    r#"<path d="M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z"/><path d="m15 5 4 4"/>"#,
);
/// Three points and the ways between them.
pub const SHARE: Drawing = Drawing(
    r#"<circle cx="18" cy="5" r="3"/><circle cx="6" cy="12" r="3"/><circle cx="18" cy="19" r="3"/><path d="m8.59 13.51 6.83 3.98"/><path d="m15.41 6.51-6.82 3.98"/>"#,
);
/// An arrow up and one down.
pub const ORDER: Drawing =
    Drawing(r#"<path d="m21 16-4 4-4-4"/><path d="M17 20V4"/><path d="m3 8 4-4 4 4"/><path d="M7 4v16"/>"#);
/// A magnifying glass.
pub const SEARCH: Drawing = Drawing(r#"<path d="m21 21-4.34-4.34"/><circle cx="11" cy="11" r="8"/>"#);

/// Three dots.
pub const ELLIPSIS: Drawing =
    Drawing(r#"<circle cx="12" cy="12" r="1"/><circle cx="19" cy="12" r="1"/><circle cx="5" cy="12" r="1"/>"#);

/// Draws an icon in the current text colour; 24 units wide, sized by the style sheet.
#[component]
pub fn Icon(
    /// Which one; may change.
    #[prop(into)]
    of: Signal<Drawing>,
) -> impl IntoView {
    view! {
        <svg
            class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"
            inner_html=move || of.get().0
        ></svg>
    }
}
