//! Covers of releases and smaller covers of mixtapes over HTTP, from real pictures in real audio files.
//! What covers look like on pages is tested with a browser.

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use lofty::config::WriteOptions;
use lofty::file::TaggedFileExt;
use lofty::picture::{MimeType, Picture, PictureType};
use lofty::tag::{ItemKey, Tag, TagExt};

use crate::client::{Client, Reply};
use crate::harness::TestServer;

const RED: [u8; 3] = [200, 30, 30];
const GREEN: [u8; 3] = [30, 160, 40];
const BLUE: [u8; 3] = [20, 40, 200];

/// What a browser sends for pictures.
const BROWSER: (&str, &str) = ("Accept", "image/avif,image/webp,image/apng,*/*;q=0.8");

fn plain(colour: [u8; 3], width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    encoded(&DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb(colour))), format)
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Puts a tiny audio file there, with these pictures inside.
fn song(server: &TestServer, path: &str, pictures: &[(PictureType, Vec<u8>)]) {
    let ending = path.rsplit('.').next().unwrap();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../library/tests/files");
    let path = server.put(path, &std::fs::read(files.join(format!("silence.{ending}"))).unwrap());
    let mut tag = Tag::new(lofty::read_from_path(&path).unwrap().primary_tag_type());
    tag.insert_text(ItemKey::TrackTitle, "A <title> & more".to_owned());
    tag.insert_text(ItemKey::AlbumTitle, "An <album> & more".to_owned());
    for (kind, bytes) in pictures {
        tag.push_picture(Picture::unchecked(bytes.clone()).pic_type(*kind).mime_type(MimeType::Jpeg).build());
    }
    tag.save_to_path(&path, WriteOptions::default()).unwrap();
}

/// The picture in a reply; panics when it is none.
fn picture(reply: &Reply) -> RgbImage {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let format = ImageFormat::from_mime_type(reply.header("content-type").unwrap()).expect("a picture");
    image::load_from_memory_with_format(&reply.body, format).unwrap().into_rgb8()
}

/// Whether the picture has this colour in its middle, as far as JPEG and WebP keep colours.
fn is(picture: &RgbImage, colour: [u8; 3]) -> bool {
    let middle = picture.get_pixel(picture.width() / 2, picture.height() / 2).0;
    middle.iter().zip(colour).all(|(is, wanted)| is.abs_diff(wanted) < 12)
}

fn is_drawing(reply: &Reply) -> bool {
    let is_short = reply.header("cache-control") == Some("public, max-age=300");
    reply.status == 200 && reply.header("content-type") == Some("image/svg+xml") && is_short
}

#[test]
fn every_size_comes_as_jpeg_and_as_webp() {
    let server = TestServer::start();
    song(&server, "A & B/Köln 1/01.mp3", &[(PictureType::CoverFront, plain(RED, 1600, 1200, ImageFormat::Jpeg))]);
    server.scan();
    let url = "/api/covers/A%20%26%20B/K%C3%B6ln%201";
    for side in [96, 128, 192, 256, 384, 512] {
        for (accept, kind) in [(("Accept", "*/*"), "image/jpeg"), (BROWSER, "image/webp")] {
            let reply = server.request("GET", &format!("{url}?size={side}x{side}"), &[accept]);
            assert_eq!((reply.header("content-type"), reply.header("vary")), (Some(kind), Some("Accept")));
            assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
            let picture = picture(&reply);
            assert_eq!((picture.width(), picture.height()), (side, side));
            assert!(is(&picture, RED));
        }
    }
    for accept in [("Accept", "*/*"), BROWSER] {
        let whole = picture(&server.request("GET", url, &[accept]));
        assert_eq!((whole.width(), whole.height()), (800, 600));
    }
    let small = server.get(&format!("{url}?size=100x100"));
    assert_eq!(small.status, 400);
    assert!(small.error().contains("100x100"));
    let json: serde_json::Value = serde_json::from_slice(&small.body).unwrap();
    assert_eq!(json["valid_sizes"][0], "96x96");
    assert_eq!(json["valid_sizes"].as_array().unwrap().len(), 6);
    assert_eq!(server.get(&format!("{url}?size=96x96&size=96x96")).status, 400);
}

