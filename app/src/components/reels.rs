//! The tape behind its window: two reels whose thickness follows the place in the track. They turn while
//! there is sound; speed and stillness are matters of the style sheet.

use leptos::prelude::*;

/// The cassette's window. The parts move by the custom property `--played` (0 to 1) of an element around.
#[component]
pub fn Reels() -> impl IntoView {
    let teeth = r#"<path d="M0-9v4M7.8-4.5l-3.5 2M7.8 4.5l-3.5-2M0 9V5M-7.8 4.5l3.5-2M-7.8-4.5l3.5 2"/>"#;
    let reel = |class: &'static str, x: u32| {
        view! {
            <g class=format!("reel {class}") transform=format!("translate({x} 32)")>
                <circle class="reel-tape" r="26"/>
                <circle class="reel-hub" r="11"/>
                <g class="reel-teeth" inner_html=teeth></g>
            </g>
        }
    };
    view! {
        <svg class="reels" viewBox="0 0 144 64" aria-hidden="true" focusable="false">
            <rect class="reels-window" x="0.5" y="0.5" width="143" height="63" rx="8"/>
            {reel("reel-left", 38)}
            {reel("reel-right", 106)}
        </svg>
    }
}
