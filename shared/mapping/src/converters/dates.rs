//! Dates and times as Unix seconds.

use super::{Converted, Step, a_kind};
use crate::times;
use muster_stream::Value;
use std::sync::Arc;

/// Between the beginnings of the counts of 1601 and 1970, in seconds.
const FROM_1601_TO_1970: i128 = 11_644_473_600;

/// How many ticks of 100 ns a second has.
const TICKS: i128 = 10_000_000;

/// What stands for *never* in a directory.
const NEVER: i128 = i64::MAX as i128;

pub(super) fn date_format(odd: bool) -> Step {
    step("date_format", odd, |text| {
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        // With a blank the connector takes this form and no other.
        let is_taken = !text.contains(' ') || shape == "0000-00-00 00:00:00";
        is_taken.then(|| times::seconds(text)).flatten()
    })
}

pub(super) fn timestamp(odd: bool) -> Step {
    step("timestamp", odd, times::seconds)
}

fn step(name: &'static str, odd: bool, by_odd_rule: fn(&str) -> Option<i64>) -> Step {
    Arc::new(move |value, _| {
        let seconds = match &value {
            Value::String(text) if odd => by_odd_rule(text),
            Value::String(text) => times::seconds(text.trim()),
            Value::Number(number) => times::seconds(&number.to_string()),
            _ => None,
        };
        seconds.map_or_else(|| no_date(name, value, odd), |seconds| Ok(seconds.into()))
    })
}

/// A value that is no date: as it is by the odd rules, an error by the plain ones, where "" is as good as null.
fn no_date(name: &str, value: Value, odd: bool) -> Converted {
    match value {
        value if odd => Ok(value),
        Value::Null => Ok(Value::Null),
        Value::String(text) if text.trim().is_empty() => Ok(Value::Null),
        Value::String(_) => Err(format!("converter '{name}' takes a date or time, and this text is none")),
        other => Err(format!("converter '{name}' takes a date or time, found {}", a_kind(&other))),
    }
}

pub(super) fn ldap_timestamp(odd: bool) -> Step {
    Arc::new(move |value, _| {
        let text = match &value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return no_date("ldap_timestamp", value, odd),
        };
        let is_whole =
            !text.is_empty() && text.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit());
        if is_whole {
            return Ok(ticks(text.parse().unwrap_or(NEVER), odd));
        }
        // What our extractors have decoded already; the connector never saw it.
        match times::instant(&text) {
            Some(instant) => Ok(times::floor(instant).into()),
            None => no_date("ldap_timestamp", value, odd),
        }
    })
}

fn ticks(ticks: i128, odd: bool) -> Value {
    if !odd && (ticks == 0 || ticks >= NEVER) {
        return Value::Null;
    }
    let seconds = ticks.div_euclid(TICKS) - FROM_1601_TO_1970;
    let seconds = i64::try_from(seconds).ok().filter(|seconds| times::RANGE.contains(seconds));
    seconds.unwrap_or(*times::RANGE.end()).into()
}
