//! Where a request came from: the connection's peer, or what trusted proxies say.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use axum::extract::{ConnectInfo, Request};
use http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Whose forwarded headers count: addresses and networks, separated by commas.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[Network]>);

#[derive(Clone, Copy, Debug)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

/// A text that is no address and no network.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither an address like 10.0.0.1 nor a network like 10.0.0.0/8")]
pub struct BadNetwork(String);

impl FromStr for TrustedProxies {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let bad = || BadNetwork(text.to_owned());
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), str::parse).map_err(|_| bad())?;
        if prefix > longest {
            Err(bad())
        } else {
            Ok(Self { address, prefix })
        }
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                differ.checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                differ.checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl TrustedProxies {
    /// The client's address; `None` when the connection has none (tests, Unix sockets).
    pub fn client_of(&self, request: &Request) -> Option<IpAddr> {
        let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
        Some(self.client(peer.ip().to_canonical(), request.headers()))
    }

    /// From right to left, each proxy vouches for the one before; the first that is not
    /// trusted is the client. Anything further left anyone may have written.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let hops = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.rsplit(','));
        for hop in hops {
            if !self.trusts(client) {
                break;
            }
            let Some(before) = address_of(hop) else { break };
            client = before;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// An address, with or without a port.
fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = || {
        hop.trim_start_matches('[')
            .trim_end_matches(']')
            .parse()
            .ok()
    };
    let address: Option<IpAddr> = hop
        .parse::<SocketAddr>()
        .map(|socket| socket.ip())
        .ok()
        .or_else(bare);
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let proxies: TrustedProxies = trusted.parse().unwrap();
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_by_default() {
        assert_eq!(client("", "192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(
            client("10.0.0.0/8", "192.0.2.1", &["203.0.113.9"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn trusted_proxies_vouch_for_one_hop_each() {
        assert_eq!(
            client("10.0.0.0/8", "10.1.2.3", &["203.0.113.9"]),
            "203.0.113.9"
        );
        assert_eq!(
            client("10.0.0.0/8", "10.1.2.3", &["198.51.100.7, 203.0.113.9"]),
            "203.0.113.9",
            "the left one is made up"
        );
        assert_eq!(
            client(
                "10.0.0.0/8",
                "10.1.2.3",
                &["198.51.100.7, 203.0.113.9, 10.9.9.9"]
            ),
            "203.0.113.9"
        );
        assert_eq!(
            client("10.0.0.0/8", "10.1.2.3", &["203.0.113.9", "10.9.9.9"]),
            "203.0.113.9",
            "lines go on"
        );
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["nonsense"]), "10.1.2.3");
        assert_eq!(
            client("::1,fd00::/8", "fd00::5", &["[2001:db8::7]:4711"]),
            "2001:db8::7"
        );
        assert_eq!(
            client("0.0.0.0/0", "10.1.2.3", &["203.0.113.9"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn networks_are_checked_when_they_are_read() {
        assert!("10.0.0.0/33".parse::<TrustedProxies>().is_err());
        assert!("proxy.example.org".parse::<TrustedProxies>().is_err());
        assert!(" 10.0.0.1 , fd00::/8,".parse::<TrustedProxies>().is_ok());
    }
}
