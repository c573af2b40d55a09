//! Filters and tests on text: cutting, cleaning, Unicode, comparing without regard to case.

use super::take::{none, on_text, reading, text, wrong};
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error};
use unicode_normalization::UnicodeNormalization;

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("cut", cut);
    environment.add_filter("digits", digits);
    environment
        .add_filter("squeeze", |value: &Value| on_text("squeeze", value, |text| Ok(squeeze(text).into())));
    environment.add_filter("nfc", |value: &Value| {
        on_text("nfc", value, |text| Ok(text.nfc().collect::<String>().into()))
    });
    environment.add_filter("nfkc", |value: &Value| {
        on_text("nfkc", value, |text| Ok(text.nfkc().collect::<String>().into()))
    });
    environment.add_filter("ascii", ascii);
    environment.add_filter("fold", |value: &Value| on_text("fold", value, |text| Ok(fold(text).into())));
    environment.add_filter("uuid", uuid);
    environment.add_test("uuid", is_uuid);
    environment.add_test("same_text", |one: &Value, other: &Value| {
        Ok::<bool, Error>(match (text("same_text", one)?, text("same_text", other)?) {
            (Some(one), Some(other)) => fold(one) == fold(other),
            (one, other) => one.is_none() && other.is_none(),
        })
    });
}

/// The text without blanks at its ends, and of that at most `length` characters.
fn cut(value: &Value, length: usize) -> Result<Value, Error> {
    on_text("cut", value, |text| Ok(text.trim().chars().take(length).collect::<String>().into()))
}

/// Only the digits of the text.
fn digits(value: &Value) -> Result<Value, Error> {
    on_text("digits", value, |text| Ok(text.chars().filter(char::is_ascii_digit).collect::<String>().into()))
}

/// The text without blanks at its ends, with one blank for each run of white space inside.
pub(super) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The form that texts share when they differ in case, white space and Unicode form only.
pub(super) fn fold(text: &str) -> String {
    squeeze(&text.nfkc().collect::<String>()).to_lowercase().replace('ß', "ss").nfc().collect()
}

/// The text in ASCII: `also` first, then as Danish writes it, then as a reader would guess.
fn ascii(value: &Value, also: Option<Value>) -> Result<Value, Error> {
    on_text("ascii", value, |text| {
        let mut ascii = String::new();
        for letter in text.nfc() {
            let own =
                also.as_ref().map(|also| also.get_item(&Value::from(letter.to_string()))).transpose()?;
            match own.as_ref().and_then(Value::as_str) {
                Some(own) => ascii.push_str(own),
                None => ascii.push_str(&ascii_of(letter)),
            }
        }
        Ok(ascii.into())
    })
}

fn ascii_of(letter: char) -> String {
    match letter {
        'æ' => "ae".into(),
        'ø' => "oe".into(),
        'å' => "aa".into(),
        'Æ' => "Ae".into(),
        'Ø' => "Oe".into(),
        'Å' => "Aa".into(),
        letter => deunicode::deunicode_char(letter).unwrap_or("").to_owned(),
    }
}

/// The UUID in lower case.
fn uuid(value: &Value, options: Kwargs) -> Result<Value, Error> {
    reading(value, &options, || {
        on_text("uuid", value, |text| match uuid::Uuid::try_parse(text.trim()) {
            Ok(uuid) => Ok(uuid.hyphenated().to_string().into()),
            Err(_) => Err(wrong(format!("'{text}' is no UUID"))),
        })
    })
}

/// Whether it is a UUID.
fn is_uuid(value: &Value) -> bool {
    value.as_str().is_some_and(|text| uuid::Uuid::try_parse(text.trim()).is_ok())
}

/// `none` where there is nothing.
pub(super) fn or_none<T: Into<Value>>(value: Option<T>) -> Value {
    value.map_or_else(none, Into::into)
}
