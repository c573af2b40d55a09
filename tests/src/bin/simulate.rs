//! Starts a simulator by hand: `simulate os2mo`, `simulate os2sync`.

fn main() {}
