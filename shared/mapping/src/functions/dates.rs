//! Filters and tests on days and times. There is no `now`: the same input gives the same output.

use super::moments::{Moment, show, zone};
use super::take::{none, on_text, reading, text, wrong};
use jiff::civil::Date;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error};

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("time", |value: &Value, options: Kwargs| {
        give("time", value, &options, |moment, zone| match moment {
            Moment::Day(_) => moment.in_zone(zone).map(Moment::Time),
            time => Ok(time),
        })
    });
    environment.add_filter("in_zone", |value: &Value, name: &str, options: Kwargs| {
        let zone = named("in_zone", name)?;
        apply("in_zone", value, &options, &zone, |moment| moment.in_zone(&zone).map(time))
    });
    environment.add_filter("date", date);
    environment.add_filter("strftime", strftime);
    environment.add_filter("strptime", strptime);
    environment.add_filter("add_days", |value: &Value, days: i64, options: Kwargs| {
        let span = Span::new().try_days(days).map_err(|_| wrong("'add_days' takes fewer days"))?;
        give("add_days", value, &options, |moment, zone| add(moment, &span, zone))
    });
    environment.add_filter("add_time", add_time);
    environment
        .add_filter("day_start", |value: &Value, options: Kwargs| edge("day_start", value, &options, 0));
    environment.add_filter("day_end", |value: &Value, options: Kwargs| edge("day_end", value, &options, 1));
    environment.add_filter("days_until", days_until);
    environment.add_test("date", |value: &Value| {
        value.as_str().is_some_and(|text| matches!(Moment::read(text, &TimeZone::UTC), Some(Moment::Day(_))))
    });
    environment.add_test("time", |value: &Value| {
        value.as_str().is_some_and(|text| Moment::read(text, &TimeZone::UTC).is_some())
    });
    environment.add_test("before", |value: &Value, other: &Value, options: Kwargs| {
        compare("before", value, other, &options, |one, other| one < other)
    });
    environment.add_test("after", |value: &Value, other: &Value, options: Kwargs| {
        compare("after", value, other, &options, |one, other| one > other)
    });
    environment.add_test("valid_at", valid_at);
}

fn named(name: &str, given: &str) -> Result<TimeZone, Error> {
    zone(given).map_err(|why| wrong(format!("'{name}' fails: {why}")))
}

/// The zone of `zone=`, UTC when it is not given.
fn zone_of(name: &str, options: &Kwargs) -> Result<TimeZone, Error> {
    options.get::<Option<&str>>("zone")?.map_or(Ok(TimeZone::UTC), |given| named(name, given))
}

fn read(name: &str, text: &str, zone: &TimeZone) -> Result<Moment, Error> {
    Moment::read(text, zone).ok_or_else(|| wrong(format!("'{name}' finds no date or time in '{text}'")))
}

/// A filter from moment to moment with its `zone=`.
fn give(
    name: &str,
    value: &Value,
    options: &Kwargs,
    convert: impl FnOnce(Moment, &TimeZone) -> Result<Moment, String>,
) -> Result<Value, Error> {
    let zone = zone_of(name, options)?;
    apply(name, value, options, &zone, |moment| convert(moment, &zone).map(|moment| show(&moment).into()))
}

fn apply(
    name: &str,
    value: &Value,
    options: &Kwargs,
    zone: &TimeZone,
    convert: impl FnOnce(Moment) -> Result<Value, String>,
) -> Result<Value, Error> {
    reading(value, options, || {
        on_text(name, value, |text| {
            convert(read(name, text, zone)?)
                .map_err(|why| wrong(format!("'{name}' fails for '{text}': {why}")))
        })
    })
}

fn time(time: Zoned) -> Value {
    show(&Moment::Time(time)).into()
}

/// The day: in `zone` when one is given, else as it is written.
fn date(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let given = options.has("zone");
    give("date", value, &options, |moment, zone| match moment {
        Moment::Time(time) if given => Ok(Moment::Day(time.with_time_zone(zone.clone()).date())),
        Moment::Time(time) => Ok(Moment::Day(time.date())),
        day => Ok(day),
    })
}

/// Written in a format of its own, in `zone` when one is given.
fn strftime(value: &Value, format: &str, options: Kwargs) -> Result<Value, Error> {
    let given = options.has("zone");
    let zone = zone_of("strftime", &options)?;
    apply("strftime", value, &options, &zone, |moment| {
        let text = match moment {
            Moment::Day(day) => strtime::format(format, day),
            Moment::Time(time) if given => strtime::format(format, &time.with_time_zone(zone.clone())),
            Moment::Time(time) => strtime::format(format, &time),
        };
        text.map(Value::from).map_err(|error| error.to_string())
    })
}

/// Read from a format of its own: a day, or a time, which is of `zone` when it says no offset.
fn strptime(value: &Value, format: &str, options: Kwargs) -> Result<Value, Error> {
    let zone = zone_of("strptime", &options)?;
    reading(value, &options, || {
        on_text("strptime", value, |text| {
            let fails = |why: String| wrong(format!("'strptime' cannot read '{text}' as '{format}': {why}"));
            let read = strtime::parse(format, text).map_err(|error| fails(error.to_string()))?;
            if let Some(instant) = read.timestamp() {
                return Ok(time(instant.to_zoned(zone.clone())));
            }
            if read.hour().is_none() {
                return read
                    .to_date()
                    .map(|day| day.to_string().into())
                    .map_err(|error| fails(error.to_string()));
            }
            let clock = read.to_datetime().map_err(|error| fails(error.to_string()))?;
            let moment = Moment::local(clock, read.offset(), &zone)
                .ok_or_else(|| fails("it is out of range".into()))?;
            Ok(show(&moment).into())
        })
    })
}

