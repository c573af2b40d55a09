//! No partial segment is ever taken for a whole one: streams cut at every byte, concatenated, reordered and garbled.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use muster_stream::{Item, Map, Reader, Record, Segment, Whole, Writer};
use proptest::prelude::*;
use std::io::Write;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// One line to write: a record of one of three kinds, or an error.
#[derive(Clone, Debug)]
enum Wanted {
    Record(&'static str, String),
    Error(String),
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![
        6 => (prop_oneof![Just("user"), Just("org_unit"), Just("team")], "[a-zæ\"\\\\]{1,4}")
            .prop_map(|(kind, key)| Wanted::Record(kind, key)),
        1 => "[a-z]{1,4}".prop_map(Wanted::Error),
    ]
}

fn segments() -> impl Strategy<Value = Vec<Vec<Wanted>>> {
    prop::collection::vec(prop::collection::vec(wanted(), 0..5), 1..4)
}

/// The bytes of a stream, one segment after another.
fn written(segments: &[Vec<Wanted>]) -> Vec<u8> {
    let output = Shared::default();
    let mut writer = Writer::new(Box::new(output.clone()), "test 1");
    for (index, segment) in segments.iter().enumerate() {
        writer.scope(format!("scope {index}"));
        for line in segment {
            match line {
                Wanted::Record(kind, key) => {
                    let mut members = Map::new();
                    members.insert("name".to_owned(), key.as_str().into());
                    writer.write(&Record::new(kind, key, members)).unwrap();
                }
                Wanted::Error(key) => writer.unreadable("user", key, "HTTP 500").unwrap(),
            }
        }
        writer.end(None).unwrap();
    }
    output.0.lock().unwrap().clone()
}

/// The segments of `bytes`, and how many objects each named.
fn read(bytes: &[u8]) -> Vec<(Segment, usize)> {
    let mut reader = Reader::new(bytes);
    let (mut segments, mut named) = (Vec::new(), 0);
    while let Some(item) = reader.next_item().unwrap() {
        match item {
            Item::Segment(segment) => segments.push((segment, std::mem::take(&mut named))),
            Item::Line(_) => named += 1,
            Item::Bad(bad) => named += usize::from(bad.about.is_some()),
        }
    }
    segments
}

fn whole(segments: &[(Segment, usize)]) -> usize {
    segments.iter().filter(|(segment, _)| segment.whole == Whole::Yes).count()
}

/// Positions right behind each `_end` line.
fn boundaries(bytes: &[u8]) -> Vec<usize> {
    let mut position = 0;
    let mut found = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        position += line.len();
        if line.starts_with(b"{\"_kind\":\"_end\"") {
            found.push(position);
        }
    }
    found
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_intact_stream_is_whole(wanted in segments()) {
        let segments = read(&written(&wanted));
        prop_assert_eq!(whole(&segments), wanted.len());
        prop_assert_eq!(segments.len(), wanted.len());
    }

    #[test]
    fn a_cut_at_any_byte_leaves_only_whole_segments_that_were_whole(wanted in segments()) {
        let bytes = written(&wanted);
        let ends = boundaries(&bytes);
        for cut in 0..bytes.len() {
            let segments = read(&bytes[..cut]);
            prop_assert_eq!(whole(&segments), ends.iter().filter(|end| **end <= cut).count(), "cut at {}", cut);
            let last_is_whole = segments.last().is_some_and(|(segment, _)| segment.whole == Whole::Yes);
            prop_assert_eq!(last_is_whole, ends.contains(&cut), "cut at {}", cut);
        }
    }

    #[test]
    fn concatenated_streams_keep_their_own_verdicts(a in segments(), b in segments(), cut in 0usize..1000) {
        let (mut a, b) = (written(&a), written(&b));
        let ends = boundaries(&a);
        a.truncate(cut.min(a.len()));
        let whole_before = ends.iter().filter(|end| **end <= a.len()).count();
        let torn = !a.is_empty() && !ends.contains(&a.len());
        let joined: Vec<u8> = [a, b.clone()].concat();
        let whole_after = whole(&read(&joined));
        // A torn tail spoils the segment it runs into, and no other.
        prop_assert!(whole_after >= whole_before + boundaries(&b).len().saturating_sub(2));
        prop_assert!(whole_after <= whole_before + boundaries(&b).len() - usize::from(torn));
    }

