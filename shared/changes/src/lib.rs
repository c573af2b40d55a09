//! Records compared: the canonical form that says when two of them are equal, its hash, and the changes between streams.
//!
//! [`compare`] reads two streams and gives a [`Difference`]: the steps that make the current one the desired one.
//! [`Rules`] say what of two records is compared.

mod apply;
mod canonical;
mod compare;
mod count;
mod difference;
pub mod html;
mod index;
mod input;
mod join;
mod judge;
mod members;
mod name;
mod options;
pub mod patch;
pub mod pointer;
#[cfg(test)]
mod properties;
mod scan;
mod show;
mod side;
mod sorted;
mod sorter;
mod spool;
mod summary;
pub mod text;
mod ties;

pub use apply::apply;
pub use canonical::{FORM, Hash, canonical, hash};
pub use compare::Rules;
pub use count::{counted, thousands};
pub use difference::{Difference, Step, compare};
pub use members::Members;
pub use options::{Limit, Options, Protect};
pub use show::{Showing, show};
pub use summary::{Counts, Summary};
