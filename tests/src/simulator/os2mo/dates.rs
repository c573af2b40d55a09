//! Dates as OS2mo takes and gives them: local to Copenhagen, with the offset of the day.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// `date` at midnight with the offset of that moment: `2026-11-21T00:00:00+01:00`.
pub(super) fn midnight(date: Date) -> String {
    let offset = if is_summer(date) { "+02:00" } else { "+01:00" };
    format!("{date}T00:00:00{offset}")
}

/// Whether midnight of `date` is in daylight saving time, with Denmark's rules since 1980.
fn is_summer(date: Date) -> bool {
    let last_month = if date.year() < 1996 { 9 } else { 10 };
    date.year() >= 1980 && date > last_sunday(date.year(), 3) && date <= last_sunday(date.year(), last_month)
}

fn last_sunday(year: i16, month: i8) -> Date {
    let last = Date::constant(year, month, 1).last_of_month();
    if last.weekday() == Weekday::Sunday { last } else { last.nth_weekday(-1, Weekday::Sunday).unwrap() }
}

/// The local time that `text` means: `2026-11-21`, a local time, or a time with an offset.
pub(super) fn local(text: &str) -> Result<DateTime, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(copenhagen().to_datetime(instant));
    }
    text.parse::<DateTime>().map_err(|_| format!("Value cannot represent a DateTime: \"{text}\"."))
}

/// The local date of a recorded time such as `2024-06-30T00:00:00+02:00`.
pub(super) fn date(text: &str) -> Date {
    local(text).unwrap().date()
}

fn copenhagen() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

/// An end of a window as the caller gave it.
#[derive(Clone, Copy)]
pub(super) enum End {
    Unset,
    Open,
    At(DateTime),
}

/// A span of time that decides which objects or states are shown; `None` is an open end.
#[derive(Clone, Copy)]
pub(super) struct Window {
    start: Option<DateTime>,
    end: Option<DateTime>,
}

impl Window {
    /// The moment now, noon of `today`.
    pub(super) fn now(today: Date) -> Self {
        Self::moment(today.at(12, 0, 0, 0))
    }

    fn moment(start: DateTime) -> Self {
        Self { start: Some(start), end: Some(start.saturating_add(1.millisecond())) }
    }

    /// The window of two given ends; unset ones are inferred as OS2mo infers them.
    pub(super) fn of(from: End, to: End, today: Date) -> Result<Self, String> {
        let start = match (from, to) {
            (End::Open, End::Unset) => {
                return Err("Cannot infer UNSET to_date from interval starting at -infinity".into());
            }
            (End::Open, _) => None,
            (End::At(start), _) => Some(start),
            (End::Unset, _) => Some(today.at(12, 0, 0, 0)),
        };
        match to {
            End::Unset => Ok(Self::moment(start.unwrap())),
            End::Open => Ok(Self { start, end: None }),
            End::At(end) => Ok(Self { start, end: Some(end) }),
        }
    }

    /// Whether the days from `from` until `until`, which is not included, touch this window.
    pub(super) fn touches(&self, from: Option<Date>, until: Option<Date>) -> bool {
        let begins = from.is_none_or(|from| self.end.is_none_or(|end| from.at(0, 0, 0, 0) < end));
        begins && until.is_none_or(|until| self.start.is_none_or(|start| until.at(0, 0, 0, 0) > start))
    }
}