#[test]
fn a_square_is_the_middle_and_never_larger_than_the_picture() {
    let server = TestServer::start();
    let mut wide = RgbImage::from_pixel(300, 100, Rgb(RED));
    for x in 100..200 {
        for y in 0..100 {
            wide.put_pixel(x, y, Rgb(GREEN));
        }
    }
    server.put("wide/cover.png", &encoded(&DynamicImage::ImageRgb8(wide), ImageFormat::Png));
    song(&server, "wide/01.flac", &[]);
    server.scan();
    let square = picture(&server.get("/api/covers/wide?size=96x96"));
    assert_eq!((square.width(), square.height()), (96, 96));
    assert!([(6, 6), (90, 90)].iter().all(|(x, y)| square.get_pixel(*x, *y).0[1] > 130));
    let large = picture(&server.get("/api/covers/wide?size=512x512"));
    assert_eq!((large.width(), large.height()), (100, 100));
    assert_eq!(picture(&server.get("/api/covers/wide")).dimensions(), (300, 100));
}

#[test]
fn the_front_inside_comes_before_the_file_beside_and_the_back_after_it() {
    let server = TestServer::start();
    let (red, green) = (plain(RED, 200, 200, ImageFormat::Jpeg), plain(GREEN, 200, 200, ImageFormat::Png));
    let blue = plain(BLUE, 200, 200, ImageFormat::WebP);
    song(&server, "front/1.mp3", &[(PictureType::CoverBack, green.clone()), (PictureType::CoverFront, red.clone())]);
    server.put("front/cover.webp", &blue);
    song(&server, "back/1.flac", &[(PictureType::CoverBack, red.clone())]);
    server.put("back/Folder.PNG", &green);
    song(&server, "only-back/1.ogg", &[(PictureType::CoverBack, red.clone())]);
    song(&server, "second/1.m4a", &[]);
    song(&server, "second/2.mp3", &[(PictureType::Other, red.clone())]);
    song(&server, "discs/CD1/1.mp3", &[]);
    server.put("discs/front.bmp", &plain(BLUE, 64, 64, ImageFormat::Bmp));
    song(&server, "odd/1.mp3", &[]);
    server.put("odd/IMG_0001.gif", &plain(GREEN, 64, 64, ImageFormat::Gif));
    song(&server, "loose.mp3", &[(PictureType::CoverFront, blue)]);
    server.scan();
    for (folder, colour) in [
        ("front", RED),
        ("back", GREEN),
        ("only-back", RED),
        ("second", RED),
        ("discs/CD1", BLUE),
        ("odd", GREEN),
        ("", BLUE),
    ] {
        assert!(is(&picture(&server.get(&format!("/api/covers/{folder}?size=96x96"))), colour), "{folder}");
    }
}

