//! A front that speaks TLS before a server that does not, on a free port of 127.0.0.1 until it is dropped.

use crate::servers::Certificates;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A running front.
pub struct TlsFront {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl TlsFront {
    /// Carry connections on to `behind` (`http://127.0.0.1:<port>`). With `asks`, only clients whose certificate the same
    /// authority issued get through.
    pub fn start(behind: &str, certificates: &Certificates, asks: bool) -> Self {
        let behind: SocketAddr = behind.trim_start_matches("http://").parse().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(configuration(certificates, asks)));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(carry(acceptor.clone(), connection, behind));
            }
        });
        Self { address, _runtime: runtime }
    }

    /// `https://127.0.0.1:<port>`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

fn configuration(certificates: &Certificates, asks: bool) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let builder = match asks {
        false => builder.with_no_client_auth(),
        true => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(&certificates.authority).unwrap()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let chain =
        CertificateDer::pem_file_iter(&certificates.certificate).unwrap().map(Result::unwrap).collect();
    builder.with_single_cert(chain, PrivateKeyDer::from_pem_file(&certificates.key).unwrap()).unwrap()
}

async fn carry(acceptor: TlsAcceptor, connection: TcpStream, behind: SocketAddr) {
    // A client that does not trust us hangs up here.
    let Ok(mut front) = acceptor.accept(connection).await else { return };
    let Ok(mut back) = TcpStream::connect(behind).await else { return };
    let _ = tokio::io::copy_bidirectional(&mut front, &mut back).await;
}
