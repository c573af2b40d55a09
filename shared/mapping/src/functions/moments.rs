//! Days and points in time, as texts have them.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};
use std::sync::LazyLock;

/// The zones come with the program, so that a mapping gives the same everywhere.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A day without time, or a point in time with the offset that it is written in.
#[derive(Clone, Debug)]
pub(super) enum Moment {
    Day(Date),
    Time(Zoned),
}

impl Moment {
    /// Of `2024-03-01`, `2024-03-01T12:00:00+01:00`, `2024-03-01 12:00`, or LDAP's `20240301120000Z`. A time without offset is
    /// of `zone`.
    pub(super) fn read(text: &str, zone: &TimeZone) -> Option<Self> {
        let text = text.trim();
        if let Some(time) = generalized(text) {
            return Some(Self::Time(time));
        }
        let pieces = Pieces::parse(text).ok()?;
        if pieces.time_zone_annotation().is_some() {
            return None;
        }
        match (pieces.time(), pieces.to_numeric_offset()) {
            (None, _) => Some(Self::Day(pieces.date())),
            (Some(time), offset) => Self::local(pieces.date().to_datetime(time), offset, zone),
        }
    }

    /// The time on a clock with that offset, else in that zone.
    pub(super) fn local(time: DateTime, offset: Option<Offset>, zone: &TimeZone) -> Option<Self> {
        let zone = offset.map_or_else(|| zone.clone(), fixed);
        time.to_zoned(zone).ok().map(Self::Time)
    }

    /// The same instant on the clocks of `zone`; of a day its midnight there.
    pub(super) fn in_zone(self, zone: &TimeZone) -> Result<Zoned, String> {
        match self {
            Self::Day(day) => day.to_zoned(zone.clone()).map_err(|error| error.to_string()),
            Self::Time(time) => Ok(time.with_time_zone(zone.clone())),
        }
    }

    /// The instant itself; of a day its midnight in `zone`.
    pub(super) fn instant(self, zone: &TimeZone) -> Result<Timestamp, String> {
        self.in_zone(zone).map(|time| time.timestamp())
    }
}

fn fixed(offset: Offset) -> TimeZone {
    if offset == Offset::UTC { TimeZone::UTC } else { TimeZone::fixed(offset) }
}

/// LDAP's `YYYYMMDDHH[MM[SS]][.f](Z|+hhmm)`.
fn generalized(text: &str) -> Option<Zoned> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (clock, rest) = text.split_at_checked(digits)?;
    let part = |from: usize| clock.get(from..from + 2).map_or(Some(0), |part| part.parse::<i8>().ok());
    if !matches!(digits, 10 | 12 | 14) {
        return None;
    }
    let zone = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = rest.split_at_checked(zone)?;
    let nanos = fraction_nanos(fraction, digits)?;
    let date = Date::new(clock.get(..4)?.parse().ok()?, part(4)?, part(6)?).ok()?;
    // A leap second is the last one that clocks here have.
    let time = Time::new(part(8)?, part(10)?, part(12)?.min(59), 0).ok()?;
    let time = date.to_datetime(time).to_zoned(fixed(zone_offset(zone)?)).ok()?;
    time.checked_add(jiff::SignedDuration::from_nanos(nanos)).ok()
}

/// The fraction is of the last unit that is written: hours, minutes or seconds.
fn fraction_nanos(fraction: &str, digits: usize) -> Option<i64> {
    if fraction.is_empty() {
        return Some(0);
    }
    let digits_behind = fraction.strip_prefix(['.', ','])?;
    let unit = match digits {
        10 => 3_600_000_000_000,
        12 => 60_000_000_000,
        _ => 1_000_000_000_i64,
    };
    let nine: String = digits_behind.chars().chain("000000000".chars()).take(9).collect();
    let billionths = nine.parse::<i64>().ok()?;
    i64::try_from(i128::from(billionths) * i128::from(unit) / 1_000_000_000).ok()
}

fn zone_offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let clock = text.get(1..)?;
    let (hours, minutes) =
        (clock.get(..2)?.parse::<i32>().ok()?, clock.get(2..4).map_or(Some(0), |m| m.parse().ok())?);
    (matches!(clock.len(), 2 | 4) && minutes < 60).then_some(())?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// The zone of that name: `Europe/Copenhagen`, `UTC`, or an offset such as `+01:00`.
pub(super) fn zone(name: &str) -> Result<TimeZone, String> {
    if name == "UTC" || name == "Z" {
        return Ok(TimeZone::UTC);
    }
    if name.starts_with(['+', '-']) {
        let offset = zone_offset(&name.replace(':', "")).ok_or_else(|| format!("'{name}' is no offset"))?;
        return Ok(fixed(offset));
    }
    ZONES.get(name).map_err(|_| format!("there is no time zone '{name}'"))
}

/// `2024-03-01`, or `2024-03-01T12:00:00Z` with the offset it has; a fraction of a second only where there is one.
pub(super) fn show(moment: &Moment) -> String {
    match moment {
        Moment::Day(day) => day.to_string(),
        Moment::Time(time) if time.offset() == Offset::UTC => time.timestamp().to_string(),
        Moment::Time(time) => time.timestamp().display_with_offset(time.offset()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Moment::read(text, &zone("Europe/Copenhagen").unwrap()).map(|moment| show(&moment))
    }

    #[test]
    fn every_form_is_read() {
        for (text, expected) in [
            ("2024-03-01", "2024-03-01"),
            ("20240301", "2024-03-01"),
            ("2024-03-01T12:00:00Z", "2024-03-01T12:00:00Z"),
            ("2024-03-01T12:00:00.250+02:00", "2024-03-01T12:00:00.25+02:00"),
            ("2024-03-01 12:00", "2024-03-01T12:00:00+01:00"),
            ("2024-07-01 12:00:00", "2024-07-01T12:00:00+02:00"),
            ("20240301120000Z", "2024-03-01T12:00:00Z"),
            ("20240301120000.0Z", "2024-03-01T12:00:00Z"),
            ("20240301120000,5+0130", "2024-03-01T12:00:00.5+01:30"),
            ("2024030112.5Z", "2024-03-01T12:30:00Z"),
            ("202403011215-0500", "2024-03-01T12:15:00-05:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "x",
            "2024-02-30",
            "2024",
            "20240301120000",
            "2024-03-01T25:00Z",
            "12:00",
            "20240301250000Z",
            "æ",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
