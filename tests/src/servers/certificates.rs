//! An authority and a certificate of `localhost` and 127.0.0.1 that it issued, made by `openssl`.

use super::{put, succeed};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the PEM files are.
pub struct Certificates {
    /// The authority to trust.
    pub authority: PathBuf,
    /// The server's certificate.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

const EXTENSIONS: &str = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.9,IP:127.0.0.10,IP:127.0.0.11\n\
                          extendedKeyUsage=serverAuth,clientAuth\n";

impl Certificates {
    /// Make them in `dir`.
    pub fn create(dir: &Path) -> Self {
        put(dir, "extensions", EXTENSIONS);
        openssl(
            dir,
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=authority \
             -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem",
        );
        openssl(
            dir,
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
        );
        openssl(
            dir,
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile extensions -out server.pem",
        );
        let key = dir.join("server.key");
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        Self { authority: dir.join("ca.pem"), certificate: dir.join("server.pem"), key }
    }
}

fn openssl(dir: &Path, arguments: &str) {
    succeed(Command::new("openssl").args(arguments.split_whitespace()).current_dir(dir));
}