/// A day stays a day when whole days are added. A time keeps its clock over a change of summer time when `zone` is given.
fn add(moment: Moment, span: &Span, zone: &TimeZone) -> Result<Moment, String> {
    let out = |error: jiff::Error| error.to_string();
    match moment {
        Moment::Day(day) => day.checked_add(*span).map(Moment::Day).map_err(out),
        Moment::Time(time) if *zone == TimeZone::UTC => {
            time.checked_add(*span).map(Moment::Time).map_err(out)
        }
        Moment::Time(time) => {
            time.with_time_zone(zone.clone()).checked_add(*span).map(Moment::Time).map_err(out)
        }
    }
}

/// `years`, `months`, `weeks`, `days`, `hours`, `minutes` and `seconds` later.
fn add_time(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let number = |name: &str| options.get::<Option<i64>>(name).map(Option::unwrap_or_default);
    let (days, hours) = (number("days")?, number("hours")?);
    let (minutes, seconds) = (number("minutes")?, number("seconds")?);
    let span = Span::new()
        .try_years(number("years")?)
        .and_then(|span| span.try_months(number("months").unwrap_or_default()))
        .and_then(|span| span.try_weeks(number("weeks").unwrap_or_default()))
        .and_then(|span| span.try_days(days)?.try_hours(hours)?.try_minutes(minutes)?.try_seconds(seconds))
        .map_err(|error| wrong(format!("'add_time' fails: {error}")))?;
    give("add_time", value, &options, |moment, zone| match moment {
        Moment::Day(_) if hours != 0 || minutes != 0 || seconds != 0 => {
            Err("a date has no hours; put 'time' before it".into())
        }
        moment => add(moment, &span, zone),
    })
}

/// The first instant of the day, or of the next one: the end of a day where ends are exclusive.
fn edge(name: &str, value: &Value, options: &Kwargs, days: i64) -> Result<Value, Error> {
    give(name, value, options, |moment, zone| {
        let day = match moment {
            Moment::Day(day) => day,
            Moment::Time(time) => time.with_time_zone(zone.clone()).date(),
        };
        let day = day.checked_add(Span::new().days(days)).map_err(|error| error.to_string())?;
        Moment::Day(day).in_zone(zone).map(Moment::Time)
    })
}

/// Days from this one to the other; below 0 when it is over.
fn days_until(value: &Value, other: &Value, options: Kwargs) -> Result<Value, Error> {
    let zone = zone_of("days_until", &options)?;
    let day = |moment: Moment| -> Result<Date, String> { moment.in_zone(&zone).map(|time| time.date()) };
    let Some(until) = text("days_until", other)? else {
        return reading(value, &options, || Ok(none()));
    };
    let until = day(read("days_until", until, &zone)?).map_err(wrong)?;
    apply("days_until", value, &options, &zone, |moment| {
        let span = day(moment)?.until(until).map_err(|error| error.to_string())?;
        Ok(span.get_days().into())
    })
}

/// Compared as instants. Nothing is neither before nor after.
fn compare(
    name: &str,
    value: &Value,
    other: &Value,
    options: &Kwargs,
    holds: impl FnOnce(jiff::Timestamp, jiff::Timestamp) -> bool,
) -> Result<bool, Error> {
    let zone = zone_of(name, options)?;
    options.assert_all_used()?;
    let instant = |value: &Value| -> Result<Option<jiff::Timestamp>, Error> {
        let Some(text) = text(name, value)? else { return Ok(None) };
        read(name, text, &zone)?.instant(&zone).map(Some).map_err(wrong)
    };
    Ok(match (instant(value)?, instant(other)?) {
        (Some(one), Some(other)) => holds(one, other),
        _ => false,
    })
}

/// Whether `{from, to}` holds at that time: from `from` on, until before `to`; one that is none is open.
fn valid_at(value: &Value, at: &Value, options: Kwargs) -> Result<bool, Error> {
    let zone = zone_of("valid_at", &options)?;
    let (from, to) = (options.get::<Option<&str>>("from")?, options.get::<Option<&str>>("to")?);
    let last = options.get::<Option<bool>>("inclusive")?.unwrap_or(false);
    options.assert_all_used()?;
    if value.is_none() || at.is_none() {
        return Ok(false);
    }
    let Some(at) = text("valid_at", at)? else { return Ok(false) };
    let at = read("valid_at", at, &zone)?.instant(&zone).map_err(wrong)?;
    let edge = |name: &str, later: i64| -> Result<Option<jiff::Timestamp>, Error> {
        let member = value.get_attr(name)?;
        if member.is_undefined() || member.is_none() {
            return Ok(None);
        }
        let Some(text) = text("valid_at", &member)? else { return Ok(None) };
        let moment = match read("valid_at", text, &zone)? {
            Moment::Day(day) => Moment::Day(day.saturating_add(Span::new().days(later))),
            time => time,
        };
        moment.instant(&zone).map(Some).map_err(wrong)
    };
    let begins = edge(from.unwrap_or("from"), 0)?.is_none_or(|from| from <= at);
    Ok(begins && edge(to.unwrap_or("to"), i64::from(last))?.is_none_or(|to| at < to))
}
