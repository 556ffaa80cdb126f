//! The pages, one file each, rendered on the server.
//! The document around them is made in `document`.

pub mod admin;
pub mod editor;
pub mod embed;
pub mod gift;
pub mod landing;
pub mod library;
pub mod locked;
pub mod login;
pub mod mixtapes;
pub mod not_found;
pub mod preferences;
pub mod share;
pub mod taken_in;

use leptos::prelude::*;

use crate::page::{EmbedPage, Frame, LockedPage, Page};

/// The text of the browser's tab.
#[must_use]
pub fn title(page: &Page) -> String {
    match page {
        Page::Landing => "Ferric, mixtapes from your own shelf".into(),
        Page::Share(tape) => format!("{} · Ferric", tape.mixtape.title),
        Page::Embed(page) => match page {
            EmbedPage::Tape(tape) => format!("{} · Ferric", tape.mixtape.title),
            EmbedPage::Closed(_) | EmbedPage::Nothing => "A mixtape · Ferric".into(),
        },
        Page::Locked(_) => "A mixtape · Ferric".into(),
        Page::Login { .. } => "Sign in · Ferric".into(),
        Page::Mixtapes(_) => "Mixtapes · Ferric".into(),
        Page::TakenIn(_) => "Playlist · Ferric".into(),
        Page::Preferences(_) => "Preferences · Ferric".into(),
        Page::Editor(page) => match &page.tape {
            Some(view) => format!("{} · Ferric", view.mixtape.title),
            None => "New mixtape · Ferric".into(),
        },
        Page::Admin(_) => "Cache · Ferric".into(),
        Page::Library(_) => "Library · Ferric".into(),
        Page::NotFound => "Nothing here · Ferric".into(),
    }
}

/// Tags for link previews, for the pages that are shared.
pub fn preview(page: &Page, frame: &Frame) -> impl IntoView + use<> {
    match page {
        Page::Share(tape) => Some(share::preview(tape, frame)),
        _ => None,
    }
}

/// The page itself.
pub fn body(page: Page) -> AnyView {
    match page {
        Page::Landing => landing::Landing().into_any(),
        Page::Share(tape) => view! { <share::Share tape=*tape/> }.into_any(),
        Page::Embed(page) => view! { <embed::Embed page/> }.into_any(),
        Page::Locked(page) => {
            let LockedPage { access, refusal } = *page;
            view! { <locked::Locked access refusal/> }.into_any()
        }
        Page::Login { refusal } => view! { <login::Login refusal/> }.into_any(),
        Page::Mixtapes(page) => view! { <mixtapes::Mixtapes page=*page/> }.into_any(),
        Page::TakenIn(page) => view! { <taken_in::TakenInOf page=*page/> }.into_any(),
        Page::Preferences(page) => view! { <preferences::PreferencesOf page=*page/> }.into_any(),
        Page::Editor(page) => view! { <editor::EditorOf page=*page/> }.into_any(),
        Page::Admin(page) => view! { <admin::Admin page=*page/> }.into_any(),
        Page::Library(page) => view! { <library::Library page=*page/> }.into_any(),
        Page::NotFound => not_found::NotFound().into_any(),
    }
}
