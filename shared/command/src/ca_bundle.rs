//! The one setting of older programs that says both whether and by which authorities a certificate is checked.

use crate::Connection;
use muster_settings::value;
use std::path::PathBuf;

/// What an older program's settings say of certificates: flattened into the arguments of a command that reads such a file.
#[derive(clap::Args, Clone, Debug)]
pub struct CaBundle {
    // Only for files: on the command line there are --verify-ssl and --cacert-file.
    #[arg(long, value_name = "BOOL-or-FILE", hide = true, value_parser = trust)]
    ca_bundle: Option<Bundle>,
}

#[derive(Clone, Debug)]
enum Bundle {
    Checked(bool),
    By(PathBuf),
}

impl CaBundle {
    /// `connection` as this changes it: `false` checks no certificate, a file names further authorities.
    pub fn on(&self, connection: &Connection) -> Connection {
        let mut connection = connection.clone();
        match &self.ca_bundle {
            Some(Bundle::Checked(checked)) => connection.trust.verify_ssl &= checked,
            Some(Bundle::By(file)) => {
                connection.trust.cacert_file.get_or_insert_with(|| file.clone());
            }
            None => (),
        }
        connection
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a value parser gives a result")]
fn trust(text: &str) -> Result<Bundle, String> {
    Ok(value::boolean(text).map_or_else(|_| Bundle::By(PathBuf::from(text)), Bundle::Checked))
}
