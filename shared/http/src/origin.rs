//! Where requests may go: redirects stay with scheme, host and port, or go to hosts that the caller named.

use crate::Request;
use muster_base::{Error, Exit};
use url::Url;

/// Whether the host of `url` is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The address that `location`, which answered a request to `from`, leads to.
pub(crate) fn followed(request: &Request, from: &Url, location: &str) -> Result<Url, Error> {
    let elsewhere = |url: &str| {
        Error::new(Exit::Protocol, format!("the server redirects to another origin, '{url}'"))
            .at(request)
            .hint("set the address of that server if it is meant")
    };
    // What stands behind the path may be a secret.
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let mut url = from.join(location).map_err(|_| elsewhere(path))?;
    if url.origin() == request.url.origin() || is_allowed(request, &url) {
        return Ok(url);
    }
    url.set_query(None);
    url.set_fragment(None);
    Err(elsewhere(url.as_str()))
}

/// Whether the caller named the host of `url` as one of the same service. The scheme stays the same in any case.
fn is_allowed(request: &Request, url: &Url) -> bool {
    let (Some(host), true) = (url.host_str(), url.scheme() == request.url.scheme()) else { return false };
    let with_port = url.port().map(|port| format!("{host}:{port}"));
    request
        .allow_hosts
        .iter()
        .any(|allowed| Some(allowed) == with_port.as_ref() || (with_port.is_none() && allowed == host))
}