#[test]
fn what_has_no_cover_gets_a_drawing_for_a_short_while() {
    let server = TestServer::start();
    song(&server, "bare/1.mp3", &[]);
    song(&server, "bare too/1.mp3", &[]);
    // Beside the music, and in it but in no release.
    std::fs::write(server.folder().join("cover.jpg"), plain(RED, 9, 9, ImageFormat::Jpeg)).unwrap();
    server.put("pictures/cover.jpg", &plain(RED, 9, 9, ImageFormat::Jpeg));
    server.scan();
    let bare = server.get("/api/covers/bare?size=256x256");
    assert!(is_drawing(&bare));
    assert!(bare.text().contains("&lt;album&gt;") && bare.text().contains("width=\"256\""));
    assert!(bare.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert_ne!(bare.body, server.get("/api/covers/bare%20too?size=256x256").body);
    for folder in ["nothing", "pictures", "..", "%2e%2e", "bare/..", "bare/1.mp3", "%2Fetc", ""] {
        assert!(is_drawing(&server.get(&format!("/api/covers/{folder}"))), "{folder}");
    }
    assert_eq!(server.get("/api/covers/%FF").status, 400);
    assert_eq!(server.covers.made(), 0);
}

#[test]
fn a_cover_is_kept_long_and_is_not_sent_twice() {
    let server = TestServer::start();
    song(&server, "a/1.mp3", &[(PictureType::CoverFront, plain(RED, 300, 300, ImageFormat::Jpeg))]);
    server.scan();
    let url = "/api/covers/a?size=128x128";
    let first = server.get(url);
    let etag = first.header("etag").unwrap().to_owned();
    assert!(etag.starts_with('"') && first.header("cache-control").unwrap().starts_with("public, max-age=86400"));
    let again = server.request("GET", url, &[("If-None-Match", &etag)]);
    assert_eq!((again.status, again.header("etag"), again.body.len()), (304, Some(etag.as_str()), 0));
    assert_eq!(again.header("vary"), Some("Accept"));
    assert_eq!(server.request("GET", url, &[("If-None-Match", "\"other\"")]).status, 200);
    assert_eq!(server.request("GET", url, &[("If-Match", "\"other\"")]).status, 412);
    // There is no date to compare.
    assert_eq!(server.request("GET", url, &[("If-Modified-Since", "Sun, 06 Nov 2044 08:49:37 GMT")]).status, 200);
    let webp = server.request("GET", url, &[BROWSER, ("If-None-Match", &etag)]);
    assert_eq!((webp.status, webp.header("content-type")), (200, Some("image/webp")));
    let head = server.request("HEAD", url, &[]);
    let length = first.body.len().to_string();
    assert_eq!((head.status, head.header("content-length")), (200, Some(length.as_str())));
    assert_eq!(server.request("HEAD", "/api/covers/none", &[]).status, 200);
    assert_eq!(server.request("POST", url, &[]).status, 405);
}

#[test]
fn a_cover_follows_its_files() {
    let server = TestServer::start();
    let shown = || server.get("/api/covers/a?size=96x96");
    song(&server, "a/1.mp3", &[]);
    server.scan();
    assert!(is_drawing(&shown()));
    // Beside: seen at once.
    server.put("a/cover.jpg", &plain(RED, 200, 200, ImageFormat::Jpeg));
    assert!(is(&picture(&shown()), RED));
    server.put("a/cover.jpg", &plain(GREEN, 210, 200, ImageFormat::Jpeg));
    let green = shown();
    assert!(is(&picture(&green), GREEN));
    // Inside: seen when the file has been read.
    song(&server, "a/1.mp3", &[(PictureType::CoverFront, plain(BLUE, 200, 200, ImageFormat::Jpeg))]);
    server.scan();
    assert!(is(&picture(&shown()), BLUE));
    song(&server, "a/1.mp3", &[]);
    server.scan();
    assert_eq!(shown().header("etag"), green.header("etag"));
    std::fs::remove_file(server.music().join("a/cover.jpg")).unwrap();
    assert!(is_drawing(&shown()));
}

#[test]
fn what_cannot_be_read_is_passed_over() {
    let server = TestServer::start();
    let good = plain(GREEN, 100, 100, ImageFormat::Png);
    song(&server, "broken/1.mp3", &[(PictureType::CoverFront, good[..60].to_vec())]);
    song(&server, "broken/2.mp3", &[(PictureType::CoverFront, b"no picture at all".to_vec())]);
    server.put("broken/cover.jpg", &plain(RED, 100, 100, ImageFormat::Jpeg)[..100]);
    server.put("broken/folder.jpg", b"");
    server.put("broken/front.png", &good);
    song(&server, "hopeless/1.mp3", &[(PictureType::CoverFront, vec![0xff, 0xd8, 0xff, 0xe0])]);
    // A link out of the music folder.
    song(&server, "link/1.mp3", &[]);
    std::fs::write(server.folder().join("secret.png"), &good).unwrap();
    std::os::unix::fs::symlink(server.folder().join("secret.png"), server.music().join("link/cover.png")).unwrap();
    server.scan();
    assert!(is(&picture(&server.get("/api/covers/broken?size=96x96")), GREEN));
    assert!(is_drawing(&server.get("/api/covers/hopeless")));
    assert!(is_drawing(&server.get("/api/covers/link")));
}

#[test]
fn bombs_are_refused_by_their_headers() {
    let server = TestServer::start();
    song(&server, "claims/1.mp3", &[(PictureType::CoverFront, png_claiming(50_000, 50_000))]);
    // 12,000 × 12,000 pixels of nothing take a few hundred kilobytes in the file and 432 MB in memory.
    song(&server, "dense/1.mp3", &[(PictureType::CoverFront, dense_png(12_000))]);
    song(&server, "fat/1.mp3", &[]);
    let mut fat = plain(RED, 10, 10, ImageFormat::Png);
    fat.resize(library::covers::MAX_BYTES + 1, 0);
    server.put("fat/cover.png", &fat);
    server.scan();
    for folder in ["claims", "dense", "fat"] {
        assert!(is_drawing(&server.get(&format!("/api/covers/{folder}?size=96x96"))), "{folder}");
    }
}

#[test]
fn fifty_who_ask_at_once_have_it_made_once() {
    let server = TestServer::start();
    let noise =
        RgbImage::from_fn(1500, 1500, |x, y| Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], (x ^ y).to_le_bytes()[0]]));
    let noise = encoded(&DynamicImage::ImageRgb8(noise), ImageFormat::Jpeg);
    song(&server, "a/1.mp3", &[(PictureType::CoverFront, noise)]);
    server.scan();
    let mut clients: Vec<_> = (0..50).map(|_| Client::connect(server.address)).collect();
    for client in &mut clients {
        client.send("GET", "/api/covers/a?size=256x256", &[BROWSER], "");
    }
    let replies: Vec<_> = clients.iter_mut().map(|client| client.read_reply("GET")).collect();
    assert!(replies.iter().all(|reply| reply.status == 200 && reply.body == replies[0].body));
    // Which cover it is, the cover itself, and this size of it.
    assert_eq!(server.covers.made(), 3);
    // What somebody has taken out of the cache is made again.
    let cache = server.folder().join("data/cache/covers");
    for entry in
        std::fs::read_dir(&cache).unwrap().flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
    {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending != "found") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let again = server.request("GET", "/api/covers/a?size=256x256", &[BROWSER]);
    assert_eq!(again.body, replies[0].body);
}

