//! Checks that a request names this server: one valid `Host`, and not that of another site. The rest of the request is
//! not looked at.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri, Version};

/// Answered under any name: supervisors use their own name of the machine.
const HEALTH_CHECKS: [&str; 2] = ["/healthz", "/readyz"];

/// What a request says of the host it is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressee {
    /// This server.
    Ours,
    /// Another host. A site whose name leads to this server could otherwise read in a visitor's browser what is here.
    Another,
    /// It names none, several, or no valid one, as no request may since HTTP/1.1 (RFC 9112 3.2). A cache before the
    /// server could be led to keep one host's answer for another.
    Unclear,
}

/// The names of this server.
#[derive(Debug, Clone, Default)]
pub struct OwnHost(Option<Arc<str>>);

impl OwnHost {
    /// The host of this address (`PUBLIC_URL`), beside `localhost` and plain addresses; without one, every host is
    /// ours.
    #[must_use]
    pub fn of(public_url: Option<&str>) -> Self {
        let uri = public_url.and_then(|url| url.parse::<Uri>().ok());
        Self(uri.and_then(|uri| uri.host().map(|host| normalized(host).into())))
    }

    /// Whom a request with these headers is meant for.
    #[must_use]
    pub fn addressee(&self, headers: &HeaderMap, version: Version, path: &str) -> Addressee {
        let mut hosts = headers.get_all(HOST).iter().map(HeaderValue::as_bytes);
        let host = match (hosts.next(), hosts.next()) {
            (None, _) if version < Version::HTTP_11 => return Addressee::Ours,
            (Some(b""), None) => return Addressee::Ours,
            (Some(host), None) if !host.contains(&b'@') => host,
            _ => return Addressee::Unclear,
        };
        let Ok(authority) = Authority::try_from(host) else { return Addressee::Unclear };
        if self.is_ours(authority.host()) || HEALTH_CHECKS.contains(&path) {
            Addressee::Ours
        } else {
            Addressee::Another
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        let Some(own) = &self.0 else { return true };
        let host = normalized(host);
        let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        is_address || host == **own || host == "localhost"
    }
}

fn normalized(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addressee(public_url: Option<&str>, hosts: &[&str], version: Version, path: &str) -> Addressee {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(HOST, host.parse().unwrap());
        }
        OwnHost::of(public_url).addressee(&headers, version, path)
    }

    #[test]
    fn a_request_names_one_valid_host() {
        let of = |hosts: &[&str], version| addressee(None, hosts, version, "/");
        for hosts in [&["a.example"][..], &["a.example:5000"], &["[::1]:80"], &[""]] {
            assert_eq!(of(hosts, Version::HTTP_11), Addressee::Ours, "{hosts:?}");
        }
        for hosts in [&[] as &[&str], &["a", "a"], &["a b"], &["a/b"], &["user@a"]] {
            assert_eq!(of(hosts, Version::HTTP_11), Addressee::Unclear, "{hosts:?}");
        }
        assert_eq!(of(&[], Version::HTTP_10), Addressee::Ours);
    }

    #[test]
    fn with_a_public_url_other_names_are_not_ours() {
        let of = |host, path| addressee(Some("https://Tapes.example.org:8443"), &[host], Version::HTTP_11, path);
        for host in ["tapes.example.org", "TAPES.example.org.:8443", "tapes.example.org:80", "localhost:5000"] {
            assert_eq!(of(host, "/"), Addressee::Ours, "{host}");
        }
        for host in ["127.0.0.1", "192.168.0.2:5000", "[2001:db8::1]:5000", "10.0.0.1"] {
            assert_eq!(of(host, "/"), Addressee::Ours, "{host}");
        }
        for host in ["evil.example", "tapes.example.org.evil.example", "xtapes.example.org", "127.0.0.1.evil.example"] {
            assert_eq!(of(host, "/share/x"), Addressee::Another, "{host}");
            assert_eq!(of(host, "/healthz"), Addressee::Ours, "{host}");
        }
    }
}
