//! Whom to trust.

use muster_base::{Error, Exit};
use reqwest::{Certificate, ClientBuilder};
use std::path::Path;

/// `builder` with our TLS provider, and with the authorities in the PEM file `ca_file` beside the system's own.
pub(crate) fn trust(
    builder: ClientBuilder,
    verify: bool,
    ca_file: Option<&Path>,
) -> Result<ClientBuilder, Error> {
    // Whoever installs a provider first wins; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = builder.tls_version_min(reqwest::tls::Version::TLS_1_2);
    let Some(path) = ca_file else { return Ok(builder.tls_danger_accept_invalid_certs(!verify)) };
    let wrong = |why: String| {
        Error::new(Exit::Config, format!("cannot use the certificates in '{}': {why}", path.display()))
    };
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| wrong(error.to_string()))?;
    if certificates.is_empty() {
        return Err(wrong("there are none in it".to_owned()));
    }
    Ok(builder.tls_certs_merge(certificates).tls_danger_accept_invalid_certs(!verify))
}
