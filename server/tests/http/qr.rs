//! QR codes and cards over HTTP, read back by a decoder. How cards look is judged by people.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use model::{GiftSettings, Millis, Mixtape, Timestamp, Track, TrackPath};
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Shader, Transform};

use crate::client::Reply;
use crate::harness::TestServer;

/// Where the codes lead: the test client asks for this host.
const ADDRESS: &str = "http://ferric.test/share/f%C3%BCr-dich";

fn save_tape(server: &TestServer, slug: &str, title: &str, cover: Option<ImageFormat>) {
    let cover = cover.map(|format| {
        let picture = RgbImage::from_fn(240, 160, |x, y| Rgb([u8::try_from(x).unwrap(), u8::try_from(y).unwrap(), 90]));
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        server.block_on(server.store.keep_cover(file.get_ref())).unwrap()
    });
    let track = Track {
        path: TrackPath("One.flac".to_owned()),
        title: "One".to_owned(),
        artist: String::new(),
        album: String::new(),
        duration: Some(Millis(61_000)),
    };
    let mixtape = Mixtape {
        slug: slug.parse().unwrap(),
        revision: model::Revision::default(),
        client_id: None,
        title: title.to_owned(),
        creator_name: "Ada".to_owned(),
        liner_notes: String::new(),
        cover,
        gift: GiftSettings::default(),
        created_at: Timestamp(1),
        updated_at: Timestamp(2),
        tracks: vec![track],
    };
    server.block_on(server.store.take_in(&mixtape)).unwrap();
}

fn server() -> TestServer {
    let server = TestServer::start();
    save_tape(&server, "für-dich", "Für dich", Some(ImageFormat::Png));
    server
}

fn pixels(reply: &Reply) -> RgbImage {
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("image/png")), "{}", reply.text());
    image::load_from_memory_with_format(&reply.body, ImageFormat::Png).unwrap().into_rgb8()
}

/// What a decoder reads; small pictures are enlarged first, as a screen does before a camera sees them.
fn scanned(picture: &RgbImage) -> Option<String> {
    let times = 1 + 600 / picture.width();
    let (width, height) = (picture.width() * times, picture.height() * times);
    let larger = image::imageops::resize(picture, width, height, image::imageops::FilterType::Nearest);
    let grey = image::DynamicImage::from(larger).into_luma8();
    let (width, height) = (width as usize, height as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey.as_raw()[y * width + x]);
    prepared.detect_grids().into_iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
}

/// Draws the shapes of an SVG file, three times as large. It knows no more of SVG than colours and paths.
fn drawn(svg: &str) -> RgbImage {
    let size = svg.split_once("viewBox=\"0 0 ").unwrap().1.split_once('"').unwrap().0.split_once(' ').unwrap();
    let (width, height) = (size.0.parse::<u32>().unwrap(), size.1.parse::<u32>().unwrap());
    let mut pixels = Pixmap::new(width * 3, height * 3).unwrap();
    for shape in svg.split("<path fill=\"#").skip(1) {
        let (colour, rest) = shape.split_once("\" d=\"").unwrap();
        let path = path(rest.split_once('"').unwrap().0);
        let part = |place: usize| u8::from_str_radix(&colour[place..place + 2], 16).unwrap();
        let shader = Shader::SolidColor(Color::from_rgba8(part(0), part(2), part(4), 255));
        let paint = Paint { shader, ..Paint::default() };
        pixels.fill_path(&path, &paint, FillRule::Winding, Transform::from_scale(3.0, 3.0), None);
    }
    RgbImage::from_fn(width * 3, height * 3, |x, y| {
        let pixel = pixels.pixel(x, y).unwrap();
        Rgb([pixel.red(), pixel.green(), pixel.blue()])
    })
}

fn path(commands: &str) -> Path {
    let mut path = PathBuilder::new();
    let (mut x, mut y) = (0.0, 0.0);
    let starts = commands.char_indices().filter(|(_, sign)| sign.is_ascii_alphabetic()).map(|(place, _)| place);
    let starts: Vec<usize> = starts.chain([commands.len()]).collect();
    for bounds in starts.windows(2) {
        let command = &commands[bounds[0]..bounds[1]];
        let (letter, numbers) = command.split_at(1);
        let numbers: Vec<f32> = numbers.split_whitespace().map(|number| number.parse().unwrap()).collect();
        match (letter, &numbers[..]) {
            ("M", [to_x, to_y]) => path.move_to(*to_x, *to_y),
            ("L", [to_x, to_y]) => path.line_to(*to_x, *to_y),
            ("H", [to_x]) => path.line_to(*to_x, y),
            ("V", [to_y]) => path.line_to(x, *to_y),
            ("Q", [by_x, by_y, to_x, to_y]) => path.quad_to(*by_x, *by_y, *to_x, *to_y),
            ("C", [a_x, a_y, b_x, b_y, to_x, to_y]) => path.cubic_to(*a_x, *a_y, *b_x, *b_y, *to_x, *to_y),
            ("Z", []) => path.close(),
            unknown => panic!("{unknown:?} is no path"),
        }
        if let Some(end) = path.last_point() {
            (x, y) = (end.x, end.y);
        }
    }
    path.finish().unwrap()
}

