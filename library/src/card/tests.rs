//! Cards of all kinds, read back by a decoder.

use super::*;

const ADDRESS: &str = "https://tapes.example.org/share/songs-for-the-last-train";

fn label(title: &str) -> Label<'_> {
    Label { title, creator: "Ada Lovelace", tracks: 12, total: Millis(2_825_000) }
}

fn cover() -> RgbImage {
    RgbImage::from_fn(200, 150, |x, y| image::Rgb([u8::try_from(x).unwrap(), u8::try_from(y).unwrap(), 120]))
}

/// What a decoder reads on a card, enlarged as a screen does before a camera sees it.
fn scanned(drawing: &Drawing) -> Option<String> {
    let picture = image::load_from_memory(&drawing.to_png().unwrap()).unwrap().into_luma8();
    assert_eq!(picture.dimensions(), (drawing.width(), drawing.height()));
    let times = 1 + 600 / picture.width();
    let size = (picture.width() * times, picture.height() * times);
    let larger = image::imageops::resize(&picture, size.0, size.1, image::imageops::FilterType::Nearest);
    let (width, height) = (size.0 as usize, size.1 as usize);
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| larger.as_raw()[y * width + x]);
    prepared.detect_grids().into_iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
}

#[test]
fn cards_of_every_kind_are_read_back() {
    for width in [45, 64, 99, 150, 240, 333, 480, 800, 1200] {
        for (with_label, with_cover) in [(true, true), (true, false), (false, true), (false, false)] {
            let label = with_label.then(|| label("Songs for the last train"));
            let card = Card { address: ADDRESS, width, label, cover: with_cover.then(cover), mark: true };
            let drawing = card.draw().unwrap();
            assert_eq!(scanned(&drawing).as_deref(), Some(ADDRESS), "{width}, {with_label}, {with_cover}");
        }
    }
}

#[test]
fn a_card_is_never_too_small_to_be_a_picture_nor_too_long() {
    for width in [1, 2, 17, 44] {
        let card = Card { address: ADDRESS, width, label: Some(label("A")), cover: Some(cover()), mark: true };
        let drawing = card.draw().unwrap();
        let file = drawing.to_png().unwrap();
        let size = image::load_from_memory(&file).unwrap().into_rgb8().dimensions();
        assert_eq!(size, (width, drawing.height()));
        assert!(drawing.height() <= 4 * width + 8, "{size:?}");
    }
}

#[test]
fn long_titles_and_long_addresses_make_the_card_longer() {
    let height = |title: &str, address: &str| {
        let card = Card { address, width: 800, label: Some(label(title)), cover: None, mark: true };
        let drawing = card.draw().unwrap();
        assert_eq!(scanned(&drawing).as_deref(), Some(address));
        drawing.height()
    };
    let short = height("Songs", ADDRESS);
    assert!(height(&"W".repeat(200), ADDRESS) > short + 100);
    let long = format!("https://tapes.example.org/share/{}", "%E5%A4%8F".repeat(200));
    assert!(height("夏", &long) > short + 300);
}
