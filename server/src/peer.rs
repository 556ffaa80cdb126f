//! Who is at the other end of a request: its address, and whether it came over HTTPS. A proxy before the server is
//! believed about that only when it is configured (`TRUSTED_PROXIES`).

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};
use ipnet::IpNet;

/// Addresses that are warned about; clients that send forged headers must not fill the log.
const WARNINGS: usize = 8;

/// What proxies say of the client before them; only the first is read.
const FORWARDED: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];

/// The proxies that are believed.
#[derive(Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    /// Which others have sent such headers.
    warned_of: Mutex<Vec<IpAddr>>,
}

impl TrustedProxies {
    /// Believes proxies in these networks.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self { networks, warned_of: Mutex::default() }
    }

    /// Whether a proxy at this address is believed.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Warns once about a proxy that forwards requests and is not trusted: behind it, all clients have one address and
    /// share their attempts at passwords.
    pub fn warn_of_untrusted(&self, headers: &HeaderMap, extensions: &Extensions) {
        let Some(header) = FORWARDED.into_iter().find(|name| headers.contains_key(*name)) else { return };
        let Some(address) = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical()) else {
            return;
        };
        let is_read = header == FORWARDED[0];
        if is_read && self.contains(address) {
            return;
        }
        let mut warned_of = self.warned_of.lock().unwrap_or_else(PoisonError::into_inner);
        if warned_of.len() >= WARNINGS || warned_of.contains(&address) {
            return;
        }
        warned_of.push(address);
        drop(warned_of);
        if self.contains(address) {
            tracing::warn!(%address, header, "the proxy does not say the client's address; have it send X-Forwarded-For");
        } else {
            tracing::warn!(
                %address, header,
                "a header that names the client is ignored, for it comes from an address that is not trusted; if that \
                 is your proxy, set --trusted-proxies (TRUSTED_PROXIES) to its address"
            );
        }
    }

    /// The address of the client: of the connection, or, when that is a trusted proxy's, the nearest in
    /// `X-Forwarded-For` that is none. What stands before that may be made up.
    #[must_use]
    pub fn client(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
        let connection = extensions.get::<ConnectInfo<SocketAddr>>();
        let mut client = connection.map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip().to_canonical());
        let lines = headers.get_all("x-forwarded-for").into_iter().filter_map(|line| line.to_str().ok());
        let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        for hop in hops.iter().rev() {
            match hop.parse::<IpAddr>() {
                Ok(address) if self.contains(client) => client = address.to_canonical(),
                _ => break,
            }
        }
        client
    }

    /// Whether the browser speaks HTTPS, as a trusted proxy says.
    #[must_use]
    pub fn is_https(&self, headers: &HeaderMap, extensions: &Extensions) -> bool {
        let connection = extensions.get::<ConnectInfo<SocketAddr>>();
        let is_trusted = connection.is_some_and(|info| self.contains(info.0.ip().to_canonical()));
        is_trusted && headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes() == b"https")
    }
}

/// Reads an address, or a network as in 10.0.0.0/8.
///
/// # Errors
/// A sentence that says what is needed.
pub fn parse_network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = text.parse().or_else(|_| text.parse().map(|address: IpAddr| IpNet::from(address)));
    network.map_err(|_| "an address like 127.0.0.1 or a network like 10.0.0.0/8 is needed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_configured_proxies_are_believed() {
        let client = |proxies: &[&str], connection: &str, forwarded: &[&str]| {
            let proxies = TrustedProxies::new(proxies.iter().map(|text| parse_network(text).unwrap()).collect());
            let mut headers = HeaderMap::new();
            for line in forwarded {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            let mut extensions = Extensions::new();
            extensions.insert(ConnectInfo(SocketAddr::new(connection.parse().unwrap(), 1)));
            proxies.client(&headers, &extensions).to_string()
        };
        assert_eq!(client(&[], "127.0.0.1", &["192.0.2.1"]), "127.0.0.1");
        assert_eq!(client(&["127.0.0.1"], "192.0.2.9", &["192.0.2.1"]), "192.0.2.9");
        assert_eq!(client(&["127.0.0.1"], "::ffff:127.0.0.1", &["192.0.2.1"]), "192.0.2.1");
        // The first was sent by the client itself.
        assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &["198.51.100.1, 192.0.2.1"]), "192.0.2.1");
        assert_eq!(client(&["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", &["192.0.2.1", "10.1.2.3"]), "192.0.2.1");
        assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &["192.0.2.1, nonsense"]), "127.0.0.1");
        assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &[]), "127.0.0.1");
        assert!(parse_network("10.0.0.0/33").is_err() && parse_network("proxy").is_err());
    }
}
