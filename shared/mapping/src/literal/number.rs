//! Numbers as Python writes them.

use muster_stream::Value;

/// A number as Python writes it: underscores between digits, no zero before other digits of a whole number.
pub(super) fn read(token: &str, sign: &str) -> Option<Value> {
    let lower = token.to_ascii_lowercase();
    let radix = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find(|(prefix, _)| lower.starts_with(prefix));
    if let Some((prefix, radix)) = radix {
        let digits = &lower[prefix.len()..];
        let digits = without_underscores(digits.strip_prefix('_').unwrap_or(digits), char::is_alphanumeric)?;
        let value = i128::from_str_radix(&digits, radix).ok()?;
        return whole(sign, &value.to_string());
    }
    let digits = without_underscores(&lower, |character| character.is_ascii_digit())?;
    if digits.is_empty() {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let value = digits.trim_start_matches('0');
        let is_right = value.len() == digits.len() || value.is_empty();
        return if is_right { whole(sign, if value.is_empty() { "0" } else { value }) } else { None };
    }
    let is_float =
        digits.contains(['.', 'e']) && digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let value: f64 = format!("{sign}{digits}").parse().ok().filter(|_| is_float)?;
    serde_json::Number::from_f64(value).map(Value::Number)
}

fn whole(sign: &str, digits: &str) -> Option<Value> {
    let sign = if digits == "0" { "" } else { sign };
    format!("{sign}{digits}").parse().ok().map(Value::Number)
}

/// The token without its underscores, each of which must stand between two digits.
fn without_underscores(token: &str, is_digit: impl Fn(char) -> bool) -> Option<String> {
    let is_at_digits =
        |place: usize| token[..place].ends_with(&is_digit) && token[place + 1..].starts_with(&is_digit);
    token.match_indices('_').all(|(place, _)| is_at_digits(place)).then(|| token.replace('_', ""))
}
