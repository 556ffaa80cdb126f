//! What lies on the editor's desk: the parts of the tape as signals, kept in the browser and sent to the server as
//! `crate::editor::saving` says. How it looks is drawn by the views beside this.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::{Basis, CoverChoice, Draft, ErrorKind, GiftSettings, Mixtape, MixtapeView, Preferences, Slug, Track};
use serde::{Deserialize, Serialize};

use crate::api::{Refusal, mixtapes};
use crate::browser::{page, storage, timer};
use crate::editor::Tape;
use crate::editor::saving::{Effect as Order, Event, Phase, Saving};

/// Where a new tape is kept in the browser until it has an address.
const NEW: &str = "draft:new";

/// The desk. Copies lie on the same desk.
#[derive(Clone, Copy)]
pub struct Desk {
    pub title: RwSignal<String>,
    pub creator: RwSignal<String>,
    pub notes: RwSignal<String>,
    /// File name below `/covers/`.
    pub cover: RwSignal<Option<String>>,
    pub gift: RwSignal<GiftSettings>,
    pub tape: RwSignal<Tape>,
    pub saving: RwSignal<Saving>,
    /// The saved state that lies beneath; none for a new tape.
    pub basis: RwSignal<Option<Basis>>,
    /// What a screen reader should say.
    pub said: RwSignal<String>,
    /// Changes that an earlier visit has left are back.
    pub is_restored: RwSignal<bool>,
    client_id: StoredValue<Option<String>>,
    /// What a new tape begins with, for beginning anew.
    fresh: StoredValue<(Preferences, String)>,
}

/// What the browser keeps of a tape that is not saved yet.
#[derive(Serialize, Deserialize)]
struct Kept {
    draft: Draft,
    basis: Option<Basis>,
}

impl Desk {
    pub fn new(view: Option<MixtapeView>, preferences: Preferences, client_id: String) -> Self {
        let desk = Self {
            title: RwSignal::default(),
            creator: RwSignal::new(preferences.creator_name.clone()),
            notes: RwSignal::default(),
            cover: RwSignal::default(),
            gift: RwSignal::new(preferences.gift),
            tape: RwSignal::default(),
            saving: RwSignal::default(),
            basis: RwSignal::default(),
            said: RwSignal::default(),
            is_restored: RwSignal::new(false),
            client_id: StoredValue::new(Some(client_id.clone())),
            fresh: StoredValue::new((preferences, client_id)),
        };
        if let Some(view) = view {
            desk.lay(view);
        }
        desk
    }

    /// Takes up what an earlier visit has left in the browser, and watches over leaving. Only in the browser.
    pub fn begin(self) {
        let kept = storage::read(&self.key()).and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        if let Some(Kept { draft, basis }) = kept {
            let missing = self.missing();
            self.title.set(draft.title);
            self.creator.set(draft.creator_name);
            self.notes.set(draft.liner_notes);
            self.gift.set(draft.gift);
            match draft.cover {
                CoverChoice::Keep => {}
                CoverChoice::None => self.cover.set(None),
                CoverChoice::File(file) => self.cover.set(Some(file)),
            }
            let with_files = draft.tracks.into_iter().map(|track| {
                let is_missing = missing.contains(&track.path);
                (track, is_missing)
            });
            self.tape.update(|tape| tape.replace(with_files));
            self.client_id.set_value(draft.client_id);
            // The state beneath the kept one counts: if another was saved since, that is a conflict to be told.
            self.basis.set(basis);
            self.is_restored.set(true);
            self.changed();
        }
        page::guard_leaving(move || self.saving.try_with_untracked(Saving::is_unsaved).unwrap_or(false));
        page::when_online(move || self.handle(Event::Online));
    }

    pub fn is_empty(self) -> bool {
        self.tape.with_untracked(|tape| tape.items().is_empty())
    }

    /// The draft as it lies here.
    pub fn draft(self) -> Draft {
        Draft {
            client_id: self.client_id.get_value(),
            title: self.title.get_untracked(),
            creator_name: self.creator.get_untracked(),
            liner_notes: self.notes.get_untracked(),
            cover: self.cover.get_untracked().map_or(CoverChoice::None, CoverChoice::File),
            gift: self.gift.get_untracked(),
            tracks: self.tape.with_untracked(Tape::tracks),
        }
    }

    /// Changes what is on the tape and says what has happened, if anything has.
    pub fn change_tape(self, change: impl FnOnce(&mut Tape) -> Option<String>) {
        if let Some(words) = self.tape.try_update(change).flatten() {
            self.said.set(words);
            self.changed();
        }
    }

    /// Something of the tape has been changed.
    pub fn changed(self) {
        let has_title = self.title.with_untracked(|title| !title.trim().is_empty());
        let has_tracks = !self.is_empty();
        let is_there = self.basis.with_untracked(Option::is_some);
        self.handle(Event::Changed { by_itself: has_tracks && (has_title || is_there) });
    }

    /// Lets the saving decide, and carries out its orders.
    pub fn handle(self, event: Event) {
        for order in self.saving.try_update(|saving| saving.handle(event)).unwrap_or_default() {
            match order {
                Order::Keep => self.keep(),
                Order::Forget => {
                    storage::write(&self.key(), None);
                }
                Order::Send => self.send(self.basis.get_untracked()),
                Order::SendOver => self.send_over(),
                Order::Wait { number, millis } => {
                    timer::after(millis, move || self.handle(Event::Due(number)));
                }
            }
        }
    }

