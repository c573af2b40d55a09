//! Filters between times and the numbers that systems count them in.

use super::moments::{Moment, show};
use super::take::{found, none, on_text, reading, wrong};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error};

/// Seconds from 1601, where FILETIME begins, to 1970.
const FILETIME_BEGINS: i128 = -11_644_473_600;

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("from_epoch", |value: &Value, options: Kwargs| {
        from("from_epoch", value, &options, epoch)
    });
    environment.add_filter("from_epoch_ms", |value: &Value, options: Kwargs| {
        from("from_epoch_ms", value, &options, |text| {
            Some(Some(text.parse::<i128>().ok()?.checked_mul(1_000_000)?))
        })
    });
    environment.add_filter("from_filetime", |value: &Value, options: Kwargs| {
        from("from_filetime", value, &options, filetime)
    });
    environment
        .add_filter("epoch", |value: &Value, options: Kwargs| to("epoch", value, &options, 1_000_000_000, 0));
    environment.add_filter("epoch_ms", |value: &Value, options: Kwargs| {
        to("epoch_ms", value, &options, 1_000_000, 0)
    });
    environment.add_filter("filetime", |value: &Value, options: Kwargs| {
        to("filetime", value, &options, 100, FILETIME_BEGINS * 1_000_000_000)
    });
    environment.add_filter("generalized_time", |value: &Value, options: Kwargs| {
        instant("generalized_time", value, &options, |at| {
            jiff::fmt::strtime::format("%Y%m%d%H%M%SZ", at)
                .map(Value::from)
                .map_err(|error| wrong(error.to_string()))
        })
    });
}

/// Nanoseconds since 1970 of seconds, with a fraction or without.
fn epoch(text: &str) -> Option<Option<i128>> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanos = nine.parse::<i128>().ok()?;
    let whole = seconds.parse::<i128>().ok()?.checked_mul(1_000_000_000)?;
    Some(Some(if text.starts_with('-') { whole - nanos } else { whole + nanos }))
}

/// Of steps of 100 ns since 1601. 0 and the largest number mean never.
fn filetime(text: &str) -> Option<Option<i128>> {
    let steps = text.parse::<i128>().ok()?;
    let never = steps == 0 || steps >= i128::from(i64::MAX);
    Some((!never).then_some(steps * 100 + FILETIME_BEGINS * 1_000_000_000))
}

/// A time of a number, or of a text of digits.
fn from(
    name: &str,
    value: &Value,
    options: &Kwargs,
    nanos: impl FnOnce(&str) -> Option<Option<i128>>,
) -> Result<Value, Error> {
    reading(value, options, || {
        let text = match value.kind() {
            ValueKind::None => return Ok(none()),
            ValueKind::Number | ValueKind::String => value.to_string(),
            _ => return Err(wrong(format!("'{name}' takes a number, found {}", found(value)))),
        };
        let fails = || wrong(format!("'{name}' finds no time in '{text}'"));
        match nanos(text.trim()).ok_or_else(fails)? {
            None => Ok(none()),
            Some(nanos) => {
                let time = Timestamp::from_nanosecond(nanos).map_err(|_| fails())?;
                Ok(show(&Moment::Time(time.to_zoned(TimeZone::UTC))).into())
            }
        }
    })
}

fn instant(
    name: &str,
    value: &Value,
    options: &Kwargs,
    give: impl FnOnce(&Zoned) -> Result<Value, Error>,
) -> Result<Value, Error> {
    let zone = options.get::<Option<&str>>("zone")?.map_or(Ok(TimeZone::UTC), super::moments::zone);
    let zone = zone.map_err(|why| wrong(format!("'{name}' fails: {why}")))?;
    reading(value, options, || {
        on_text(name, value, |text| {
            let moment = Moment::read(text, &zone)
                .ok_or_else(|| wrong(format!("'{name}' finds no date or time in '{text}'")))?;
            let at = moment.instant(&zone).map_err(wrong)?;
            give(&at.to_zoned(TimeZone::UTC))
        })
    })
}

/// Whole units of `unit` nanoseconds since `begin`, rounded down.
fn to(name: &str, value: &Value, options: &Kwargs, unit: i128, begin: i128) -> Result<Value, Error> {
    instant(name, value, options, |at| Ok((at.timestamp().as_nanosecond() - begin).div_euclid(unit).into()))
}
