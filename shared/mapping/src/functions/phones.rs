//! Filters on phone numbers, by the rules of E.164 without a table of countries.

use super::take::{on_text, reading, wrong};
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error};

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("phone", |value: &Value, country: Option<Value>, options: Kwargs| {
        apply("phone", value, country, &options, |number, _| number)
    });
    environment.add_filter("phone_national", |value: &Value, country: Option<Value>, options: Kwargs| {
        apply("phone_national", value, country, &options, national)
    });
    environment.add_test("phone", |value: &Value, country: Option<Value>| {
        let country = country.map_or_else(|| "45".to_owned(), |country| country.to_string());
        value.as_str().is_some_and(|text| e164(text, &country).is_ok())
    });
}

fn apply(
    name: &str,
    value: &Value,
    country: Option<Value>,
    options: &Kwargs,
    finish: impl FnOnce(String, &str) -> String,
) -> Result<Value, Error> {
    let country = match country {
        Some(country) => country,
        None => options.get::<Option<Value>>("country")?.unwrap_or_else(|| Value::from("45")),
    };
    let country = country.to_string().trim_start_matches(['+', '0']).to_owned();
    if country.is_empty() || country.len() > 3 || !country.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong(format!("'{name}' takes the number of a country such as 45, found '{country}'")));
    }
    reading(value, options, || {
        on_text(name, value, |text| match e164(text, &country) {
            Ok(number) => Ok(finish(number, &country).into()),
            Err(why) => Err(wrong(format!("'{name}' finds no phone number in '{text}': {why}"))),
        })
    })
}

/// `+` and up to fifteen digits. What stands in it without `+` or `00` is of `country`.
fn e164(text: &str, country: &str) -> Result<String, &'static str> {
    let text = text.trim().strip_prefix("tel:").unwrap_or(text.trim()).replace("(0)", "");
    let plus = text.starts_with('+') || text.starts_with("(+");
    let mut digits = String::new();
    for (place, letter) in text.char_indices() {
        match letter {
            letter if letter.is_ascii_digit() => digits.push(letter),
            '+' if place < 2 && digits.is_empty() => {}
            '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}' => {}
            letter if letter.is_whitespace() => {}
            _ => return Err("there are other characters in it"),
        }
    }
    let number = match (plus, digits.strip_prefix("00")) {
        (true, _) => digits,
        (false, Some(international)) => international.to_owned(),
        (false, None) => with_country(&digits, country),
    };
    let national = number.strip_prefix(country).map(str::len);
    match number.len() {
        _ if number.starts_with('0') => Err("no country begins with 0"),
        _ if national.is_some() && length(country).is_some_and(|length| national != Some(length)) => {
            Err("it has not as many digits as its country's have")
        }
        7..=15 => Ok(format!("+{number}")),
        0..=6 => Err("it is too short"),
        _ => Err("it is too long"),
    }
}

/// Where all numbers have one length, a longer one that begins with the country only lacks its `+`.
fn with_country(digits: &str, country: &str) -> String {
    let whole = length(country).map(|length| length + country.len());
    if whole == Some(digits.len()) && digits.starts_with(country) {
        return digits.to_owned();
    }
    format!("{country}{}", digits.strip_prefix(trunk(country)).unwrap_or(digits))
}

/// How many digits numbers have behind the country, where all have the same.
fn length(country: &str) -> Option<usize> {
    match country {
        "1" => Some(10),
        "45" | "47" => Some(8),
        "298" | "299" => Some(6),
        _ => None,
    }
}

/// What is dialled before a national number and is no part of it.
fn trunk(country: &str) -> &'static str {
    match country {
        "39" | "378" => "none",
        "1" => "1",
        "7" => "8",
        "36" => "06",
        _ => "0",
    }
}

/// A number of `country` without the country, another one as it is.
fn national(number: String, country: &str) -> String {
    match number.strip_prefix('+').and_then(|number| number.strip_prefix(country)) {
        Some(national) => national.to_owned(),
        None => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_spelling() {
        for (text, country, expected) in [
            ("20 10 00 01", "45", "+4520100001"),
            ("+45 2010 0001", "45", "+4520100001"),
            ("(+45) 20-10-00-01", "45", "+4520100001"),
            ("0045 20100001", "45", "+4520100001"),
            ("4520100001", "45", "+4520100001"),
            ("tel:+4520100001", "45", "+4520100001"),
            ("+46 (0)8 123 456 78", "45", "+46812345678"),
            ("030 / 1234 567", "49", "+49301234567"),
            ("06 1234 5678", "39", "+390612345678"),
            ("(212) 555-0100", "1", "+12125550100"),
            ("1-212-555-0100", "1", "+12125550100"),
            ("+299 12 34 56", "45", "+299123456"),
        ] {
            assert_eq!(e164(text, country).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in [
            "",
            "112",
            "12345",
            "n/a",
            "20100001 lok. 7",
            "201000012",
            "+4520",
            "+0123456789",
            "2010+0001",
            "æ",
        ] {
            assert!(e164(text, "45").is_err(), "{text}");
        }
    }
}