#[test]
fn codes_lead_to_the_share_page_at_every_size() {
    let server = server();
    for size in [74, 75, 90, 99, 100, 133, 250, 399, 400, 401, 777, 800] {
        for logo in ["true", "false"] {
            let picture = pixels(&server.get(&format!("/qr/f%C3%BCr-dich.png?size={size}&logo={logo}")));
            assert_eq!(picture.dimensions(), (size, size));
            assert_eq!(scanned(&picture).as_deref(), Some(ADDRESS), "{size} pixels, logo={logo}");
        }
    }
    // The address takes 29 modules with a margin of 4 on each side, and each takes two pixels.
    for size in [1, 20, 36, 73] {
        for target in ["/qr/f%C3%BCr-dich.png", "/qr/f%C3%BCr-dich/download"] {
            let refused = server.get(&format!("{target}?size={size}"));
            let reason = "A code of so few pixels cannot be scanned; this address needs at least 74.";
            assert_eq!((refused.status, refused.error().as_str()), (400, reason), "{target} {size}");
            assert_eq!(server.get(&format!("{target}?size={size}&format=svg")).status, 200, "shapes can be enlarged");
        }
    }
    let usual = server.get("/qr/f%C3%BCr-dich.png");
    assert_eq!(pixels(&usual).dimensions(), (400, 400));
    assert_eq!(usual.header("cache-control"), Some("private, max-age=3600"));
    assert_ne!(usual.body, server.get("/qr/f%C3%BCr-dich.png?logo=0").body, "the mark is drawn");
}

#[test]
fn cards_lead_to_the_share_page_whatever_is_on_them() {
    let server = server();
    let mut heights = Vec::new();
    for (cover, title) in [("true", "true"), ("true", "false"), ("false", "true"), ("false", "false")] {
        for size in [74, 333, 800, 1200] {
            let query = format!("size={size}&include_cover={cover}&include_title={title}");
            let picture = pixels(&server.get(&format!("/qr/f%C3%BCr-dich/download?{query}")));
            assert_eq!(picture.width(), size);
            assert_eq!(scanned(&picture).as_deref(), Some(ADDRESS), "{query}");
            if size == 800 {
                heights.push(picture.height());
            }
        }
    }
    assert_eq!(pixels(&server.get("/qr/f%C3%BCr-dich/download")).dimensions(), (800, heights[0]));
    assert!(heights[0] == heights[2] + 800 && heights[1] == heights[3] + 800, "{heights:?}");
}

#[test]
fn covers_of_every_kind_are_on_the_card_and_broken_ones_are_left_out() {
    let server = TestServer::start();
    for (slug, format) in [("jpeg", ImageFormat::Jpeg), ("png", ImageFormat::Png), ("webp", ImageFormat::WebP)] {
        save_tape(&server, slug, "A", Some(format));
        let picture = pixels(&server.get(&format!("/qr/{slug}/download?size=160")));
        // The middle of the cover, whose red grows from left to right.
        let (left, right) = (picture.get_pixel(4, 80).0, picture.get_pixel(155, 80).0);
        assert!(left[0] < 60 && right[0] > 180 && left[2].abs_diff(90) < 12, "{slug}: {left:?} {right:?}");
    }
    save_tape(&server, "whole", "A", None);
    let cover = server.block_on(server.store.keep_cover(&[0xff, 0xd8, 0xff, 0xe0, 7])).unwrap();
    let mixtape = server.block_on(server.store.mixtape(&"whole".parse().unwrap())).unwrap().unwrap();
    let broken = Mixtape { slug: "broken".parse().unwrap(), cover: Some(cover), ..mixtape };
    server.block_on(server.store.take_in(&broken)).unwrap();
    let picture = pixels(&server.get("/qr/broken/download"));
    assert_eq!(scanned(&picture).as_deref(), Some("http://ferric.test/share/broken"));
    assert!(picture.height() < 800);
}