    #[test]
    fn a_line_lost_doubled_or_moved_to_another_segment_shows(wanted in segments(), at in any::<prop::sample::Index>(),
            to in any::<prop::sample::Index>()) {
        let bytes = written(&wanted);
        let all = lines(&bytes);
        let at = at.index(all.len());
        let is_end = all[at].starts_with(b"{\"_kind\":\"_end\"");

        let mut lost = all.clone();
        let line = lost.remove(at);
        let lost_bytes = lost.concat();
        // Without its `_end` an empty segment is gone without a trace: nothing was in it to be lost.
        let traceless = is_end && (at == 0 || all[at - 1].starts_with(b"{\"_kind\":\"_end\""));
        prop_assert!(whole(&read(&lost_bytes)) < wanted.len() || traceless);

        let mut doubled = all.clone();
        doubled.insert(at, line.clone());
        if !is_end {
            prop_assert!(whole(&read(&doubled.concat())) < wanted.len());
        }

        let to = to.index(lost.len() + 1);
        let segment_of = |lines: &[Vec<u8>], at: usize| lines[..at].iter()
            .filter(|line| line.starts_with(b"{\"_kind\":\"_end\"")).count();
        let moved_across = segment_of(&all, at) != segment_of(&lost, to);
        lost.insert(to, line);
        if !is_end && moved_across {
            prop_assert!(whole(&read(&lost.concat())) < wanted.len());
        } else if !is_end {
            prop_assert_eq!(whole(&read(&lost.concat())), wanted.len());
        }
    }

    #[test]
    fn a_garbled_byte_never_hides_an_object(wanted in segments(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = written(&wanted);
        let before = read(&bytes);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let mut reader = Reader::new(bytes.as_slice());
        while let Ok(Some(_)) = reader.next_item() {}
        // A stream that cannot be read at all (two forms) is an error, never a whole segment.
        let after = std::panic::catch_unwind(|| read(&bytes)).unwrap_or_default();
        for (segment, named) in &after {
            if let (Whole::Yes, Some(end)) = (&segment.whole, &segment.end) {
                let same = before.iter().any(|(other, count)| {
                    count == named && other.end.as_ref().is_some_and(|o| o.records == end.records)
                });
                prop_assert!(same, "a whole segment of {} objects came out of garbling", named);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_are_never_a_whole_segment(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(whole(&read(&bytes)), 0);
    }
}

#[test]
fn an_empty_input_is_partial() {
    let segments = read(b"");
    assert_eq!(segments.len(), 1);
    assert_eq!(segments[0].0.whole, Whole::No("the input is empty".to_owned()));
}

#[test]
fn lines_behind_the_last_end_are_partial() {
    let mut bytes = written(&[vec![Wanted::Record("user", "a".to_owned())]]);
    bytes.extend_from_slice(b"{\"_kind\":\"user\",\"_key\":\"b\"}\n");
    assert_eq!(read(&bytes).iter().map(|(s, _)| s.whole == Whole::Yes).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_hand_made_file_may_be_assumed_complete_but_not_one_with_a_flaw() {
    let verdict = |text: &str| {
        let mut reader = Reader::new(text.as_bytes()).assume_complete(true);
        let mut verdicts = Vec::new();
        while let Some(item) = reader.next_item().unwrap() {
            if let Item::Segment(segment) = item {
                verdicts.push(segment.whole == Whole::Yes);
            }
        }
        verdicts
    };
    let record = "{\"_kind\":\"user\",\"_key\":\"a\"}\n";
    assert_eq!(verdict(record), [true]);
    assert_eq!(
        verdict(&format!(
            "{record}{{\"_kind\":\"_error\",\"of\":\"user\",\"_key\":\"b\",\"message\":\"x\"}}\n"
        )),
        [false]
    );
    assert_eq!(verdict(&format!("{record}garbage\n")), [false]);
    assert_eq!(verdict(""), [false]);
}

#[test]
fn both_forms_in_one_stream_are_bad_data() {
    let end = |form: &str| {
        format!(
            "{{\"_kind\":\"_end\",\"form\":\"{form}\",\"complete\":true,\"records\":0,\"errors\":0,\"by_kind\":{{}}}}\n"
        )
    };
    let text = end("state") + &end("changes");
    let mut reader = Reader::new(text.as_bytes());
    assert!(matches!(reader.next_item().unwrap(), Some(Item::Segment(_))));
    assert!(reader.next_item().unwrap_err().to_string().contains("both forms"));
}
