//! Values as files and variables write them, and parsers for arguments.

use serde_json::Value;
use std::time::Duration;

/// The help heading of the arguments that every command has; they are no settings.
pub const HOUSE: &str = "Options of every command";

/// The help heading of arguments that say what this one run is about: neither file nor environment gives them.
pub const ONCE: &str = "Options of one run";

/// A parser for boolean arguments: `1 yes true on y` and `0 no false off n` in any case.
pub fn boolean(text: &str) -> Result<bool, String> {
    match text.trim().to_lowercase().as_str() {
        "1" | "yes" | "true" | "on" | "y" => Ok(true),
        "0" | "no" | "false" | "off" | "n" | "" => Ok(false),
        _ => Err("it is neither 'true' nor 'false'".to_owned()),
    }
}

/// A parser for lengths of time: `90s`, `30m`, `26h`, `180d`, a number alone for seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, unit)) if unit.is_ascii_alphabetic() => (&text[..at], unit),
        _ => (text, 's'),
    };
    let seconds: Option<u64> = match unit {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3600),
        'd' => Some(86_400),
        _ => None,
    };
    let length = seconds.and_then(|seconds| number.parse::<u32>().ok().map(|n| seconds * u64::from(n)));
    length.map(Duration::from_secs).ok_or_else(|| "it is no length of time as 90s, 30m, 26h, 180d".to_owned())
}

/// The items of a list as a file writes it: a JSON array, or text parted by commas or lines.
pub fn list(text: &str) -> Vec<String> {
    if let Ok(Value::Array(items)) = serde_json::from_str(text) {
        return items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect();
    }
    text.split([',', '\n']).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// The candidate that is meant by `written`, if one is near enough.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |candidate: &&str| strsim::jaro_winkler(written, candidate) > 0.8;
    let closeness =
        |a: &&str, b: &&str| strsim::jaro_winkler(written, a).total_cmp(&strsim::jaro_winkler(written, b));
    candidates.into_iter().filter(near).max_by(closeness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_json_or_parted_by_commas_and_lines() {
        assert_eq!(list(r#"["a b", "c"]"#), ["a b", "c"]);
        assert_eq!(list("Active Directory"), ["Active Directory"]);
        assert_eq!(list("\na,\n b\n"), ["a", "b"]);
        assert_eq!(list("[]"), [""; 0]);
    }

    #[test]
    fn lengths_of_time_have_a_unit() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("30m", 1800), ("26h", 93_600), ("180d", 15_552_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "h", "-1h", "1.5h", "1y", "1 h 3", "99999999999s", "1ø"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_nearest_name_is_found() {
        assert_eq!(nearest("paralel", ["parallel", "priority"]), Some("parallel"));
        assert_eq!(nearest("zzz", ["parallel"]), None);
    }
}
