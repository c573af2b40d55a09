//! MIT Kerberos' GSS-API (RFC 2744): the library of the machine where we run, looked for when it is needed. So one binary
//! works with Kerberos and without, and nothing of it is needed where muster is built.
//!
//! Only here is unsafe code. Its rules: every handle has one owner, which gives it back when dropped; what the library
//! allocates is copied and given back at once; no pointer of ours outlives the call that it is passed to.

#![expect(unsafe_code, reason = "functions of a C library are called")]

mod context;
mod functions;

pub use context::Context;

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// The library is not there, and what the system says of that.
    Missing(String),
    /// A call failed: the status of RFC 2744, that of Kerberos, and the more exact of them in words.
    Refused { major: u32, minor: u32, text: String },
    /// The server did what it may not, or somebody between us.
    Broken(String),
}
