//! What every crate of muster stands on.
