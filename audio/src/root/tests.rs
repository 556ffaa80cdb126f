//! The root over real folders, links and sockets. What a request makes of it is tested over HTTP.

use std::os::unix::fs::symlink;

use super::*;

fn parse(text: &str) -> Result<RelativePath, Error> {
    RelativePath::parse(text.as_bytes().to_vec())
}

#[test]
fn text_that_leads_out_is_refused_before_any_disk_access() {
    for outside in ["../x", "a/../../x", "/etc/passwd", "a/../../root/a", ".."] {
        assert!(matches!(parse(outside), Err(Error::OutsideRoot)), "{outside}");
    }
    assert!(matches!(parse("a\0b"), Err(Error::MalformedPath)));
    for inside in ["a", "a/../b", "./a", "a//b", "..a", "a/..b"] {
        assert!(parse(inside).is_ok(), "{inside}");
    }
}

#[test]
fn open_and_open_now_agree_on_files_folders_and_links() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside.mp3");
    let root_path = folder.path().join("music");
    std::fs::create_dir_all(root_path.join("album")).unwrap();
    std::fs::write(&outside, "secret").unwrap();
    std::fs::write(root_path.join("album/a.mp3"), "sound").unwrap();
    symlink(&outside, root_path.join("out.mp3")).unwrap();
    symlink(root_path.join("album/a.mp3"), root_path.join("in-absolute.mp3")).unwrap();
    symlink("album/a.mp3", root_path.join("in.mp3")).unwrap();
    symlink("loop.mp3", root_path.join("loop.mp3")).unwrap();
    symlink("../nothing.mp3", root_path.join("out-to-nothing.mp3")).unwrap();
    symlink("album/nothing.mp3", root_path.join("in-to-nothing.mp3")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root_path.join("socket.mp3")).unwrap();

    let root = MusicRoot::new(&root_path).unwrap();
    let has_openat2 = has_openat2(&root);
    for (name, len) in [
        ("album/a.mp3", Ok(5)),
        ("album/../in.mp3", Ok(5)),
        ("in-absolute.mp3", Ok(5)),
        ("out.mp3", Err("outside")),
        ("album", Err("missing")),
        ("album/", Err("missing")),
        ("album/a.mp3/", Err("missing")),
        ("album/a.mp3/b", Err("missing")),
        ("", Err("missing")),
        (".", Err("missing")),
        ("loop.mp3", Err("missing")),
        ("out-to-nothing.mp3", Err("outside")),
        ("in-to-nothing.mp3", Err("missing")),
        ("socket.mp3", Err("missing")),
        ("none.mp3", Err("missing")),
    ] {
        let say = |result: Result<AudioFile, Error>| match result {
            Ok(file) => Ok(file.len()),
            Err(Error::OutsideRoot) => Err("outside"),
            Err(Error::NotFound) => Err("missing"),
            Err(error) => panic!("{name}: {error}"),
        };
        let path = parse(name).unwrap();
        assert_eq!(say(root.open(&path)), len, "{name}");
        let inside = root_path.canonicalize().unwrap().join(name).canonicalize().unwrap_or_default();
        if let Ok(inside) = inside.strip_prefix(root.path()) {
            let opened = root.open_plain(inside).and_then(|fd| AudioFile::new(fd, inside.to_owned()));
            assert_eq!(say(opened), len.map_err(|_| "missing"), "{name}, as on a kernel without openat2");
        }
        match root.open_now(&path) {
            Some(now) => assert_eq!(say(now), len, "{name}, without waiting"),
            // It needs a link-free path to an existing file.
            None => assert!(name != "album/a.mp3" || !has_openat2, "{name}, without waiting"),
        }
    }
}

#[cfg(target_os = "linux")]
fn has_openat2(root: &MusicRoot) -> bool {
    let opened = root.open_beneath(Path::new("album/a.mp3"), rustix::fs::ResolveFlags::CACHED);
    !matches!(opened, Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM | rustix::io::Errno::INVAL))
}

#[cfg(not(target_os = "linux"))]
fn has_openat2(_: &MusicRoot) -> bool {
    false
}

#[test]
fn another_folder_in_the_place_of_the_root_is_the_root_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let (root_path, old) = (folder.path().join("music"), folder.path().join("old"));
    std::fs::create_dir(&root_path).unwrap();
    std::fs::write(root_path.join("a.mp3"), "old").unwrap();
    let root = MusicRoot::new(&root_path).unwrap();
    let path = parse("a.mp3").unwrap();
    let len = || {
        let now = root.open_now(&path).map(|opened| opened.unwrap().len());
        let opened = root.open(&path).unwrap().len();
        assert!(now.is_none_or(|now| now == opened));
        opened
    };
    assert_eq!(len(), 3);
    std::fs::rename(&root_path, &old).unwrap();
    assert!(matches!(root.open(&path), Err(Error::NotFound)));
    std::fs::create_dir(&root_path).unwrap();
    std::fs::write(root_path.join("a.mp3"), "newer").unwrap();
    assert_eq!(len(), 5);
}

#[test]
fn a_link_that_is_put_on_the_way_is_not_followed_without_openat2_either() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("outside")).unwrap();
    std::fs::create_dir_all(folder.path().join("music/album")).unwrap();
    std::fs::write(folder.path().join("outside/a.mp3"), "secret").unwrap();
    let root = MusicRoot::new(&folder.path().join("music")).unwrap();
    symlink("../outside", root.path().join("link")).unwrap();
    symlink("../../outside/a.mp3", root.path().join("album/a.mp3")).unwrap();
    for inside in ["link/a.mp3", "album/a.mp3"] {
        assert!(matches!(root.open_plain(Path::new(inside)), Err(Error::NotFound)), "{inside}");
    }
}

#[test]
fn however_a_file_is_asked_for_it_is_counted_under_one_path() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("album")).unwrap();
    std::fs::write(folder.path().join("album/a.mp3"), "sound").unwrap();
    symlink("album", folder.path().join("link")).unwrap();
    let root = MusicRoot::new(folder.path()).unwrap();
    for (asked, counted) in [
        ("album/a.mp3", "album/a.mp3"),
        ("album/./a.mp3", "album/a.mp3"),
        ("album//../album/.//a.mp3", "album/a.mp3"),
        ("link/../album/a.mp3", "album/a.mp3"),
        // A mixtape may have it under this path.
        ("link/a.mp3", "link/a.mp3"),
    ] {
        let path = parse(asked).unwrap();
        let file = root.open(&path).unwrap();
        assert_eq!(root.plain_path(&path, &file), Some(Path::new(counted)), "{asked}");
    }
}

#[test]
fn reads_are_positioned_and_stop_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), b"0123456789").unwrap();
    let root = MusicRoot::new(folder.path()).unwrap();
    let file = root.open(&parse("a").unwrap()).unwrap();
    let mut buffer = [0; 4];
    assert_eq!(file.read_at(&mut buffer, 8).unwrap(), 2);
    assert_eq!(&buffer[..2], b"89");
    assert_eq!(file.read_at(&mut buffer, 10).unwrap(), 0);
}