#[test]
fn svg_shows_the_same_and_needs_nothing_from_elsewhere() {
    let server = server();
    for (target, photographs) in [
        ("/qr/f%C3%BCr-dich.png?format=svg", 0),
        ("/qr/f%C3%BCr-dich.svg?size=90", 0),
        ("/qr/f%C3%BCr-dich/download?format=svg", 1),
        ("/qr/f%C3%BCr-dich/download?format=svg&size=200&include_cover=no", 0),
    ] {
        let reply = server.get(target);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("image/svg+xml")), "{target}");
        let svg = reply.text();
        assert_eq!(scanned(&drawn(&svg)).as_deref(), Some(ADDRESS), "{target}");
        assert_eq!(svg.matches("href=").count(), photographs, "{target}");
        assert_eq!(svg.matches("href=\"data:image/jpeg;base64,").count(), photographs, "{target}");
        assert!(svg.contains("<title>Für dich</title>") && !svg.contains("<text"), "{target}");
    }
}

#[test]
fn what_is_wished_wrongly_is_refused() {
    let server = server();
    for query in ["size=0", "size=801", "size=-1", "size=", "size=1e2", "logo=maybe", "logo=", "format=gif"] {
        let reply = server.get(&format!("/qr/f%C3%BCr-dich.png?{query}"));
        assert_eq!(reply.status, 400, "{query}");
        let name = query.split('=').next().unwrap();
        assert!(reply.error().contains(name), "{query}: {}", reply.error());
    }
    for query in ["size=0", "size=1201", "size=4294967297", "include_cover=2", "include_title=ja"] {
        assert_eq!(server.get(&format!("/qr/f%C3%BCr-dich/download?{query}")).status, 400, "{query}");
    }
    for target in ["/qr/nobody.png", "/qr/nobody/download", "/qr/f%C3%BCr-dich.gif", "/qr/f%C3%BCr-dich", "/qr/%FF.png"]
    {
        let reply = server.get(target);
        assert_eq!((reply.status, reply.error().is_empty()), (404, false), "{target}");
    }
    assert_eq!(server.request("POST", "/qr/f%C3%BCr-dich.png", &[]).status, 405);
}

#[test]
fn pictures_are_known_again_by_their_tag() {
    let server = server();
    for target in ["/qr/f%C3%BCr-dich.png", "/qr/f%C3%BCr-dich/download"] {
        let first = server.get(target);
        let etag = first.header("etag").unwrap();
        assert!(etag.starts_with('"') && etag.len() > 20, "{etag} is strong");
        let again = server.request("GET", target, &[("If-None-Match", etag)]);
        assert_eq!((again.status, again.header("etag"), again.body.len()), (304, Some(etag), 0));
        assert_eq!(again.header("cache-control"), Some("private, max-age=3600"));
        assert_eq!(server.request("GET", target, &[("If-None-Match", "\"other\"")]).status, 200);
        let head = server.request("HEAD", target, &[]);
        assert_eq!((head.status, head.header("etag"), head.body.len()), (200, Some(etag), 0));
        assert_eq!(head.header("content-length"), Some(first.body.len().to_string().as_str()));
    }
    let before = server.get("/qr/f%C3%BCr-dich/download").header("etag").unwrap().to_owned();
    let there = server.block_on(server.store.mixtape(&"für-dich".parse().unwrap())).unwrap().unwrap();
    let renamed = Mixtape { title: "Für uns".into(), updated_at: Timestamp(there.updated_at.0 + 1), ..there };
    server.block_on(server.store.take_in(&renamed)).unwrap();
    assert_ne!(server.get("/qr/f%C3%BCr-dich/download").header("etag"), Some(before.as_str()), "the title is another");
}

#[test]
fn a_card_is_saved_under_the_title() {
    let server = server();
    let name = |target: &str| server.get(target).header("content-disposition").map(str::to_owned);
    assert_eq!(
        name("/qr/f%C3%BCr-dich/download").as_deref(),
        Some("attachment; filename=\"Fr dich-qr-code.png\"; filename*=UTF-8''F%C3%BCr%20dich-qr-code.png")
    );
    assert!(name("/qr/f%C3%BCr-dich/download?format=svg").unwrap().ends_with("dich-qr-code.svg"));
    assert_eq!(name("/qr/f%C3%BCr-dich.png"), None);
}

#[test]
fn the_longest_slug_and_title_still_make_a_code() {
    let server = TestServer::start();
    let slug = "\u{20000}".repeat(200);
    save_tape(&server, &slug, &"夏".repeat(200), None);
    let escaped = "%F0%A0%80%80".repeat(200);
    let address = format!("http://ferric.test/share/{escaped}");
    for target in [format!("/qr/{escaped}.png?size=800"), format!("/qr/{escaped}/download")] {
        assert_eq!(scanned(&pixels(&server.get(&target))).as_deref(), Some(address.as_str()));
    }
}
