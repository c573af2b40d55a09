//! A line of any bytes: never a panic, and the quick reading takes exactly what the thorough one takes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use muster_stream::{Line, Scan, Wanted};

fuzz_target!(|bytes: &[u8]| {
    let parsed = Line::parse(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        assert!(parsed.is_err(), "no UTF-8 was taken");
        return;
    };
    if text.contains('\n') {
        return;
    }
    let mut wanted = Wanted::default();
    wanted.path(["a"]);
    wanted.path(["a", "0", "b"]);
    let no_json = ["the line is empty", "the line begins with a byte-order mark"];
    let is_json = match &parsed {
        Ok(_) => true,
        Err(bad) => !bad.reason.starts_with("not a JSON object") && !no_json.contains(&bad.reason.as_str()),
    };
    assert_eq!(Scan::default().read(text, 0, text.len(), &wanted), is_json, "{parsed:?}");
});
