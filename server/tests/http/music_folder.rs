//! Another folder in the place of the music folder, as when a disk is mounted there. How it is read into the index is
//! tested in `library`.

use crate::harness::{TestServer, sound};

#[test]
fn a_music_folder_that_is_mounted_after_the_start_is_played() {
    let server = TestServer::start();
    server.put("song.mp3", &sound(300));
    assert_eq!(server.get("/play/song.mp3").body, sound(300));
    let (old, new) = (server.folder().join("old"), server.folder().join("new"));
    std::fs::create_dir(&new).unwrap();
    std::fs::write(new.join("song.mp3"), sound(400)).unwrap();
    std::fs::write(new.join("other.mp3"), sound(500)).unwrap();
    std::fs::rename(server.music(), &old).unwrap();
    std::fs::rename(&new, server.folder().join("music")).unwrap();
    assert_eq!(server.get("/play/song.mp3").body, sound(400));
    assert_eq!(server.get("/play/other.mp3").body, sound(500));
}