    /// Throws away what is not saved: what the server has lies here again.
    pub fn discard(self) {
        storage::write(&self.key(), None);
        self.is_restored.set(false);
        let Some(slug) = self.slug() else {
            let (preferences, client_id) = self.fresh.get_value();
            self.title.set(String::new());
            self.creator.set(preferences.creator_name);
            self.notes.set(String::new());
            self.cover.set(None);
            self.gift.set(preferences.gift);
            self.tape.update(|tape| tape.replace([]));
            self.client_id.set_value(Some(client_id));
            self.saving.set(Saving::default());
            return;
        };
        spawn_local(async move {
            match mixtapes::mixtape(slug).await {
                Ok(view) => {
                    self.lay(view);
                    self.saving.set(Saving::default());
                }
                Err(refusal) => self.said.set(refusal.error),
            }
        });
    }

    /// The address of the tape, once it has one.
    pub fn slug(self) -> Option<Slug> {
        self.basis.with(|basis| basis.as_ref().map(|basis| basis.slug.clone()))
    }

    /// The tape has another address from now on.
    pub fn moved_to(self, slug: Slug) {
        if self.basis.with_untracked(|basis| basis.as_ref().is_none_or(|basis| basis.slug == slug)) {
            return;
        }
        storage::write(&self.key(), None);
        page::replace_address(&slug.editor_path());
        self.basis.update(|basis| {
            if let Some(basis) = basis {
                basis.slug = slug;
            }
        });
        if self.saving.with_untracked(Saving::is_unsaved) {
            self.keep();
        }
    }

    fn lay(self, view: MixtapeView) {
        let MixtapeView { mixtape, missing } = view;
        self.title.set(mixtape.title.clone());
        self.creator.set(mixtape.creator_name.clone());
        self.notes.set(mixtape.liner_notes.clone());
        self.cover.set(mixtape.cover.clone());
        self.gift.set(mixtape.gift);
        self.client_id.set_value(mixtape.client_id.clone());
        self.basis.set(Some(basis_of(&mixtape)));
        let with_files = |track: Track| {
            let is_missing = missing.contains(&track.path);
            (track, is_missing)
        };
        self.tape.update(|tape| tape.replace(mixtape.tracks.into_iter().map(with_files)));
    }

    fn missing(self) -> std::collections::BTreeSet<model::TrackPath> {
        self.tape.with_untracked(|tape| {
            tape.items().iter().filter(|item| item.is_missing).map(|item| item.track.path.clone()).collect()
        })
    }

    fn keep(self) {
        let kept = Kept { draft: self.draft(), basis: self.basis.get_untracked() };
        let is_kept = serde_json::to_string(&kept).is_ok_and(|text| storage::write(&self.key(), Some(&text)));
        self.saving.update(|saving| saving.kept(is_kept));
    }

    fn key(self) -> String {
        let slug = self.basis.with_untracked(|basis| basis.as_ref().map(|basis| basis.slug.to_string()));
        slug.map_or_else(|| NEW.to_owned(), |slug| format!("draft:{slug}"))
    }

    fn send(self, basis: Option<Basis>) {
        // The rules are the same here and on the server; broken ones need no journey.
        if let Err(error) = self.draft().check() {
            return self.handle(Event::Refused(error.to_string()));
        }
        let draft = self.draft();
        spawn_local(async move {
            let event = match mixtapes::save(draft, basis).await {
                Ok(mixtape) => {
                    self.is_saved_as(&mixtape);
                    Event::Saved
                }
                Err(refusal) => event_of(refusal),
            };
            self.handle(event);
        });
    }

    /// Saves over a state that somebody else has saved, as the owner wants.
    fn send_over(self) {
        let slug = self.basis.with_untracked(|basis| basis.as_ref().map(|basis| basis.slug.clone()));
        let Some(slug) = slug else { return self.send(None) };
        spawn_local(async move {
            match mixtapes::mixtape(slug).await {
                Ok(view) => {
                    self.basis.set(Some(basis_of(&view.mixtape)));
                    self.send(self.basis.get_untracked());
                }
                Err(refusal) => self.handle(event_of(refusal)),
            }
        });
    }

    fn is_saved_as(self, mixtape: &Mixtape) {
        let before = self.key();
        let is_new = self.basis.with_untracked(Option::is_none);
        self.basis.set(Some(basis_of(mixtape)));
        self.is_restored.set(false);
        if is_new {
            storage::write(&before, None);
            page::replace_address(&mixtape.slug.editor_path());
            page::set_title(&format!("{} · Ferric", mixtape.title));
        }
        if self.saving.with_untracked(|saving| *saving.phase() == Phase::Sending) {
            // An empty title has got a name.
            self.title.set(mixtape.title.clone());
        }
    }
}

fn basis_of(mixtape: &Mixtape) -> Basis {
    Basis { slug: mixtape.slug.clone(), revision: mixtape.revision }
}

fn event_of(refusal: Refusal) -> Event {
    match refusal.kind {
        None => Event::Unreachable,
        Some(ErrorKind::Conflict) => Event::Conflicting,
        Some(_) => Event::Refused(refusal.error),
    }
}
