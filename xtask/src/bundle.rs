//! The browser bundle: WebAssembly, its JavaScript, styles and fonts under names that carry a hash of their
//! content, compressed beforehand. Listeners and the owner have a program each, so that listeners need not load the
//! editor. Serving is the business of the server.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::Outcome;
use crate::step::{cargo, done, run, step};
use crate::wasm_target::{Compiler, TARGET};

/// The style sheets in the order in which they apply.
const STYLES: [&str; 10] = [
    "base.css",
    "card.css",
    "tracks.css",
    "player.css",
    "gift.css",
    "embed.css",
    "sheet.css",
    "shelf.css",
    "admin.css",
    "editor.css",
];

/// The fonts that every page needs at once; the others come when a letter asks for them.
const FIRST_FONTS: [&str; 2] = ["fraunces-latin-wght-normal.woff2", "inter-latin-wght-normal.woff2"];

/// Builds the bundle into `target/site`, as far as anything has changed.
pub(crate) fn bundle() -> Outcome {
    let compiler = Compiler::find()?;
    let programs = step("compiling the browser part", || {
        Ok([compile(&compiler, Audience::Listeners)?, compile(&compiler, Audience::Owner)?])
    })?;
    step("bundling", || assemble(&programs))
}

/// The folder of the finished bundle.
pub(crate) fn site() -> PathBuf {
    crate::repository().join("target/site")
}

/// For whom a program is.
#[derive(Clone, Copy)]
enum Audience {
    Listeners,
    Owner,
}

/// The WebAssembly of a program, before its bindings are made.
struct Program {
    /// Of its files.
    name: &'static str,
    wasm: Vec<u8>,
}

fn compile(compiler: &Compiler, audience: Audience) -> Outcome<Program> {
    // A folder of its own: the compiler may be another one than the server's.
    let folder = crate::repository().join("target/wasm");
    let mut build = cargo();
    build.args(["build", "--locked", "--package", "frontend", "--profile", "wasm", "--target", TARGET]);
    build.arg("--target-dir").arg(&folder);
    let name = match audience {
        Audience::Listeners => "ferric",
        Audience::Owner => {
            build.args(["--features", "owner"]);
            "ferric-owner"
        }
    };
    compiler.apply(&mut build);
    run(&mut build)?;
    // Both are built under one name.
    Ok(Program { name, wasm: fs::read(folder.join(TARGET).join("wasm/frontend.wasm"))? })
}

/// Puts the bundle together in a folder beside and swaps it in, so that a running server never sees half.
fn assemble(programs: &[Program; 2]) -> Outcome {
    let root = crate::repository();
    let stamp = stamp(programs, &root)?;
    let stamp_file = site().join("stamp");
    if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        done("nothing has changed");
        return Ok(());
    }
    let fresh = root.join("target/site.part");
    let _ = fs::remove_dir_all(&fresh);
    let package = fresh.join("pkg");
    fs::create_dir_all(&package)?;

    let mut sizes = Vec::new();
    let mut add = |name: &str, ending: &str, bytes: &[u8]| -> Outcome<String> {
        let (file, compressed) = write_hashed(&package, name, ending, bytes)?;
        sizes.push((format!("{name}.{ending}"), bytes.len(), compressed));
        Ok(format!("/pkg/{file}"))
    };
    let mut addresses = Vec::new();
    for program in programs {
        let (wasm, script) = bind(program)?;
        let (wasm, script) = (add(program.name, "wasm", &wasm)?, add(program.name, "js", &script)?);
        addresses.push(json!({ "script": script, "wasm": wasm }));
    }
    let [listeners, owner] = [&addresses[0], &addresses[1]];

    let mut styles = String::new();
    for name in STYLES {
        styles.push_str(&fs::read_to_string(root.join("style").join(name))?);
    }
    let mut first_fonts = Vec::new();
    for font in files(&root.join("public/fonts"))? {
        let (stem, ending) = split(&font);
        if ending != "woff2" {
            continue;
        }
        let url = add(&stem, &ending, &fs::read(&font)?)?;
        styles = styles.replace(&format!("/fonts/{stem}.{ending}"), &url);
        if FIRST_FONTS.contains(&format!("{stem}.{ending}").as_str()) {
            first_fonts.push(url);
        }
    }
    let style_url = add("ferric", "css", styles.as_bytes())?;

    copy_folder(&root.join("public"), &fresh.join("public"))?;
    let assets = json!({ "listeners": listeners, "owner": owner, "style": style_url, "fonts": first_fonts });
    fs::write(fresh.join("assets.json"), serde_json::to_vec_pretty(&assets)?)?;
    fs::write(fresh.join("stamp"), stamp)?;
    let _ = fs::remove_dir_all(site());
    fs::rename(&fresh, site())?;
    report(&sizes);
    Ok(())
}

