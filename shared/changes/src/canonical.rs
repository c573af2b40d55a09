//! Canonical form 1: equal records have equal bytes, whoever wrote them.
//!
//! Members that begin with `_` are out, null members are out at every depth, members stand in the order of their UTF-8
//! bytes, numbers are the shortest decimal, strings and arrays are as they are. Arrays that the record's `_sets` names
//! are sorted by the bytes of their items, duplicates removed.

use crate::pointer;
use muster_stream::{Record, Value};
use std::collections::HashSet;

/// The version of the canonical form, kept beside every hash.
pub const FORM: u32 = 1;

/// The first 128 bits of BLAKE3 over a canonical form.
pub type Hash = [u8; 16];

/// Numbers with more places than this are written with an exponent, so that `1e999999999` stays short.
const MAX_PLACES: i128 = 64;

/// The hash of a record's canonical form.
pub fn hash(record: &Record) -> Hash {
    let mut first = Hash::default();
    first.copy_from_slice(&blake3::hash(&canonical(record)).as_bytes()[..16]);
    first
}

/// The canonical form of a record: one JSON object.
pub fn canonical(record: &Record) -> Vec<u8> {
    let sets: HashSet<&str> = record.sets().collect();
    let mut form = Form { sets: &sets, path: String::new(), bytes: Vec::new() };
    form.members(record.members());
    form.bytes
}

/// The canonical form of a record that has this member only.
pub(crate) fn alone(name: &str, value: &Value, sets: &HashSet<&str>) -> Vec<u8> {
    let mut form = Form { sets, path: String::new(), bytes: Vec::new() };
    form.members([(name, value)].into_iter());
    form.bytes
}

/// The canonical form of the value at `path`, a JSON pointer, of a record with these `sets`.
pub(crate) fn part(value: &Value, path: &str, sets: &HashSet<&str>) -> Vec<u8> {
    let mut form = Form { sets, path: path.to_owned(), bytes: Vec::new() };
    form.value(value);
    form.bytes
}

struct Form<'a> {
    sets: &'a HashSet<&'a str>,
    /// The JSON pointer of the value at hand.
    path: String,
    bytes: Vec<u8>,
}

impl Form<'_> {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes.extend_from_slice(b"null"),
            Value::Bool(truth) => self.bytes.extend_from_slice(truth.to_string().as_bytes()),
            Value::Number(number) => self.bytes.extend_from_slice(shortest(&number.to_string()).as_bytes()),
            Value::String(text) => self.text(text),
            Value::Array(items) => self.items(items),
            Value::Object(members) => {
                self.members(members.iter().map(|(name, value)| (name.as_str(), value)));
            }
        }
    }

    fn members<'v>(&mut self, members: impl Iterator<Item = (&'v str, &'v Value)>) {
        let mut members: Vec<_> = members.filter(|(_, value)| !value.is_null()).collect();
        members.sort_unstable_by(|one, other| one.0.as_bytes().cmp(other.0.as_bytes()));
        self.bytes.push(b'{');
        for (index, (name, value)) in members.into_iter().enumerate() {
            if index > 0 {
                self.bytes.push(b',');
            }
            self.text(name);
            self.bytes.push(b':');
            self.below(&pointer::escaped(name), |form| form.value(value));
        }
        self.bytes.push(b'}');
    }

    fn items(&mut self, items: &[Value]) {
        self.bytes.push(b'[');
        if self.sets.contains(self.path.as_str()) {
            let mut written: Vec<Vec<u8>> =
                items.iter().enumerate().map(|(index, item)| self.item(index, item)).collect();
            written.sort_unstable();
            written.dedup();
            self.bytes.extend_from_slice(&written.join(&b','));
        } else {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    self.bytes.push(b',');
                }
                self.below(&index.to_string(), |form| form.value(item));
            }
        }
        self.bytes.push(b']');
    }

    /// The bytes of one item by itself.
    fn item(&mut self, index: usize, item: &Value) -> Vec<u8> {
        let before = std::mem::take(&mut self.bytes);
        self.below(&index.to_string(), |form| form.value(item));
        std::mem::replace(&mut self.bytes, before)
    }

    fn below(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(name);
        write(self);
        self.path.truncate(length);
    }

    fn text(&mut self, text: &str) {
        // A Vec takes whatever it is given.
        drop(serde_json::to_writer(&mut self.bytes, text));
    }
}

