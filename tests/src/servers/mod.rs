//! Real servers for tests: started on a free port in a folder of their own, stopped when dropped.
//!
//! A test that needs a program which is not installed says so and passes; under `CI=true` it fails instead.

mod certificates;
pub mod kerberos;
pub mod openldap;
pub mod samba;
pub mod scripted_ldap;

pub use certificates::Certificates;
pub use kerberos::Kdc;
pub use openldap::OpenLdap;
pub use samba::Samba;
pub use scripted_ldap::ScriptedLdap;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The longest wait for a server to answer.
const READY: Duration = Duration::from_secs(60);

/// The program `name`, on the path or where Debian keeps servers. None, said aloud, when it is not installed.
pub fn program(name: &str, package: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "there is no {name} here (package {package})");
        println!("skipped: there is no {name} here (package {package})");
    }
    found
}

/// The program `name`, in the same places; none when it is not installed.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/lib/ldap".into()]);
    places.map(|place| place.join(name)).find(|path| path.is_file())
}

/// A port of `address` that nobody listens on. Somebody may be quicker: whoever uses it must try again then.
pub fn free_port(address: &str) -> u16 {
    TcpListener::bind((address, 0)).unwrap().local_addr().unwrap().port()
}

/// Ask `ready` until it says yes; false when `failed` says that it never will.
pub fn wait_until(mut ready: impl FnMut() -> bool, mut failed: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if ready() {
            return true;
        }
        if failed() {
            return false;
        }
        assert!(begun.elapsed() < READY, "the server does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Run `command` to its end and give what it printed; anything but success fails the test.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Write `text` to a file of `dir`.
pub fn put(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}
