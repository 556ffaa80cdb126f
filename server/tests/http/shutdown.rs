//! Work in progress when the program is asked to end: it is finished.
//! How streams end is tested in `streams`, and that nothing acknowledged is lost at a kill in `crash`.

use library::Store;

use crate::admin::{owner, tape};
use crate::harness::TestServer;
use crate::program::Program;

const MIXTAPES: usize = 600;

/// Sends this file as the form field of an upload.
fn form(file: &[u8]) -> Vec<u8> {
    let head = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"tapes.zip\"\r\n\r\n";
    [head.as_bytes(), file, b"\r\n--X--\r\n"].concat()
}

#[test]
fn a_backup_that_is_being_restored_is_restored_to_its_end() {
    let server = TestServer::start();
    for number in 0..MIXTAPES {
        tape(&server, &format!("tape-{number}"), &["song.wav"]);
    }
    let cookie = owner(&server);
    let backup = server.request("GET", "/mixtapes/backup.zip", &[("Cookie", &cookie)]).body;

    let mut program = Program::start(&[]);
    let cookie = program.owner();
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "multipart/form-data; boundary=X")];
    let begun = program.request("POST", "/mixtapes/restore", &headers, form(&backup));
    assert_eq!(begun.status, 202, "{}", begun.text());
    program.terminate();
    assert!(program.wait().success(), "{:#?}", program.log());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let restored = runtime.block_on(async {
        let store = Store::open(&program.data()).await.unwrap();
        let mixtapes = store.mixtapes().await.unwrap().len();
        store.close().await;
        mixtapes
    });
    assert_eq!(restored, MIXTAPES);
}
