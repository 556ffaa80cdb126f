//! How often passwords may be tried over HTTP: each password by itself, and the owner always gets in.
//! The counting itself is tested in `server::rate_limit`.

use model::limits::password_attempts::{BURST, PER_CLIENT};
use model::{AccessChange, SharingChange};
use server::peer::{TrustedProxies, parse_network};
use server::state::OnMiss;

use crate::admin::{FORM, tape};
use crate::client::Reply;
use crate::harness::{PASSWORD, TestServer};

/// A server that believes what the tests say of their addresses, with tapes that have the password “drizzle”.
fn server_with(tapes: &[&str]) -> TestServer {
    let server = TestServer::start_configured(OnMiss::Transcode, |parts| {
        parts.proxies = TrustedProxies::new(vec![parse_network("127.0.0.1").unwrap()]);
    });
    for slug in tapes {
        locked(&server, slug, "drizzle");
    }
    server
}

/// Makes a mixtape that asks for this password.
pub fn locked(server: &TestServer, slug: &str, password: &str) {
    tape(server, slug, &[]);
    let access = AccessChange::Password(Some(password.to_owned()));
    let change = SharingChange { access, expires_at: None, downloads: false };
    server.block_on(server.store.set_sharing(&slug.parse().unwrap(), &change)).unwrap();
}

fn try_password(server: &TestServer, target: &str, password: &str, from: &str, cookie: &str) -> Reply {
    let headers = [FORM, ("X-Forwarded-For", from), ("Cookie", cookie)];
    server.request_with_body("POST", target, &headers, format!("password={}", password.replace(' ', "+")))
}

#[test]
fn a_tape_that_opens_does_not_loosen_the_limit_of_the_owners_password() {
    let server = server_with(&["rain"]);
    let from = "192.0.2.1";
    let mut looked_at = 0;
    for guess in 0..12 {
        let reply = try_password(&server, "/login", &format!("guess {guess}"), from, "");
        looked_at += usize::from(reply.status == 401);
        assert!(matches!(reply.status, 401 | 429), "{}", reply.status);
        if guess % 4 == 3 {
            assert_eq!(try_password(&server, "/share/rain", "drizzle", from, "").status, 303);
        }
    }
    assert_eq!(looked_at, PER_CLIENT);
}

#[test]
fn a_tape_that_opens_does_not_loosen_the_limit_of_another() {
    let server = server_with(&["rain", "tea"]);
    let from = "192.0.2.1";
    let mut looked_at = 0;
    for guess in 0..12 {
        looked_at += usize::from(try_password(&server, "/share/tea", "thunder", from, "").status == 401);
        if guess % 4 == 3 {
            assert_eq!(try_password(&server, "/share/rain", "drizzle", from, "").status, 303);
        }
    }
    assert_eq!(looked_at, PER_CLIENT);
}

#[test]
fn attempts_at_a_tape_from_many_addresses_do_not_keep_the_owner_out() {
    let server = server_with(&["rain"]);
    for number in 0..BURST {
        let from = format!("192.0.2.{number}");
        assert_eq!(try_password(&server, "/share/rain", "thunder", &from, "").status, 401);
    }
    assert_eq!(try_password(&server, "/login", PASSWORD, "192.0.2.1", "").status, 303);
}

#[test]
fn a_browser_that_has_signed_in_before_gets_in_when_its_address_and_all_others_have_used_up_theirs() {
    let server = server_with(&[]);
    let from = "192.0.2.1";
    let first = try_password(&server, "/login", PASSWORD, from, "");
    let (session, browser) = (first.cookie("ferric_session").unwrap(), first.cookie("ferric_browser").unwrap());
    for number in 0..BURST {
        let from = format!("192.0.2.{}", number / 4);
        assert_eq!(try_password(&server, "/login", "wrong", &from, "").status, 401, "{number}");
    }
    assert_eq!(try_password(&server, "/login", "wrong", from, "").status, 401);
    assert_eq!(try_password(&server, "/login", PASSWORD, from, "").status, 429, "an unknown browser");
    let again = try_password(&server, "/login", PASSWORD, from, browser);
    assert_eq!((again.status, again.cookie("ferric_browser")), (303, None), "it is known already");
    // It has a limit of its own, which ends when the owner signs out everywhere.
    for _ in 0..PER_CLIENT {
        assert_eq!(try_password(&server, "/login", "wrong", "192.0.2.200", browser).status, 401);
    }
    assert_eq!(try_password(&server, "/login", PASSWORD, "192.0.2.200", browser).status, 429);
    let everywhere = server.request_with_body("POST", "/logout", &[FORM, ("Cookie", session)], "everywhere=1");
    assert_eq!(everywhere.status, 303);
    assert_eq!(try_password(&server, "/login", PASSWORD, from, browser).status, 429);
}
