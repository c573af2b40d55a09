//! Whom to trust, and who we are.

use muster_base::{Error, Exit, private};
use reqwest::{Certificate, ClientBuilder, Identity};
use std::path::{Path, PathBuf};

/// Certificates, as files name them.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Whether the server's certificate is checked.
    pub verify: bool,
    /// A PEM file of authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// A directory of such files.
    pub ca_dir: Option<PathBuf>,
    /// A PEM file with our certificate and its key, for servers that ask who we are.
    pub user_pem_file: Option<PathBuf>,
    /// How a person names `ca_file`: a flag or a setting.
    pub authority_setting: &'static str,
}

impl Default for Tls {
    /// The system's authorities, and no certificate of ours.
    fn default() -> Self {
        Self {
            verify: true,
            ca_file: None,
            ca_dir: None,
            user_pem_file: None,
            authority_setting: "--cacert-file",
        }
    }
}

impl Tls {
    /// `builder` with our TLS provider, TLS 1.2 or newer, and these certificates.
    pub(crate) fn apply(&self, builder: ClientBuilder) -> Result<ClientBuilder, Error> {
        // Whoever installs a provider first wins; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = builder
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .tls_danger_accept_invalid_certs(!self.verify);
        let authorities = self.authorities()?;
        if !authorities.is_empty() {
            builder = builder.tls_certs_merge(authorities);
        }
        match &self.user_pem_file {
            Some(path) => Ok(builder.identity(identity(path)?)),
            None => Ok(builder),
        }
    }

    fn authorities(&self) -> Result<Vec<Certificate>, Error> {
        let mut found = match &self.ca_file {
            Some(path) => certificates(path, &read(path)?)?,
            None => Vec::new(),
        };
        if let Some(directory) = &self.ca_dir {
            found.extend(authorities_in(directory)?);
        }
        Ok(found)
    }
}

/// The certificates of all PEM files of a directory; other files there are passed over.
fn authorities_in(directory: &Path) -> Result<Vec<Certificate>, Error> {
    let entries = std::fs::read_dir(directory).map_err(|error| unusable(directory, error))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unusable(directory, error))?;
    paths.sort();
    let mut found = Vec::new();
    for path in paths.iter().filter(|path| path.is_file()) {
        let pem = read(path)?;
        if has_certificate(&pem) {
            found.extend(certificates(path, &pem)?);
        }
    }
    match found.is_empty() {
        true => Err(unusable(directory, "no file in it holds one")),
        false => Ok(found),
    }
}

fn has_certificate(pem: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
    pem.windows(BEGIN.len()).any(|window| window == BEGIN)
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<Certificate>, Error> {
    let found = Certificate::from_pem_bundle(pem).map_err(|error| unusable(path, error))?;
    match found.is_empty() {
        true => Err(unusable(path, "there are none in it")),
        false => Ok(found),
    }
}

fn identity(path: &Path) -> Result<Identity, Error> {
    private::refuse_open(path, "holds the key of our certificate")?;
    let wrong = || unusable(path, "it must hold one and its unencrypted key, both as PEM");
    Identity::from_pem(&read(path)?).map_err(|_| wrong())
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::new(Exit::Config, format!("cannot use the certificates in '{}': {why}", path.display()))
}