#[test]
fn covers_of_mixtapes_come_in_every_size_too() {
    let server = TestServer::start();
    let kept = |bytes: &[u8]| server.block_on(server.store.keep_cover(bytes)).unwrap();
    let url = format!("/covers/{}", kept(&plain(BLUE, 900, 700, ImageFormat::Png)));
    for (accept, kind) in [(("Accept", "image/*"), "image/jpeg"), (BROWSER, "image/webp")] {
        let reply = server.request("GET", &format!("{url}?size=192x192"), &[accept]);
        assert_eq!((reply.header("content-type"), reply.header("vary")), (Some(kind), Some("Accept")));
        assert!(reply.header("cache-control").unwrap().contains("immutable"));
        let picture = picture(&reply);
        assert!(picture.dimensions() == (192, 192) && is(&picture, BLUE));
    }
    assert_eq!(picture(&server.get(&url)).dimensions(), (900, 700));
    assert_eq!(server.get(&format!("{url}?size=1x1")).status, 400);
    let missing = server.get("/covers/0123456789abcdef0123456789abcdef.jpg?size=96x96");
    assert_eq!((missing.status, missing.error().as_str()), (404, "There is no such cover."));
    // What only a browser might be able to read goes out as it is.
    let odd = [0xff, 0xd8, 0xff, 0xe0, 7];
    assert_eq!(server.get(&format!("/covers/{}?size=96x96", kept(&odd))).body, odd);
}

