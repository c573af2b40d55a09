//! Settings: flag, then environment, then configuration file, then default, merged into the command's typed arguments.
//!
//! A command declares each setting once, as an argument of its clap struct; the flag's name gives the environment
//! variable (`--page-size` of section `os2mo`: `OS2MO_PAGE_SIZE`) and the key in the file (`page_size`). What clap cannot
//! hold stands in the command's [`Declaration`]: secrets, names in the old programs' files, retired settings.

mod common;
mod declaration;
mod example;
mod file;
mod given;
mod ini;
mod json;
mod keys;
mod layers;
mod secrets;
mod shown;
pub mod value;
mod variables;

pub use declaration::{Declaration, Declared, OldFile, SecretSetting, variable, variable_name};
pub use file::{Entry, File};
pub use given::{Kept, Origin, without_variables};
pub use ini::value_in;
pub use layers::Layers;
pub use secrets::Secrets;
pub use shown::Shown;
pub use variables::{Assignment, assignments};
