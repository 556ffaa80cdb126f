//! The fonts: those in the program, those of the system, and one with a letter for every sign.
//! How a text is laid out is decided in `lettering`.

use std::io::Read;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use cosmic_text::fontdb::{Database, ID, Source, Weight};
use cosmic_text::skrifa::{FontRef, MetadataProvider};
use cosmic_text::{Fallback, Font, FontSystem, PlatformFallback};
use unicode_script::Script;

/// Titles: Fraunces.
pub(super) const DISPLAY: &str = "Ferric Display";
/// Everything else: Inter.
pub(super) const TEXT: &str = "Ferric Text";
/// Inter in bold.
pub(super) const STRONG: &str = "Ferric Strong";

/// See fonts/README.md for where they come from. All of them call themselves regular, so that weights never keep a
/// font from standing in for another.
const EMBEDDED: [&[u8]; 12] = [
    include_bytes!("../../fonts/fraunces-semibold.ttf.br"),
    include_bytes!("../../fonts/inter-regular.ttf.br"),
    include_bytes!("../../fonts/inter-semibold.ttf.br"),
    include_bytes!("../../fonts/noto-emoji.ttf.br"),
    include_bytes!("../../fonts/noto-sans-arabic.ttf.br"),
    include_bytes!("../../fonts/noto-sans-armenian.ttf.br"),
    include_bytes!("../../fonts/noto-sans-bengali.ttf.br"),
    include_bytes!("../../fonts/noto-sans-devanagari.ttf.br"),
    include_bytes!("../../fonts/noto-sans-georgian.ttf.br"),
    include_bytes!("../../fonts/noto-sans-hebrew.ttf.br"),
    include_bytes!("../../fonts/noto-sans-tamil.ttf.br"),
    include_bytes!("../../fonts/noto-sans-thai.ttf.br"),
];

/// GNU Unifont: letters of 16 by 16 dots for nearly all of Unicode, below and above U+FFFF. It is six megabytes
/// when unpacked, so only a text that needs it does that.
const LAST_RESORT: [(&str, &[u8]); 2] = [
    ("Unifont", include_bytes!("../../fonts/unifont.otf.br")),
    ("Unifont Upper", include_bytes!("../../fonts/unifont-upper.otf.br")),
];

/// Reading the fonts takes longer than using them, and they are the same for everybody.
static FONTS: LazyLock<Mutex<Fonts>> = LazyLock::new(|| Mutex::new(Fonts::load()));

/// All fonts.
pub(super) struct Fonts {
    /// What shapes text with them.
    pub(super) system: FontSystem,
    last_resort: Vec<(&'static str, ID)>,
}

/// The fonts, for one text at a time.
pub(super) fn fonts() -> MutexGuard<'static, Fonts> {
    // What a panic leaves behind are caches.
    FONTS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fonts {
    fn load() -> Self {
        let mut fonts = Database::new();
        for file in EMBEDDED {
            add(&mut fonts, file);
        }
        let ours: Vec<ID> = fonts.faces().map(|face| face.id).collect();
        fonts.load_system_fonts();
        // Emoji in colour have no outlines; ours are of one colour with the text, as in print.
        let emoji: Vec<ID> = fonts
            .faces()
            .filter(|face| face.families.iter().any(|(name, _)| name.to_lowercase().contains("emoji")))
            .map(|face| face.id)
            .filter(|id| !ours.contains(id))
            .collect();
        for id in emoji {
            fonts.remove_face(id);
        }
        let system = FontSystem::new_with_locale_and_db_and_fallback("en-US".to_owned(), fonts, Order);
        Self { system, last_resort: Vec::new() }
    }

    /// A loaded font, and which of the fonts in its file it is.
    pub(super) fn font(&mut self, id: ID) -> Option<(Arc<Font>, u32)> {
        let index = self.system.db().face(id)?.index;
        Some((self.system.get_font(id, Weight::NORMAL)?, index))
    }

    /// Whether a font is that of dots.
    pub(super) fn is_last_resort(&self, id: ID) -> bool {
        self.last_resort.iter().any(|(_, known)| *known == id)
    }

    /// Spells a text so that nothing is missing: what the other fonts lack is set in the last resort, and what that
    /// lacks, too, is the sign for a sign that is not known.
    pub(super) fn spell(&mut self, text: &str, missing: &[Range<usize>], family: &'static str) -> Vec<Span> {
        if self.last_resort.is_empty() {
            for (name, file) in LAST_RESORT {
                self.last_resort.extend(add(self.system.db_mut(), file).map(|id| (name, id)));
            }
        }
        let mut spans: Vec<Span> = Vec::new();
        for (place, sign) in text.char_indices() {
            let spelt = if missing.iter().any(|range| range.contains(&place)) {
                match self.last_resort(sign) {
                    Some(name) => Some((sign, name)),
                    None if is_unseen(sign) => None,
                    None => Some((char::REPLACEMENT_CHARACTER, TEXT)),
                }
            } else {
                Some((sign, family))
            };
            let Some((sign, family)) = spelt else { continue };
            match spans.last_mut() {
                Some(span) if span.family == family => span.text.push(sign),
                _ => spans.push(Span { text: sign.to_string(), family }),
            }
        }
        spans
    }

    fn last_resort(&mut self, sign: char) -> Option<&'static str> {
        for (name, id) in self.last_resort.clone() {
            if let Some((font, index)) = self.font(id)
                && let Ok(font) = FontRef::from_index(font.data(), index)
                && font.charmap().map(sign).is_some()
            {
                return Some(name);
            }
        }
        None
    }
}