/// The WebAssembly with its bindings, and the JavaScript that belongs to it.
fn bind(program: &Program) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let bindings = crate::repository().join("target/wasm-bindings");
    let _ = fs::remove_dir_all(&bindings);
    let mut bindgen = Bindgen::new();
    // The files are named like the input.
    bindgen.input_bytes(program.name, program.wasm.clone()).web(true).map_err(text)?.typescript(false);
    bindgen.omit_default_module_path(true).remove_name_section(true).remove_producers_section(true);
    bindgen.generate(&bindings).map_err(text)?;
    let read = |ending: &str| fs::read(bindings.join(format!("{}{ending}", program.name)));
    Ok((read("_bg.wasm")?, read(".js")?))
}

fn report(sizes: &[(String, usize, usize)]) {
    let kilobytes = |bytes: usize| bytes as f64 / 1000.0;
    for (name, bytes, compressed) in sizes.iter().filter(|(name, ..)| name.starts_with("ferric")) {
        done(&format!("{name:<17} {:>7.1} kB, {:>6.1} kB brotli", kilobytes(*bytes), kilobytes(*compressed)));
    }
    for (name, of) in [("ferric", "listeners"), ("ferric-owner", "owner")] {
        let program =
            sizes.iter().filter(|(file, ..)| *file == format!("{name}.wasm") || *file == format!("{name}.js"));
        let total: usize = program.map(|(.., compressed)| compressed).sum();
        done(&format!("wasm + js, {of}: {:.1} kB brotli", kilobytes(total)));
    }
}

/// Writes a file under a name with the hash of its content, and compressed beside; answers the name and the
/// brotli size. Fonts are compressed already.
fn write_hashed(folder: &Path, name: &str, ending: &str, bytes: &[u8]) -> Outcome<(String, usize)> {
    let hash = hex(&Sha256::digest(bytes)[..8]);
    let file = format!("{name}-{hash}.{ending}");
    fs::write(folder.join(&file), bytes)?;
    if ending == "woff2" {
        return Ok((file, bytes.len()));
    }
    let mut brotli = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut brotli, &parameters)?;
    fs::write(folder.join(format!("{file}.br")), &brotli)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes)?;
    fs::write(folder.join(format!("{file}.gz")), gzip.finish()?)?;
    Ok((file, brotli.len()))
}

/// A hash over everything that goes in, so that a second run has nothing to do.
fn stamp(programs: &[Program; 2], root: &Path) -> Outcome<String> {
    let mut hash = Sha256::new();
    hash.update(include_bytes!("bundle.rs"));
    for program in programs {
        hash.update(&program.wasm);
    }
    for folder in [root.join("style"), root.join("public"), root.join("public/fonts")] {
        for file in files(&folder)? {
            hash.update(file.file_name().unwrap_or_default().as_encoded_bytes());
            hash.update(fs::read(&file)?);
        }
    }
    Ok(hex(&hash.finalize()))
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Fonts go into the bundle under hashed names; the rest of the folder keeps its own.
fn copy_folder(from: &Path, to: &Path) -> Outcome {
    fs::create_dir_all(to)?;
    for file in files(from)? {
        fs::copy(&file, to.join(file.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

fn split(file: &Path) -> (String, String) {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    (part(file.file_stem()), part(file.extension()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn text(error: impl std::fmt::Display) -> String {
    format!("{error:#}")
}
