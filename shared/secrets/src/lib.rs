//! Where secrets are kept: an encrypted file, the desktop's Secret Service, the kernel's keyring, HashiCorp Vault, CyberArk
//! Conjur.
//!
//! A secret has a name (of the section that uses it, or its alias) and a key. [`Strongbox`] knows in which [`Backend`] the
//! secrets of one name are kept, opens it when it is first needed, and keeps it open. A [`Reference`]
//! (`strongbox://ldap/password`) is how a setting names a secret. Nothing here is asynchronous: a command gets its secrets
//! before it begins.

mod apart;
mod backend;
mod cache;
mod conjur;
mod file;
mod kernel;
mod keyring;
mod keyutils;
mod opening;
mod options;
pub mod plain;
mod reference;
mod remote;
mod strongbox;
mod vault;

pub use backend::{Backend, Change, Found, Kind, Listed};
pub use file::{File, Protection, State};
pub use opening::opening_variables;
pub use options::{Options, SETTINGS};
pub use reference::Reference;
pub use strongbox::Strongbox;
