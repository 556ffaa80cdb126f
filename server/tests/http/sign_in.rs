//! Many sign-ins at once: they take little memory, and give it back.
//! How often they may be tried is tested in `rate_limit`.

use crate::admin::FORM;
use crate::harness::PASSWORD;
use crate::program::Program;

const MEGABYTE: u64 = 1 << 20;

#[test]
fn bursts_of_sign_ins_leave_no_memory_behind() {
    let program = Program::start(&[]);
    let body = format!("password={}", PASSWORD.replace(' ', "+"));
    let browser = || {
        let reply = program.request("POST", "/login", &[FORM], &body);
        reply.cookie("ferric_browser").unwrap_or_else(|| panic!("{}", reply.text())).to_owned()
    };
    // Browsers that are known have attempts of their own.
    let browsers: Vec<_> = (0..16).map(|_| browser()).collect();
    let before = program.memory();
    let sign_in = |browser: &str| program.request("POST", "/login", &[FORM, ("Cookie", browser)], &body);
    for _ in 0..8 {
        std::thread::scope(|scope| {
            for browser in &browsers {
                let sign_in = &sign_in;
                scope.spawn(move || {
                    let reply = sign_in(browser);
                    assert_eq!(reply.status, 303, "{}", reply.text());
                });
            }
        });
    }
    let grown = program.memory().saturating_sub(before);
    assert!(grown < 64 * MEGABYTE, "{} MB more after 8 bursts of 16 sign-ins", grown / MEGABYTE);
}
