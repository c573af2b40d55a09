//! `map`: records in the target's terms.

fn main() {}
