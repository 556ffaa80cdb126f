//! A drawing as SVG: shapes as paths, photographs as JPEG inside the file.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{RgbImage, imageops};
use tiny_skia::{Path, PathSegment};

use super::{Colour, Drawing, Item, middle};
use crate::Error;

/// Sharp enough on paper, small enough for a message.
const JPEG_QUALITY: u8 = 88;

pub(super) fn write(drawing: &Drawing, title: &str) -> Result<String, Error> {
    let (width, height) = (drawing.width, drawing.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\"><title>{}</title><path fill=\"{}\" d=\"M0 0H{width}V{height}H0Z\"/>",
        escape(title),
        hex(drawing.ground),
    );
    for item in &drawing.items {
        match item {
            Item::Shape { path, colour } => {
                svg.push_str("<path fill=\"");
                svg.push_str(&hex(*colour));
                svg.push_str("\" d=\"");
                outline(&mut svg, path);
                svg.push_str("\"/>");
            }
            Item::Photograph { place, photograph } => {
                // Writing into a string cannot fail.
                let _ = write!(
                    svg,
                    "<image x=\"{}\" y=\"{}\" width=\"{side}\" height=\"{side}\" href=\"data:image/jpeg;base64,{}\"/>",
                    place.left,
                    place.top,
                    jpeg(photograph)?,
                    side = place.side,
                );
            }
        }
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn hex(Colour([red, green, blue]): Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn jpeg(photograph: &RgbImage) -> Result<String, Error> {
    let (left, top, side) = middle(photograph);
    let part = imageops::crop_imm(photograph, left, top, side, side).to_image();
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY).encode_image(&part)?;
    Ok(STANDARD.encode(file))
}

/// Writes a path; upright and level lines, of which QR codes consist, are short.
fn outline(svg: &mut String, path: &Path) {
    let (mut x, mut y) = (0.0, 0.0);
    for segment in path.segments() {
        let end = match segment {
            PathSegment::MoveTo(end) => {
                command(svg, 'M', &[end.x, end.y]);
                end
            }
            PathSegment::LineTo(end) => {
                #[allow(clippy::float_cmp)] // the very same number
                match (end.x == x, end.y == y) {
                    (_, true) => command(svg, 'H', &[end.x]),
                    (true, false) => command(svg, 'V', &[end.y]),
                    (false, false) => command(svg, 'L', &[end.x, end.y]),
                }
                end
            }
            PathSegment::QuadTo(by, end) => {
                command(svg, 'Q', &[by.x, by.y, end.x, end.y]);
                end
            }
            PathSegment::CubicTo(first, second, end) => {
                command(svg, 'C', &[first.x, first.y, second.x, second.y, end.x, end.y]);
                end
            }
            PathSegment::Close => {
                svg.push('Z');
                continue;
            }
        };
        (x, y) = (end.x, end.y);
    }
}

fn command(svg: &mut String, letter: char, numbers: &[f32]) {
    svg.push(letter);
    for (place, number) in numbers.iter().enumerate() {
        if place > 0 {
            svg.push(' ');
        }
        let hundredths = format!("{number:.2}");
        let short = hundredths.trim_end_matches('0').trim_end_matches('.');
        svg.push_str(if short == "-0" { "0" } else { short });
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Not allowed in XML 1.0, section 2.2.
            sign if sign.is_control() || matches!(sign, '\u{fffe}' | '\u{ffff}') => escaped.push(' '),
            sign => escaped.push(sign),
        }
    }
    escaped
}
