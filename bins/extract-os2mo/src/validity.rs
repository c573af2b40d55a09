//! Days instead of moments: when a state begins, and the first day on which it no longer holds.
//!
//! The server writes midnight in Danish time, `2024-07-01T00:00:00+02:00`; the local date is what is meant. Up to version
//! 28 of the interface the end is the last included day, from 29 on it is the first excluded one; here always the latter.

use crate::wire;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use muster_base::{Error, Exit};
use serde::Serialize;

/// A period of days.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Validity {
    /// The first day; none: since ever.
    pub from: Option<Date>,
    /// The first day behind it; none: for ever.
    pub to: Option<Date>,
}

impl Validity {
    /// The period of `wire` as version `version` of the interface means it.
    pub fn read(wire: &wire::Validity, version: u8) -> Result<Self, Error> {
        let to = wire.to.as_deref().map(day).transpose()?;
        let to = if version < 29 { to.map(|last| last.saturating_add(1.day())) } else { to };
        Ok(Self { from: wire.from.as_deref().map(day).transpose()?, to })
    }
}

/// The local date of a moment.
pub fn day(text: &str) -> Result<Date, Error> {
    let wrong = || Error::new(Exit::Protocol, format!("the server writes '{text}' for a date"));
    text.get(..10).and_then(|date| date.parse().ok()).ok_or_else(wrong)
}

/// Today in Denmark.
pub fn today() -> Date {
    let now = Timestamp::now();
    now.in_tz("Europe/Copenhagen")
        .map_or_else(|_| now.to_zoned(jiff::tz::TimeZone::UTC).date(), |local| local.date())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(to: &str, version: u8) -> String {
        let wire = wire::Validity { from: None, to: Some(to.to_owned()) };
        Validity::read(&wire, version).unwrap().to.unwrap().to_string()
    }

    #[test]
    fn the_end_is_the_first_day_behind_in_every_version() {
        assert_eq!(end("2024-06-30T00:00:00+02:00", 28), "2024-07-01");
        assert_eq!(end("2024-07-01T00:00:00+02:00", 29), "2024-07-01");
    }

    #[test]
    fn what_is_no_date_is_an_error() {
        assert!(day("soon").is_err());
    }
}
