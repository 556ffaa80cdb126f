//! The program itself on a disk that takes nothing more: what is refused says why, what needs no writing goes on, and
//! with room everything works again. A limit on the size of files stands for the disk.

use serde_json::{Value, json};

use crate::admin::json as value;
use crate::harness::wav;
use crate::making::{JSON, draft};
use crate::program::Program;

#[test]
fn a_full_disk_is_named_and_with_room_everything_goes_on() {
    const SAVES: u64 = 10;
    // A process that writes beyond the limit is killed unless it ignores the signal.
    let program = Program::start_in(tempfile::tempdir().unwrap(), "trap '' XFSZ", &[]);
    program.put("song.wav", &wav(8000));
    let cookie = program.owner();
    let save = |title: &str, based_on: &Value, cookie: &str| {
        let body = json!({ "draft": draft(title, ""), "based_on": based_on }).to_string();
        program.request("POST", "/api/save", &[JSON, ("Cookie", cookie)], body)
    };
    let first = save("Before", &Value::Null, &cookie);
    assert_eq!(first.status, 200, "{}", first.text());
    let first = value(&first);
    let (slug, before) = (first["slug"].as_str().unwrap(), first["revision"].as_u64().unwrap());
    let editor = |cookie: &str| {
        program.request("GET", &format!("/editor/{slug}"), &[("Accept", "text/html"), ("Cookie", cookie)], "")
    };
    let basis = |revision: u64| json!({ "slug": slug, "revision": revision });

    program.limit_files_to(Some(0));
    for number in 0..SAVES {
        let refused = save(&format!("Refused {number}"), &basis(before), &cookie);
        assert_eq!(refused.status, 507, "{}", refused.text());
        assert!(refused.error().contains("data folder cannot be written"), "{}", refused.error());
        let page = editor(&cookie);
        assert!(page.status == 200 && page.text().contains("Before"), "the old revision is shown");
    }
    let cover = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../library/tests/files/inks.jpg")).unwrap();
    let refused = program.request("POST", "/editor/cover", &[("Cookie", cookie.as_str())], cover);
    assert_eq!(refused.status, 507, "{}", refused.text());
    assert!(refused.error().contains("data folder cannot be written"), "{}", refused.error());
    assert_eq!(program.request("GET", "/play/song.wav", &[], "").status, 200);
    let second_cookie = program.owner();
    let cleared = program.request("POST", "/admin/cache/clear", &[JSON, ("Cookie", second_cookie.as_str())], "{}");
    assert!(cleared.status < 400, "the owner makes room: {}", cleared.text());

    program.limit_files_to(None);
    for revision in before..before + SAVES {
        let saved = save(&format!("Take {revision}"), &basis(revision), &second_cookie);
        assert_eq!((saved.status, value(&saved)["revision"].as_u64()), (200, Some(revision + 1)), "{}", saved.text());
        for _ in 0..4 {
            let page = editor(&cookie).text();
            assert!(page.contains(&format!("Take {revision}")), "every read shows the newest revision");
        }
    }
}
