//! The drawing that takes the place of a missing cover: the card of a cassette box, in quiet colours that go with the
//! title. It is SVG without scripts, small enough to be written anew for every request.

use std::fmt::Write as _;

use model::CoverSize;
use sha2::{Digest, Sha256};

/// Papers and the stripe that goes with each.
const COLOURS: [(&str, &str); 8] = [
    ("#f1e7d3", "#b5532c"),
    ("#ebe3d2", "#6f7f63"),
    ("#efe0cf", "#8a4b3a"),
    ("#e6e2d6", "#5a6b78"),
    ("#f3e6c8", "#b98a2f"),
    ("#eadfd6", "#7b5c6b"),
    ("#e3e5d8", "#4f6f66"),
    ("#ede2d0", "#684230"),
];

const INK: &str = "#2b2521";

/// Below so many pixels only the initial is set.
const LEGIBLE: u16 = 192;

/// The drawing for a title; the folder tells releases of the same title apart.
pub(super) fn svg(title: &str, folder: &str, size: Option<CoverSize>) -> String {
    let hash = Sha256::new().chain_update(title).chain_update([0]).chain_update(folder).finalize();
    let (paper, stripe) = COLOURS[usize::from(hash[0]) % COLOURS.len()];
    let length = size.map_or(800, CoverSize::pixels);
    // How far the tape has come.
    let played = f32::from(hash[1]) / 255.0;
    let (left, right) = (13.0 - 6.0 * played, 7.0 + 6.0 * played);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{length}\" height=\"{length}\" viewBox=\"0 0 120 120\">\
         <path fill=\"{paper}\" d=\"M0 0h120v120H0z\"/><path fill=\"{stripe}\" d=\"M0 0h13v120H0z\"/>\
         <path fill=\"{INK}\" fill-opacity=\".1\" d=\"M13 0h1.5v120H13z\"/>\
         <g fill=\"none\" stroke=\"{INK}\" stroke-opacity=\".55\" stroke-width=\"1.2\">\
         <rect x=\"24\" y=\"78\" width=\"86\" height=\"31\" rx=\"4\"/>\
         <circle cx=\"47\" cy=\"93.5\" r=\"{left:.1}\" fill=\"{INK}\" fill-opacity=\".12\"/>\
         <circle cx=\"87\" cy=\"93.5\" r=\"{right:.1}\" fill=\"{INK}\" fill-opacity=\".12\"/>\
         <circle cx=\"47\" cy=\"93.5\" r=\"4\" fill=\"{paper}\" stroke-dasharray=\"2.4 1.8\"/>\
         <circle cx=\"87\" cy=\"93.5\" r=\"4\" fill=\"{paper}\" stroke-dasharray=\"2.4 1.8\"/></g>"
    );
    let text = format!("<g fill=\"{INK}\" font-family=\"Georgia, 'Times New Roman', serif\">");
    svg.push_str(&text);
    if length < LEGIBLE {
        let initial = title.chars().find(|sign| sign.is_alphanumeric());
        let initial: String = initial.into_iter().flat_map(char::to_uppercase).collect();
        let _ = write!(svg, "<text x=\"24\" y=\"63\" font-size=\"48\">{}</text>", escaped(&initial));
    } else {
        svg.push_str(
            "<path stroke=\"#2b2521\" stroke-opacity=\".16\" stroke-width=\".6\" d=\"M24 38h86M24 52h86M24 66h86\"/>",
        );
        for (line, y) in lines(title).iter().zip([35, 49, 63]) {
            let _ = write!(svg, "<text x=\"25\" y=\"{y}\" font-size=\"11\">{}</text>", escaped(line));
        }
    }
    svg.push_str("</g></svg>");
    svg
}

/// The title in at most three lines that fit onto the ruled lines in any usual serif.
fn lines(title: &str) -> Vec<String> {
    /// In units of a quarter of a small letter.
    const WIDTH: usize = 60;
    let width = |text: &str| text.chars().map(sign_width).sum::<usize>();
    let mut lines: Vec<String> = vec![String::new()];
    for word in title.split_whitespace() {
        let mut word = word.to_owned();
        loop {
            let line = lines.last().map_or(0, |line| width(line) + if line.is_empty() { 0 } else { sign_width(' ') });
            if line + width(&word) <= WIDTH {
                if let Some(last) = lines.last_mut() {
                    if !last.is_empty() {
                        last.push(' ');
                    }
                    last.push_str(&word);
                }
                break;
            }
            if line > 0 {
                lines.push(String::new());
                continue;
            }
            // A word longer than a line is broken where the line ends.
            let mut taken = 0;
            let end = word.char_indices().find(|(_, sign)| {
                taken += sign_width(*sign);
                taken > WIDTH
            });
            let rest = word.split_off(end.map_or(word.len(), |(at, _)| at));
            if let Some(last) = lines.last_mut() {
                *last = std::mem::replace(&mut word, rest);
            }
            lines.push(String::new());
        }
    }
    lines.retain(|line| !line.is_empty());
    if lines.len() > 3 {
        lines.truncate(3);
        if let Some(last) = lines.last_mut() {
            while width(last) + sign_width('…') > WIDTH {
                last.pop();
            }
            last.push('…');
        }
    }
    lines
}

/// About how wide a sign is in a serif, in quarters of a small letter.
fn sign_width(sign: char) -> usize {
    match sign {
        'W' | 'M' | 'm' | 'w' | '@' | '…' => 8,
        _ if u32::from(sign) >= 0x1100 => 8,
        _ if sign.is_uppercase() => 6,
        _ => 4,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_set_in_lines_and_cannot_break_out() {
        assert_eq!(lines("Kind of Blue"), ["Kind of Blue"]);
        assert_eq!(lines("The Velvet Underground & Nico"), ["The Velvet", "Underground &", "Nico"]);
        assert_eq!(lines("Donaudampfschifffahrt"), ["Donaudampfsch", "ifffahrt"]);
        assert_eq!(lines("東京の夜は長くて静かです本当に静か"), ["東京の夜は長く", "て静かです本当", "に静か"]);
        assert_eq!(lines(&"word ".repeat(40)), ["word word", "word word", "word word…"]);
        assert_eq!(lines("WWWWWWWWWW")[0].len(), 7);
        let svg = svg("<script>\"&", "a", "256x256".parse().ok());
        assert!(svg.contains("&lt;script&gt;\"&amp;") && !svg.contains("<script"));
    }

    #[test]
    fn drawings_differ_between_releases_and_stay_the_same_for_one() {
        let small = "96x96".parse().ok();
        assert_eq!(svg("Ärger", "a", small), svg("Ärger", "a", small));
        assert!(svg("Ärger", "a", small).contains(">Ä</text>"));
        let folders: std::collections::HashSet<_> = (0..20).map(|n| svg("Hits", &n.to_string(), small)).collect();
        assert_eq!(folders.len(), 20);
    }
}
