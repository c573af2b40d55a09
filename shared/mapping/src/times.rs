//! Instants in the forms in which they come: RFC 3339, ISO 8601, Unix seconds.

use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use std::ops::RangeInclusive;

/// The Unix seconds of the years 1 to 9999.
pub(crate) const RANGE: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Unix seconds of a date, a date and time (`T` or one blank between them, UTC without an offset), or a count of seconds.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let seconds = match count(text) {
        Some(seconds) => seconds,
        None => {
            let (pieces, offset) = parsed(text)?;
            let time = pieces.time().unwrap_or_default();
            let offset = offset.unwrap_or(Offset::UTC);
            floor(offset.to_timestamp(pieces.date().to_datetime(time)).ok()?)
        }
    };
    RANGE.contains(&seconds).then_some(seconds)
}

/// The instant that a date and time with an offset names, and nothing else.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let (pieces, offset) = parsed(text)?;
    let instant = offset?.to_timestamp(pieces.date().to_datetime(pieces.time()?)).ok()?;
    RANGE.contains(&floor(instant)).then_some(instant)
}

/// The instant so many whole Unix seconds after 1970 began.
pub(crate) fn of_seconds(text: &str) -> Option<Timestamp> {
    let seconds: i64 = text.parse().ok().filter(|seconds| RANGE.contains(seconds))?;
    Timestamp::from_second(seconds).ok()
}

/// Whole seconds, rounded down.
pub(crate) fn floor(instant: Timestamp) -> i64 {
    i64::try_from(instant.as_nanosecond().div_euclid(1_000_000_000)).unwrap_or_default()
}

fn parsed(text: &str) -> Option<(Pieces<'_>, Option<Offset>)> {
    let pieces = Pieces::parse(text).ok()?;
    // A zone in brackets would say more than the offset, and could contradict it.
    if pieces.time_zone_annotation().is_some() {
        return None;
    }
    let offset = pieces.to_numeric_offset();
    Some((pieces, offset))
}

/// A count of seconds: digits, with sign and fraction; the fraction is rounded down.
fn count(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let is_whole = fraction.bytes().all(|byte| byte == b'0');
    Some(if text.starts_with('-') { -whole - i64::from(!is_whole) } else { whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_dates() {
        for text in
            ["2015-03-04T05:06:07Z", "2015-03-04 05:06:07", "20150304T050607", "2015-03-04T06:06:07.9+0100"]
        {
            assert_eq!(seconds(text), Some(1_425_445_567), "{text}");
        }
        assert_eq!((seconds("-1.5"), seconds("1425445567.9")), (Some(-2), Some(1_425_445_567)));
        for text in
            ["", "junk", "2015-W10-3", "2015-063", "2015-13-01", "99999999999999", "2015-03-04 x", "1e3"]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_has_an_offset() {
        assert!(instant("2015-03-04T05:06:07+02:00").is_some());
        assert!(instant("2015-03-04T05:06:07").is_none() && instant("2015-03-04").is_none());
    }
}
