//! The tracks of the tape in the making: moved by mouse, finger and keyboard, taken off, brought back, and laid out on
//! the two sides of a cassette. What a move does is decided in `crate::editor::tape`.

use std::collections::HashMap;
use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use model::{Millis, Track};

use super::desk::Desk;
use crate::browser::{page, storage};
use crate::components::icon::{self, Icon};
use crate::components::preview::Heard;
use crate::editor::Cassette;
use crate::editor::tape::Item;

const CASSETTE_KEY: &str = "cassette";

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    /// The heading of a side.
    Side { name: &'static str, words: String, is_over: bool },
    /// The track with this key.
    Track(u32),
}

/// What a row shows of its track.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    item: Item,
    number: usize,
    /// The number at which the same song stands already.
    same_as: Option<usize>,
}

/// All rows by the keys of their tracks.
type Rows = Arc<HashMap<u32, Row>>;

/// Something that is being dragged over the list, and in front of which place it would come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Drag {
    /// The track; none if it comes from outside.
    key: Option<u32>,
    place: usize,
}

/// The list.
#[component]
pub fn TapeList(desk: Desk, heard: Heard, dragged: RwSignal<Vec<Track>>) -> impl IntoView {
    let list = NodeRef::<html::Ol>::new();
    let cassette = RwSignal::new(None::<Cassette>);
    Effect::new(move || cassette.set(storage::read(CASSETTE_KEY).as_deref().and_then(Cassette::named)));
    let rows = Memo::new(move |_| desk.tape.with(rows_of));
    let lines = Memo::new(move |_| desk.tape.with(|tape| lines_of(tape.items(), cassette.get())));
    let drag = RwSignal::new(None::<Drag>);
    let place_at = move |y: i32| list.get_untracked().map(|list| page::place_at(&list, y)).unwrap_or_default();
    let drop_here = move || {
        let place = drag.get_untracked().map(|drag| drag.place);
        drag.set(None);
        let tracks = dragged.try_update(std::mem::take).unwrap_or_default();
        desk.change_tape(|tape| tape.insert(place, tracks));
    };
    let is_empty = move || rows.with(|rows| rows.is_empty());
    view! {
        <div
            class="deck-list" class:is-over=move || drag.get().is_some_and(|drag| drag.key.is_none())
            on:dragover=move |event| if dragged.with_untracked(|tracks| !tracks.is_empty()) {
                event.prevent_default();
                drag.set(Some(Drag { key: None, place: place_at(event.client_y()) }));
            }
            on:dragleave=move |event| if event.related_target().is_none() { drag.set(None) }
            on:drop=move |event| {
                event.prevent_default();
                drop_here();
            }
        >
            <div class="deck-list-head">
                <Cassettes cassette/>
                <Undo desk/>
            </div>
            <Show when=is_empty>
                <p class="deck-empty">"Nothing here yet. Find a first song."</p>
            </Show>
            <ol class="deck-tracks" node_ref=list>
                <For each=move || lines.get() key=Line::key let:line>
                    {match line {
                        Line::Side { name, words, is_over } => view! {
                            <li class="deck-side" class:is-long=is_over>
                                <h2 class="side-name">{name}<span class="side-length">{words}</span></h2>
                            </li>
                        }.into_any(),
                        Line::Track(key) => view! { <TrackLine key_of=key rows desk heard drag place_at=Callback::new(place_at)/> }.into_any(),
                    }}
                </For>
            </ol>
        </div>
    }
    .into_any()
}

