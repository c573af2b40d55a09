//! A spec and a stream in, the stream that came of it out.

use muster_mapping::{Options, Spec, Summary, run};
use muster_stream::Writer;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `input` mapped by `spec`: the summary, and the lines with their times taken out.
pub(crate) fn mapped(spec: &Spec, settings: BTreeMap<String, Value>, input: &[u8]) -> (Summary, Vec<String>) {
    let engine = spec.compile(settings).unwrap_or_else(|error| panic!("{error}"));
    let bytes = Bytes::default();
    let mut output = Writer::new(Box::new(bytes.clone()), "map 0.1.0");
    let summary = run(&engine, input, &mut output, None, &Options::default()).unwrap();
    let text = String::from_utf8(bytes.0.lock().unwrap().clone()).unwrap();
    (summary, text.lines().map(timeless).collect())
}

/// The `_end` with `…` for its times.
fn timeless(line: &str) -> String {
    if !line.starts_with(r#"{"_kind":"_end""#) {
        return line.to_owned();
    }
    let mut end: Value = serde_json::from_str(line).unwrap();
    for time in ["started", "ended"] {
        end[time] = "…".into();
    }
    end.to_string()
}
