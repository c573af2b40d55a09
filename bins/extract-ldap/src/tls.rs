//! Whom to trust, and who we are.

use muster_base::{Error, Exit};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The settings of TLS.
pub struct Tls<'a> {
    /// Whether the server's certificate is checked.
    pub verify: bool,
    /// PEM file with authorities to trust beside the system's.
    pub authorities: Option<&'a Path>,
    /// Directory of such files.
    pub directory: Option<&'a Path>,
    /// PEM files with our own certificate and its key.
    pub identity: Option<(&'a Path, &'a Path)>,
}

impl Tls<'_> {
    /// As rustls wants it. A path that is missing or holds no certificate is an error.
    pub fn configuration(&self) -> Result<Arc<ClientConfig>, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let failed =
            |error: &dyn std::fmt::Display| Error::new(Exit::Config, format!("cannot set up TLS: {error}"));
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|error| failed(&error))?;
        let verifier: Arc<dyn ServerCertVerifier> = match self.verify {
            true => WebPkiServerVerifier::builder_with_provider(Arc::new(self.roots()?), provider)
                .build()
                .map_err(|error| {
                    failed(&error).hint("name the authority that issued the certificate with --cacert-file")
                })?,
            false => Arc::new(Anybody(provider)),
        };
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
        let configuration = match self.identity {
            Some((certificate, key)) => {
                let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, &error))?;
                builder
                    .with_client_auth_cert(certificates(certificate)?, key_der)
                    .map_err(|error| failed(&error))?
            }
            None => builder.with_no_client_auth(),
        };
        Ok(Arc::new(configuration))
    }

    fn roots(&self) -> Result<RootCertStore, Error> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for path in self.files()? {
            for certificate in certificates(&path)? {
                roots.add(certificate).map_err(|error| unusable(&path, &error))?;
            }
        }
        Ok(roots)
    }

    fn files(&self) -> Result<Vec<PathBuf>, Error> {
        let mut files: Vec<PathBuf> = self.authorities.map(Path::to_owned).into_iter().collect();
        if let Some(directory) = self.directory {
            let entries = std::fs::read_dir(directory).map_err(|error| unusable(directory, &error))?;
            let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
            // What else lies in such a directory (keys, revocation lists) is none of ours.
            let mut found: Vec<PathBuf> = paths
                .filter(|path| {
                    path.is_file() && certificates(path).is_ok_and(|certificates| !certificates.is_empty())
                })
                .collect();
            if found.is_empty() {
                return Err(unusable(directory, &"there are none in it"));
            }
            found.sort();
            files.append(&mut found);
        }
        Ok(files)
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found = CertificateDer::pem_file_iter(path).map_err(|error| unusable(path, &error))?;
    let found: Vec<CertificateDer<'static>> =
        found.collect::<Result<_, _>>().map_err(|error| unusable(path, &error))?;
    if found.is_empty() { Err(unusable(path, &"there are none in it")) } else { Ok(found) }
}

fn unusable(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::new(Exit::Config, format!("cannot use the certificates in '{}': {why}", path.display()))
}

/// Takes every certificate, for `verify_ssl = false`; that the server holds its key is still checked.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