#[test]
fn a_link_is_previewed_with_the_cover_on_a_wide_card() {
    let server = TestServer::start();
    let file = server.block_on(server.store.keep_cover(&plain(BLUE, 300, 200, ImageFormat::Png))).unwrap();
    let reply = server.get(&format!("/og/cover/{file}"));
    assert_eq!(reply.header("content-type"), Some("image/jpeg"));
    assert!(reply.header("cache-control").unwrap().contains("immutable"));
    let preview = picture(&reply);
    assert_eq!(preview.dimensions(), (1200, 630));
    assert!(is(&preview, BLUE));
    let etag = reply.header("etag").unwrap().to_owned();
    let again = server.request("GET", &format!("/og/cover/{file}"), &[("If-None-Match", &etag)]);
    assert_eq!(again.status, 304);
    for file in ["0123456789abcdef0123456789abcdef.jpg", "..%2Fmixtapes.db", "%FF"] {
        assert_eq!(server.get(&format!("/og/cover/{file}")).status, 404, "{file}");
    }
}

#[test]
fn covers_of_releases_make_one_for_a_mixtape() {
    let server = TestServer::start();
    for (folder, colour) in [("red", RED), ("green", GREEN), ("blue", BLUE), ("red again", RED)] {
        song(
            &server,
            &format!("{folder}/1.mp3"),
            &[(PictureType::CoverFront, plain(colour, 60, 60, ImageFormat::Png))],
        );
    }
    song(&server, "bare/1.mp3", &[]);
    server.scan();
    let composed = |folders: &[&str], grid: Option<u8>| {
        let folders: Vec<_> = folders.iter().map(|folder| (*folder).to_owned()).collect();
        let file = server.block_on(server.covers.compose(&folders, grid)).unwrap()?;
        Some(picture(&server.get(&format!("/covers/{file}"))))
    };
    // Two folders with the same picture are the most frequent cover, which fills the cell that is left.
    let grid = composed(&["green", "red", "bare", "blue", "red again"], None).unwrap();
    assert_eq!(grid.dimensions(), (1200, 1200));
    for ((x, y), colour) in [((0, 0), GREEN), ((600, 0), RED), ((0, 600), BLUE), ((600, 600), RED)] {
        let cell = image::imageops::crop_imm(&grid, x, y, 600, 600).to_image();
        assert!(is(&cell, colour), "{x} {y}");
    }
    let alone = composed(&["red", "red again"], None).unwrap();
    assert!(alone.dimensions() == (800, 800) && is(&alone, RED));
    assert_eq!(composed(&["red", "green"], Some(3)).unwrap().dimensions(), (1200, 1200));
    assert!(composed(&["bare", "nothing"], None).is_none() && composed(&[], Some(2)).is_none());
    let drawn = server.block_on(server.covers.generate("A title", 0)).unwrap();
    assert_eq!(server.block_on(server.covers.generate("A title", 0)).unwrap(), drawn);
    assert_eq!(picture(&server.get(&format!("/covers/{drawn}"))).dimensions(), (1200, 1200));
}

/// A PNG with these sides in its header and hardly anything behind it.
fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut png = plain(RED, 1, 1, ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

/// A valid PNG of one colour with sides of so many pixels.
fn dense_png(side: u32) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let row = vec![0_u8; side as usize * 3 + 1];
    for _ in 0..side {
        std::io::Write::write_all(&mut encoder, &row).unwrap();
    }
    let data = encoder.finish().unwrap();
    let mut png = png_claiming(side, side)[..33].to_vec();
    // Eight bits of red, green and blue.
    png[24..26].copy_from_slice(&[8, 2]);
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    for (kind, content) in [(b"IDAT", data.as_slice()), (b"IEND", &[])] {
        png.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        let start = png.len();
        png.extend(kind);
        png.extend(content);
        png.extend(crc32(&png[start..]).to_be_bytes());
    }
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}
