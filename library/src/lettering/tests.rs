//! Texts of many scripts in boxes of many shapes.

use super::*;

const TITLE: Style =
    Style { face: Face::Display, largest: 68.0, smallest: 30.0, lines: 3, leading: 1.1, align: Align::Start };

fn repeated(text: &str) -> String {
    text.chars().cycle().take(200).collect()
}

fn texts() -> Vec<String> {
    let compound = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
    vec![
        "Ada".to_owned(),
        "W".repeat(200),
        repeated("W "),
        repeated(&format!("{compound} und ")),
        repeated("夏の終わりに聴く曲、"),
        repeated("أغاني الصيف الطويلة "),
        repeated("שירים לערב "),
        repeated("गर्मियों के गीत "),
        repeated("เพลงฤดูร้อน"),
        repeated("여름 노래 "),
        repeated("🌻👩‍👩‍👧🇩🇪❤️🎧"),
        repeated("\u{10000}\u{1ffff}\u{0f40}\u{0f72}"),
        format!("Z{}", "\u{0324}\u{030d}".repeat(99)),
    ]
}

#[test]
fn nothing_is_cut_off() {
    for text in texts() {
        for room in [Room::of_width(704.0), Room::of_width(90.0), Room { width: 1040.0, height: 300.0 }] {
            for align in [Align::Start, Align::Centre] {
                let lettered = letter(&text, room, &Style { align, ..TITLE });
                let [left, top, right, bottom] = lettered.bounds().unwrap();
                let (height, start) = (lettered.height, text.chars().take(12).collect::<String>());
                assert!(
                    left >= -0.1 && top >= -0.1 && right <= room.width + 0.1 && bottom <= height + 0.1,
                    "“{start}” covers {left} {top} {right} {bottom} of {room:?} and {height}"
                );
                assert!(height <= room.height + 0.1, "“{start}” is {height} high");
            }
        }
    }
}

/// Letters without a glyph would be drawn as the same box; so two different ones must be two different shapes.
#[test]
fn every_sign_has_a_shape_of_its_own() {
    for (one, other) in [
        ("a", "b"),
        ("я", "ж"),
        ("ω", "ψ"),
        ("夏", "冬"),
        ("あ", "い"),
        ("가", "나"),
        ("ع", "ق"),
        ("א", "ב"),
        ("क", "ख"),
        ("ก", "ข"),
        ("ཀ", "ཁ"),
        ("ሀ", "ለ"),
        ("ᚠ", "ᚢ"),
        ("𐀀", "𐀁"),
        ("🌻", "🎧"),
        ("🇩🇪", "🇯🇵"),
        ("♥", "♫"),
    ] {
        let drawn = |text: &str| format!("{:?}", letter(text, Room::of_width(500.0), &TITLE).into_path().unwrap());
        assert_ne!(drawn(one), drawn(other), "{one} {other}");
    }
}

#[test]
fn a_title_shrinks_before_it_takes_more_lines_than_it_should() {
    let room = Room::of_width(704.0);
    let short = letter("Night drive", room, &TITLE);
    assert_eq!((short.lines, short.size), (1, 68.0));
    let long = letter("All the songs that we heard on the way to the sea and back in that summer", room, &TITLE);
    assert!(long.lines == 3 && long.size < 68.0 && long.size > 30.0, "{} lines of {}", long.lines, long.size);
    let longest = letter(&repeated("Immer weiter "), room, &TITLE);
    assert!(longest.lines > 3 && (longest.size - 30.0).abs() < 0.01, "{} lines of {}", longest.lines, longest.size);
}

#[test]
fn lines_are_balanced_and_start_where_the_script_does() {
    let room = Room::of_width(704.0);
    let latin = letter("Songs for the last train", room, &TITLE);
    let [left, _, right, _] = latin.bounds().unwrap();
    assert!(latin.lines == 2 && left < 10.0 && right < 520.0, "{} lines from {left} to {right}", latin.lines);
    let arabic = letter("أغاني الصيف", room, &TITLE);
    let [left, _, right, _] = arabic.bounds().unwrap();
    assert!(left > 300.0 && right > 690.0, "from {left} to {right}");
    let centred = letter("Middle", room, &Style { align: Align::Centre, ..TITLE });
    let [left, _, right, _] = centred.bounds().unwrap();
    assert!((left + right - 704.0).abs() < 12.0, "from {left} to {right}");
}

#[test]
fn nothing_and_spaces_are_nothing_to_see() {
    for text in ["", " \n\t ", "\u{200b}"] {
        assert_eq!(letter(text, Room::of_width(100.0), &TITLE).bounds(), None, "{text:?}");
    }
}