/// One track.
#[component]
fn TrackLine(
    key_of: u32,
    rows: Memo<Rows>,
    desk: Desk,
    heard: Heard,
    drag: RwSignal<Option<Drag>>,
    place_at: Callback<i32, usize>,
) -> impl IntoView {
    let row = Memo::new(move |_| rows.with(|rows| rows.get(&key_of).cloned()));
    // The row of a track that was just taken off is drawn a last time.
    let Some(Row { item, .. }) = row.get_untracked() else { return ().into_any() };
    let Item { track, is_missing, .. } = item;
    let title = track.title.clone();
    let length = track.duration.map(|length| length.to_string());
    let artist = track.artist.clone();
    let track = StoredValue::new(track);
    let sounds = Memo::new(move |_| track.with_value(|track| heard.is_heard(track)));
    let number = Memo::new(move |_| row.with(|row| row.as_ref().map_or(0, |row| row.number)));
    let same_as = move || row.with(|row| row.as_ref().and_then(|row| row.same_as));
    let shift = move |by: isize| {
        desk.change_tape(|tape| tape.shift(key_of, by));
        // Moving a row in the document takes the focus from it.
        page::focus_soon(format!("[data-grip='{key_of}']"));
    };
    let remove = move || {
        let next = rows.with_untracked(|rows| {
            let others = rows.values().filter(|row| row.item.key != key_of);
            others.min_by_key(|row| row.number.abs_diff(number.get_untracked())).map(|row| row.item.key)
        });
        desk.change_tape(|tape| tape.remove(key_of));
        page::focus_soon(next.map_or_else(|| "#undo".to_owned(), |key| format!("[data-remove='{key}']")));
    };
    let let_go = move || {
        if let Some(Drag { place, .. }) = drag.get_untracked().filter(|drag| drag.key == Some(key_of)) {
            drag.set(None);
            desk.change_tape(|tape| tape.move_to(key_of, place));
        }
    };
    let is_before = move || drag.get().is_some_and(|drag| drag.place + 1 == number.get());
    let is_after = move || {
        let last = rows.with(|rows| rows.len());
        drag.get().is_some_and(|drag| drag.place >= last) && number.get() == last
    };
    let (grip_title, hear_title, remove_title) = (title.clone(), title.clone(), title.clone());
    view! {
        <li
            class="deck-track" data-key=key_of class:is-missing=is_missing class:is-sounding=sounds
            class:is-dragged=move || drag.get().is_some_and(|drag| drag.key == Some(key_of))
            class:drops-before=is_before class:drops-after=is_after
        >
            <button
                class="quiet deck-grip" type="button" data-grip=key_of
                aria-label=move || format!("Move {grip_title}, number {}", number.get())
                aria-describedby="deck-keys"
                on:keydown=move |key| {
                    let by = match key.key().as_str() {
                        "ArrowUp" => -1,
                        "ArrowDown" => 1,
                        "Home" => isize::MIN,
                        "End" => isize::MAX,
                        _ => return,
                    };
                    key.prevent_default();
                    shift(by);
                }
                on:pointerdown=move |press| if press.button() == 0 {
                    page::capture_pointer(&press);
                    drag.set(Some(Drag { key: Some(key_of), place: number.get_untracked() - 1 }));
                }
                on:pointermove=move |press| if drag.get_untracked().is_some_and(|drag| drag.key == Some(key_of)) {
                    page::scroll_at_edge(press.client_y());
                    drag.set(Some(Drag { key: Some(key_of), place: place_at.run(press.client_y()) }));
                }
                on:pointerup=move |_| let_go()
                on:pointercancel=move |_| drag.set(None)
            >
                <Icon of=icon::GRIP/>
            </button>
            <span class="track-number" aria-hidden="true">{number}</span>
            <span class="found-words">
                <span class="found-name">{title}</span>
                <span class="found-facts">
                    {artist}
                    {is_missing.then(|| view! { <span class="deck-flag">"The file is gone from the library"</span> })}
                    {move || same_as().map(|first| view! { <span class="deck-flag">{format!("Also number {first}")}</span> })}
                </span>
            </span>
            <span class="found-length">{length}</span>
            <button
                class="quiet" type="button" disabled=is_missing
                aria-label=move || if sounds.get() { format!("Pause {hear_title}") } else { format!("Listen to {hear_title}") }
                on:click=move |_| track.with_value(|track| heard.toggle(track))
            >
                <Icon of=Signal::derive(move || if sounds.get() { icon::PAUSE } else { icon::PLAY })/>
            </button>
            <button
                class="quiet" type="button" data-remove=key_of aria-label=format!("Take {remove_title} off the tape")
                on:click=move |_| remove()
            >
                <Icon of=icon::CLOSE/>
            </button>
        </li>
    }
    .into_any()
}

/// Which cassette the tape should fit on.
#[component]
fn Cassettes(cassette: RwSignal<Option<Cassette>>) -> impl IntoView {
    let choose = move |chosen: Option<Cassette>| {
        cassette.set(chosen);
        storage::write(CASSETTE_KEY, chosen.map(Cassette::name));
    };
    let option = move |of: Option<Cassette>| {
        let name = of.map_or("One list", Cassette::name);
        view! {
            <label class="cassette">
                <input
                    type="radio" name="cassette" class="away" prop:checked=move || cassette.get() == of
                    on:change=move |_| choose(of)
                />
                <span>{name}</span>
            </label>
        }
    };
    view! {
        <fieldset class="cassettes">
            <legend class="away">"Cassette"</legend>
            {option(None)}
            {Cassette::ALL.map(|of| option(Some(of))).collect_view()}
        </fieldset>
        <p class="away" id="deck-keys">"Arrow keys move it, Home and End bring it to the beginning and the end."</p>
    }
}

#[component]
fn Undo(desk: Desk) -> impl IntoView {
    let last = Memo::new(move |_| desk.tape.with(|tape| tape.last_change().map(str::to_owned)));
    view! {
        <button
            class="quiet-text deck-undo" id="undo" type="button" title=last disabled=move || last.with(Option::is_none)
            on:click=move |_| desk.change_tape(crate::editor::Tape::undo)
        >
            "Undo"
        </button>
    }
}

impl Line {
    fn key(&self) -> String {
        match self {
            // A heading whose words change is another one.
            Self::Side { name, words, .. } => format!("{name} {words}"),
            Self::Track(key) => key.to_string(),
        }
    }
}

fn rows_of(tape: &crate::editor::Tape) -> Rows {
    let duplicates = tape.duplicates();
    let numbered = (1..).zip(tape.items());
    let row = |(number, item): (usize, &Item)| {
        (item.key, Row { item: item.clone(), number, same_as: duplicates.get(&item.key).copied() })
    };
    Arc::new(numbered.map(row).collect())
}

fn lines_of(items: &[Item], cassette: Option<Cassette>) -> Vec<Line> {
    let mut lines: Vec<_> = items.iter().map(|item| Line::Track(item.key)).collect();
    if let Some(cassette) = cassette.filter(|_| !items.is_empty()) {
        let lengths: Vec<_> = items.iter().map(|item| item.track.duration).collect();
        let sides = cassette.sides(&lengths);
        lines.insert(sides.turn, side("Side B", sides.b, cassette.side()));
        lines.insert(0, side("Side A", sides.a, cassette.side()));
    }
    lines
}

fn side(name: &'static str, used: Millis, room: Millis) -> Line {
    let is_over = used > room;
    let rest = Millis(used.0.abs_diff(room.0));
    let words = if is_over { format!("{used}, {rest} too long") } else { format!("{used}, {rest} left") };
    Line::Side { name, words, is_over }
}