/// A part of a text in one family.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) family: &'static str,
}

fn add(fonts: &mut Database, packed: &[u8]) -> Option<ID> {
    let mut file = Vec::new();
    // The files are part of the program; a test reads them all.
    brotli_decompressor::Decompressor::new(packed, 4096).read_to_end(&mut file).ok()?;
    fonts.load_font_source(Source::Binary(Arc::new(file))).first().copied()
}

/// Joiners, marks of direction and variation selectors: they change their neighbours.
fn is_unseen(sign: char) -> bool {
    matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Which font stands in for which: for a script what the platform has for it, then ours, then all others.
struct Order;

impl Fallback for Order {
    fn common_fallback(&self) -> &[&'static str] {
        &[
            TEXT,
            "Noto Emoji",
            "Noto Sans Arabic",
            "Noto Sans Armenian",
            "Noto Sans Bengali",
            "Noto Sans Devanagari",
            "Noto Sans Georgian",
            "Noto Sans Hebrew",
            "Noto Sans Tamil",
            "Noto Sans Thai",
            "Noto Sans",
            "DejaVu Sans",
            "Noto Sans Symbols",
            "Noto Sans Symbols2",
        ]
    }

    fn forbidden_fallback(&self) -> &[&'static str] {
        &["Unifont", "Unifont Upper", "Unifont CSUR", "Unifont Sample", "Last Resort", ".LastResort"]
    }

    fn script_fallback(&self, script: Script, locale: &str) -> &[&'static str] {
        PlatformFallback.script_fallback(script, locale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_font_with_the_name_it_is_called_by() {
        let mut database = Database::new();
        for file in EMBEDDED.into_iter().chain(LAST_RESORT.map(|(_, file)| file)) {
            add(&mut database, file);
        }
        assert_eq!(database.len(), EMBEDDED.len() + LAST_RESORT.len());
        assert!(database.faces().all(|face| face.weight == Weight::NORMAL));
        let names: Vec<_> = database.faces().map(|face| face.families[0].0.as_str()).collect();
        for name in [DISPLAY, TEXT, STRONG, LAST_RESORT[0].0, LAST_RESORT[1].0] {
            assert!(names.contains(&name), "{name} is not in {names:?}");
        }
    }

    #[test]
    fn what_no_font_has_is_spelt_by_the_last_resort() {
        let span = |text: &str, family| Span { text: text.to_owned(), family };
        // Linear B, a Han letter, and a place that no sign has.
        let spans = fonts().spell("a\u{10000}字\u{1ffff}b", &[1..5, 5..12], DISPLAY);
        let expected = [
            span("a", DISPLAY),
            span("\u{10000}", "Unifont Upper"),
            span("字", "Unifont"),
            span("\u{fffd}", TEXT),
            span("b", DISPLAY),
        ];
        assert_eq!(spans, expected);
    }
}
