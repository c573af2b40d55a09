//! The quick reading of a line takes exactly what the thorough one takes, and finds the same.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use muster_stream::{Line, Scan, Value, Wanted};
use proptest::prelude::*;

/// JSON written in all the ways in which it may be written: blanks, escapes, exponents, many members, some twice.
fn json(depth: u32) -> BoxedStrategy<String> {
    let blank = prop_oneof![8 => Just(""), 1 => Just(" "), 1 => Just("\t")];
    let text = prop_oneof![
        20 => "[a-zæ ]{0,12}",
        4 => Just(r#"\u00e6\n\""#.to_owned()),
        4 => Just(r"\ud83d\ude00/\/".to_owned()),
        1 => "[a-c]{0,9}\\\\[a-z0-9\"\\\\/]{0,6}",
        1 => Just("\u{1}".to_owned()),
    ];
    let number =
        prop_oneof!["-?[0-9]{1,4}", "[1-9][0-9]{0,3}\\.[0-9]{0,3}", "-?[0-9]{1,2}[eE][+-]?[0-9]{0,2}"];
    let scalar = prop_oneof![
        4 => text.clone().prop_map(|text| format!("\"{text}\"")),
        2 => number,
        4 => prop_oneof![Just("null"), Just("true"), Just("false")].prop_map(str::to_owned),
        1 => prop_oneof![9 => Just("[]"), 1 => Just("nul"), 1 => Just("")].prop_map(str::to_owned),
    ];
    if depth == 0 {
        return scalar.boxed();
    }
    let name = prop_oneof![8 => "[a-z_]{1,9}", 1 => Just(r"\u0061".to_owned()), 1 => text];
    let pair = (blank.clone(), name, blank.clone(), json(depth - 1));
    let pair =
        pair.prop_map(|(before, name, after, value)| format!("{before}\"{name}\"{after}:{value}{after}"));
    let items = (blank, prop::collection::vec(json(depth - 1), 0..4));
    prop_oneof![
        1 => scalar,
        1 => items.prop_map(|(blank, items)| format!("[{blank}{}]", items.join(&format!("{blank},")))),
        2 => prop::collection::vec(pair, 0..6).prop_map(|pairs| format!("{{{}}}", pairs.join(","))),
    ]
    .boxed()
}

fn object() -> impl Strategy<Value = String> {
    prop::collection::vec(json(3), 0..5).prop_map(|values| {
        let members = values.iter().enumerate().map(|(at, value)| format!(",\"m{at}\":{value}"));
        format!("{{\"_kind\":\"k\",\"_key\":\"1\"{}}}", members.collect::<String>())
    })
}

/// A scan of `line` in the middle of a text, and what is wanted of it.
fn scanned(line: &str, wanted: &Wanted) -> Option<(Scan, String)> {
    let text = format!("before\n{line}\nbehind");
    let mut scan = Scan::default();
    scan.read(&text, 7, 7 + line.len(), wanted).then_some((scan, text))
}

fn agree(line: &str) -> Result<(), TestCaseError> {
    let mut wanted = Wanted::default();
    let (all, deep) = (wanted.path(["m0"]), wanted.path(["m0", "0"]));
    let found = scanned(line, &wanted);
    let parsed = Line::parse(line.as_bytes());
    let is_json = !matches!(&parsed, Err(bad) if bad.reason.starts_with("not a JSON object"));
    prop_assert_eq!(found.is_some(), is_json, "{} {:?}", line, parsed);
    let (Some((scan, text)), Ok(Line::Record(record))) = (found, parsed) else { return Ok(()) };
    let members =
        scan.members().iter().map(|(name, value)| (name.string(&text).into_owned(), value.value(&text)));
    prop_assert_eq!(&members.collect::<muster_stream::Map>(), record.map());
    for ((_, span), value) in scan.members().iter().zip(record.map().values()) {
        let mut bytes = Vec::new();
        span.write(&text, &mut bytes);
        prop_assert_eq!(String::from_utf8(bytes).unwrap(), value.to_string());
    }
    let value = |slot| scan.slot(slot).map(|span| span.value(&text));
    prop_assert_eq!(value(all), record.map().get("m0").cloned());
    let below = match record.map().get("m0") {
        Some(Value::Object(map)) => map.get("0"),
        Some(Value::Array(items)) => items.first(),
        _ => None,
    };
    prop_assert_eq!(value(deep), below.cloned());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_may_be_written_is_read_alike(line in object()) {
        agree(&line)?;
    }

    #[test]
    fn a_garbled_line_is_judged_alike(line in object(), at in any::<prop::sample::Index>(), byte in 0u8..127) {
        let mut bytes = line.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(line) = std::str::from_utf8(&bytes) {
            agree(line)?;
        }
    }

    #[test]
    fn of_many_members_none_stands_twice(count in 20usize..80, twice in any::<prop::sample::Index>()) {
        let mut names: Vec<String> = (0..count).map(|at| format!("member-{at}")).collect();
        let line = |names: &[String]| {
            let members: String = names.iter().map(|name| format!(",\"{name}\":1")).collect();
            format!("{{\"_kind\":\"k\",\"_key\":\"1\"{members}}}")
        };
        agree(&line(&names))?;
        prop_assert!(scanned(&line(&names), &Wanted::default()).is_some());
        names.push(names[twice.index(count)].replace('m', "\\u006d"));
        prop_assert!(scanned(&line(&names), &Wanted::default()).is_none());
    }
}

#[test]
fn depth_is_bounded_alike() {
    for depth in 120..135 {
        let line = format!(r#"{{"_kind":"k","_key":"1","a":{}1{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert_eq!(
            scanned(&line, &Wanted::default()).is_some(),
            Line::parse(line.as_bytes()).is_ok(),
            "{depth}"
        );
    }
}
