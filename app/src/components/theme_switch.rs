//! The manual switch between light, dark and what the system says.
//! The colours of the themes are in the style sheet.

use leptos::prelude::*;

use super::icon::{self, Icon};
use crate::browser::{page, storage};

const KEY: &str = "theme";

/// Runs in the head, before anything is drawn, so that a chosen theme never flashes.
pub const THEME_SCRIPT: &str = "try{const t=localStorage.getItem('theme');\
if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch{}";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    fn stored() -> Self {
        match storage::read(KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// The value of `data-theme`; the system's choice has none.
    const fn mark(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::System => "Colours: as the system",
            Self::Light => "Colours: light",
            Self::Dark => "Colours: dark",
        }
    }
}

/// A button that goes through the three choices.
#[island]
pub fn ThemeSwitch() -> impl IntoView {
    let theme = RwSignal::new(Theme::System);
    Effect::new(move || theme.set(Theme::stored()));
    let press = move |_| {
        let chosen = theme.get().next();
        theme.set(chosen);
        storage::write(KEY, chosen.mark());
        page::mark_root("theme", chosen.mark());
    };
    view! {
        <button class="quiet theme-switch" type="button" aria-label=move || theme.get().label() title=move || theme.get().label() on:click=press>
            <Icon of=icon::CONTRAST/>
        </button>
    }
}
