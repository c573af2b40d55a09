//! Where the directory is: `ldap://host[:389]`, `ldaps://host[:636]`, `ldapi://%2Fpath%2Fof%2Fsocket`.

use muster_base::{Error, Exit};
use std::net::IpAddr;
use url::{Host, Url};

/// The address of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A host and port; whether TLS begins at once.
    Host { name: String, port: u16, tls: bool },
    /// A socket of this machine.
    Socket(String),
}

impl Address {
    /// The servers of a setting: URLs parted by blanks, to be tried in this order.
    pub fn list(text: &str) -> Result<Vec<Self>, Error> {
        let addresses: Vec<Self> = text.split_whitespace().map(Self::parse).collect::<Result<_, _>>()?;
        if addresses.is_empty() { Err(Error::new(Exit::Config, "'url' is empty")) } else { Ok(addresses) }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |why: &str| {
            Error::new(Exit::Config, format!("'{text}' is no address of a directory: {why}"))
                .hint("write ldaps://host, ldap://host or ldapi://%2Fpath")
        };
        let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::new(Exit::Config, "the address of the directory holds credentials")
                .hint("set 'username' and the secret 'password'"));
        }
        let tls = match url.scheme() {
            "ldap" => false,
            "ldaps" => true,
            "ldapi" => {
                let path = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
                let path = unescaped(&path);
                let path = path.trim_end_matches('/');
                return match path.starts_with('/') {
                    true => Ok(Self::Socket(path.to_owned())),
                    false => Err(wrong("the path of the socket is missing")),
                };
            }
            _ => return Err(wrong("the scheme is another")),
        };
        if !matches!(url.path(), "" | "/") {
            return Err(wrong("a path does not belong here, the base stands in 'base_dn'"));
        }
        let name = match url.host().ok_or_else(|| wrong("the host is missing"))? {
            Host::Domain(name) => unescaped(name),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let port = url.port().unwrap_or(if tls { 636 } else { 389 });
        Ok(Self::Host { name, port, tls })
    }

    /// The address of a server of which host and port are given apart; `host` may be a whole URL.
    pub fn url_of(host: &str, port: Option<u16>) -> String {
        let whole = host.contains("://");
        let scheme = if matches!(port, None | Some(636 | 3269)) { "ldaps" } else { "ldap" };
        let base = if whole { host.trim_end_matches('/').to_owned() } else { format!("{scheme}://{host}") };
        port.map_or_else(|| base.clone(), |port| format!("{base}:{port}"))
    }

    /// Whether what is sent stays on this machine or is encrypted.
    pub fn is_private(&self, start_tls: bool) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Host { tls, .. } if *tls || start_tls => true,
            Self::Host { name, .. } => {
                name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
            }
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Host { name, port, tls } => {
                let scheme = if *tls { "ldaps" } else { "ldap" };
                let name = if name.contains(':') { format!("[{name}]") } else { name.clone() };
                write!(f, "{scheme}://{name}:{port}")
            }
            Self::Socket(path) => write!(f, "ldapi://{path}"),
        }
    }
}

/// `text` without its percent escapes; what is no UTF-8 then stays as it is.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        Address::list(text).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn addresses_have_a_host_and_port_or_a_socket() {
        assert_eq!(shown("ldap://a ldaps://b/"), ["ldap://a:389", "ldaps://b:636"]);
        assert_eq!(shown("ldaps://[::1]:1636"), ["ldaps://[::1]:1636"]);
        assert_eq!(shown("ldapi://%2Frun%2Fldapi/"), ["ldapi:///run/ldapi"]);
        for text in
            ["", "ldap.example.org", "http://a", "ldap://", "ldap://u:p@a", "ldap://a/dc=x", "ldapi://"]
        {
            assert!(Address::list(text).is_err(), "{text}");
        }
    }

    #[test]
    fn host_and_port_apart_are_an_address() {
        assert_eq!(Address::url_of("dc1", None), "ldaps://dc1");
        assert_eq!(Address::url_of("dc1", Some(636)), "ldaps://dc1:636");
        assert_eq!(Address::url_of("dc1", Some(389)), "ldap://dc1:389");
        assert_eq!(Address::url_of("ldap://dc1/", Some(390)), "ldap://dc1:390");
    }

    #[test]
    fn only_loopback_and_tls_are_private() {
        let is_private = |text: &str, start_tls| Address::parse(text).unwrap().is_private(start_tls);
        assert!(is_private("ldap://127.0.0.9", false) && is_private("ldap://[::1]", false));
        assert!(is_private("ldaps://a", false) && is_private("ldap://a", true));
        assert!(!is_private("ldap://10.0.0.1", false) && !is_private("ldap://a", false));
    }
}