/// The shortest decimal of a JSON number: `1.0` is `1`, `1e2` is `100`, `-0` is `0`. No digit is lost, however many
/// there are, because it works on the text.
fn shortest(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (decimal, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let Ok(exponent) = exponent.parse::<i64>() else { return number.to_ascii_lowercase() };
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let zeros = digits.len() as i128 - significant.len() as i128;
    let scale = i128::from(exponent) - fraction.len() as i128 + zeros;
    format!("{sign}{}", decimal_of(significant, scale))
}

/// `digits` times ten to the power of `scale`.
fn decimal_of(digits: &str, scale: i128) -> String {
    let point = digits.len() as i128 + scale;
    match scale {
        _ if scale > MAX_PLACES || point < -MAX_PLACES => format!("{digits}e{scale}"),
        0.. => format!("{digits}{}", "0".repeat(scale as usize)),
        _ if point <= 0 => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        _ => format!("{}.{}", &digits[..point as usize], &digits[point as usize..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_stream::Line;
    use proptest::prelude::*;

    fn form(text: &str) -> String {
        let Ok(Line::Record(record)) = Line::parse(text.as_bytes()) else { panic!("no record: {text}") };
        String::from_utf8(canonical(&record)).unwrap()
    }

    fn of(members: &str) -> String {
        form(&format!(r#"{{"_kind":"user","_key":"1",{members}}}"#))
    }

    #[test]
    fn ours_and_nulls_are_out_and_members_sorted_by_bytes() {
        assert_eq!(
            of(r#""b":1,"a":{"y":null,"x":[null]},"æ":0,"Z":2,"n":null,"_from":["a","b"]"#),
            r#"{"Z":2,"a":{"x":[null]},"b":1,"æ":0}"#
        );
    }

    #[test]
    fn numbers_are_the_shortest_decimal_with_every_digit() {
        for (number, short) in [
            ("1.0", "1"),
            ("1e2", "100"),
            ("-0.0", "0"),
            ("0e5", "0"),
            ("1.50", "1.5"),
            ("0.00120", "0.0012"),
            ("12E-1", "1.2"),
            ("-12.5e1", "-125"),
            ("9223372036854775807", "9223372036854775807"),
            ("18446744073709551616.000000000000000000010", "18446744073709551616.00000000000000000001"),
            ("1e400", "1e400"),
            ("10e399", "1e400"),
            ("1e-400", "1e-400"),
            ("1e99999999999999999999", "1e+99999999999999999999"),
        ] {
            assert_eq!(of(&format!(r#""a":{number}"#)), format!(r#"{{"a":{short}}}"#), "{number}");
        }
    }

    #[test]
    fn only_arrays_that_sets_names_lose_order_and_duplicates() {
        assert_eq!(
            of(
                r#""_sets":["/a","/c/d~1e"],"a":[2,1,{"y":1,"x":2},2.0,{"x":2,"y":1}],"b":[2,1,2],"c":{"d/e":["b","a"]}"#
            ),
            r#"{"a":[1,2,{"x":2,"y":1}],"b":[2,1,2],"c":{"d/e":["a","b"]}}"#
        );
    }

    #[test]
    fn strings_stay_as_they_are() {
        assert_eq!(of(r#""a":"\u00e6 /\n","b":"1.0""#), r#"{"a":"æ /\n","b":"1.0"}"#);
    }

    #[test]
    fn the_hash_of_form_1_never_changes() {
        let Ok(Line::Record(record)) = Line::parse(br#"{"_kind":"user","_key":"1","a":1.0,"b":["x"]}"#)
        else {
            panic!("no record")
        };
        let hex: String = hash(&record).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "26d8c2132e7021fde093ccf9213cb982");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-cæ/~\"]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-dæ/~]{1,2}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn record(members: Vec<(String, Value)>, sets: &[&str]) -> Record {
        let mut record = Record::new("user", "1", members.into_iter().collect());
        record.set_own("_sets", sets.to_vec().into());
        record
    }

    /// The same value with the members of every object turned around.
    fn turned(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(turned).collect(),
            Value::Object(members) => Value::Object(
                members.iter().rev().map(|(name, value)| (name.clone(), turned(value))).collect(),
            ),
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn the_order_of_members_never_matters(members in prop::collection::btree_map("[a-dæ]{1,2}", any_value(), 0..5)) {
            let members: Vec<_> = members.into_iter().collect();
            let around = members.iter().rev().map(|(name, value)| (name.clone(), turned(value))).collect();
            prop_assert_eq!(hash(&record(members, &[])), hash(&record(around, &[])));
        }

        #[test]
        fn the_order_of_a_set_never_matters(
            (items, shuffled) in prop::collection::vec(any_value(), 0..6)
                .prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle())),
        ) {
            let sets = ["/s"];
            let one = record(vec![("s".to_owned(), Value::from(items))], &sets);
            let other = record(vec![("s".to_owned(), Value::from(shuffled))], &sets);
            prop_assert_eq!(hash(&one), hash(&other));
        }

        #[test]
        fn the_form_of_a_number_has_its_value(mantissa in any::<i64>(), exponent in -30i32..30) {
            let text = format!("{mantissa}e{exponent}");
            let short: f64 = shortest(&text).parse().unwrap();
            prop_assert_eq!(short, text.parse::<f64>().unwrap());
        }
    }
}
