//! A spec of any text, and a stream mapped by it: never a panic, never without end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use muster_mapping::{Options, Spec, run};
use muster_stream::Writer;
use std::collections::BTreeMap;
use std::num::NonZero;

const STREAM: &str = concat!(
    r#"{"_kind":"user","_key":"1","_unknown":["/d"],"a":["x",{"b":1.50}],"c":{"e":"Ane Larsen"},"n":null}"#,
    "\n",
    r#"{"_op":"delete","_kind":"user","_key":"2"}"#,
    "\n"
);

fuzz_target!(|text: &str| {
    // An engine lives as long as its process: only small ones, or memory is at an end before anything is found.
    if text.len() > 2000 || text.contains("\"extends\"") || text.contains("\"tables\"") {
        return;
    }
    if let Ok(spec) = Spec::parse("fuzz", text)
        && let Ok(engine) = spec.compile(BTreeMap::new())
    {
        let mut output = Writer::new(Box::new(std::io::sink()), "fuzz");
        let options = Options { workers: NonZero::new(1), ..Options::default() };
        let _ = run(&engine, STREAM.as_bytes(), &mut output, None, &options);
    }
});
