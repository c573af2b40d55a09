//! Texts that are JSON, and numbers in texts.

use super::take::{found, none, on_text, reading, wrong};
use crate::value::{from_json, to_json};
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};
use muster_stream::Value as Json;

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("from_json", read);
    environment.add_filter("to_json", write);
    environment.add_filter("number", number);
    environment
        .add_test("numeric", |value: &Value| value.as_str().is_some_and(|text| parse(text, None).is_ok()));
}

fn read(value: &Value, options: Kwargs) -> Result<Value, Error> {
    reading(value, &options, || {
        on_text("from_json", value, |text| match serde_json::from_str::<Json>(text) {
            Ok(json) => Ok(from_json(&json, None)),
            Err(error) => Err(wrong(format!("'from_json' finds no JSON: {error}"))),
        })
    })
}

/// JSON without blanks, members in their order.
fn write(value: &Value) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    Ok(to_json(value).map_err(|why| wrong(format!("'to_json' fails: {why}")))?.to_string().into())
}

/// The number that a text is written as; nothing is rounded and nothing guessed.
fn number(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let comma = options.get::<Option<&str>>("decimal")?.map(str::to_owned);
    reading(value, &options, || match value.kind() {
        ValueKind::None => Ok(none()),
        ValueKind::Number => Ok(value.clone()),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default();
            parse(text, comma.as_deref())
                .map_err(|why| wrong(format!("'number' finds no number in '{text}'{why}")))
        }
        _ => Err(wrong(format!("'number' takes a string or a number, found {}", found(value)))),
    })
}

/// With a decimal comma the point groups digits, and the other way round; without either nothing does.
fn parse(text: &str, decimal: Option<&str>) -> Result<Value, &'static str> {
    let mut plain = text.trim().to_owned();
    match decimal {
        Some(",") => plain = plain.replace(['.', ' ', '\u{a0}'], "").replace(',', "."),
        Some(".") => plain = plain.replace([',', ' ', '\u{a0}'], ""),
        None => {}
        Some(_) => return Err(": 'decimal' is '.' or ','"),
    }
    let digits = plain.trim_start_matches(['-', '+']);
    let broken = digits.ends_with('.') || digits.contains(".e") || digits.contains(".E");
    if broken || digits.len() + 1 < plain.len() || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("");
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return plain.parse::<i128>().map(Value::from).map_err(|_| ": it has too many digits");
    }
    let number = plain.parse::<f64>().map_err(|_| "")?;
    let significant = digits.split(['e', 'E']).next().unwrap_or_default();
    let significant = significant.bytes().filter(u8::is_ascii_digit).skip_while(|byte| *byte == b'0').count();
    // More than 15 decimal digits do not survive a binary fraction.
    match number.is_finite() && significant <= 15 {
        true => Ok(number.into()),
        false => Err(": it has too many digits"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_or_are_refused() {
        let plain = |text: &str| parse(text, None).map(|value| value.to_string()).ok();
        assert_eq!(plain("18446744073709551616").as_deref(), Some("18446744073709551616"));
        assert_eq!(plain(" -7 ").as_deref(), Some("-7"));
        assert_eq!(plain("0.10").as_deref(), Some("0.1"));
        for text in [
            "",
            "-",
            "--1",
            "1 2",
            "1,5",
            "0x1F",
            "inf",
            "nan",
            "1.",
            "1e999",
            "0.12345678901234567",
            "1_0",
            "٣",
        ] {
            assert_eq!(plain(text), None, "{text}");
        }
        assert_eq!(parse("1.234,50", Some(",")).map(|value| value.to_string()).as_deref(), Ok("1234.5"));
        assert_eq!(parse("1,234", Some(".")).map(|value| value.to_string()).as_deref(), Ok("1234"));
    }
}
