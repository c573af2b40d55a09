//! Distinguished names as RFC 4514 writes them.

/// One level of a name: its attributes, in lower case, with their values. Several are rare (`cn=Ane+uid=7`).
pub type Level = Vec<(String, String)>;

/// The parts of `text` between `separator`s that are not escaped, as they are written.
pub fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut begin, mut escaped) = (Vec::new(), 0, false);
    for (place, letter) in text.char_indices() {
        if letter == separator && !escaped {
            parts.push(text.get(begin..place).unwrap_or_default());
            begin = place + separator.len_utf8();
        }
        escaped = letter == '\\' && !escaped;
    }
    parts.push(text.get(begin..).unwrap_or_default());
    parts
}

/// The levels of a name, the lowest first; what is wrong with a text that is no name.
pub fn parse(text: &str) -> Result<Vec<Level>, &'static str> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    split(text, ',').into_iter().map(|level| split(level, '+').into_iter().map(attribute).collect()).collect()
}

fn attribute(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("a part has no '='")?;
    let name = name.trim();
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !begins || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.;".contains(&byte)) {
        return Err("a part begins with no name of an attribute");
    }
    Ok((name.to_ascii_lowercase(), unescape(value.trim_start())?))
}

/// A value without its escapes. A blank at the end counts only when it is escaped.
fn unescape(text: &str) -> Result<String, &'static str> {
    let (mut bytes, mut letters, mut keep) = (Vec::new(), text.chars(), 0);
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            bytes.extend(letter.to_string().bytes());
        } else {
            let next = letters.next().ok_or("it ends with an escape")?;
            match (next.to_digit(16), letters.clone().next().and_then(|low| low.to_digit(16))) {
                (Some(high), Some(low)) => {
                    letters.next();
                    bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                }
                _ => bytes.extend(next.to_string().bytes()),
            }
            keep = bytes.len();
        }
    }
    while bytes.len() > keep && bytes.last() == Some(&b' ') {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|_| "a value is no UTF-8")
}

/// A value as it stands in a name.
pub fn escape(text: &str) -> String {
    let mut escaped = String::new();
    let last = text.chars().count().saturating_sub(1);
    for (place, letter) in text.chars().enumerate() {
        match letter {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => escaped.extend(['\\', letter]),
            ' ' if place == 0 || place == last => escaped.push_str("\\ "),
            '#' if place == 0 => escaped.push_str("\\#"),
            '\0' => escaped.push_str("\\00"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The levels in the form that equal names share, given the form in which equal values are the same.
pub fn key(dn: &[Level], fold: impl Fn(&str) -> String) -> Vec<String> {
    let level = |level: &Level| {
        let same = |(name, value): &(String, String)| format!("{name}={}", escape(&fold(value)));
        let mut level: Vec<String> = level.iter().map(same).collect();
        level.sort();
        level.join("+")
    };
    dn.iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<String> {
        Some(parse(text).ok()?.first()?.first()?.1.clone())
    }

    #[test]
    fn values_lose_their_escapes() {
        for (text, expected) in [
            ("CN=Larsen\\, Ane,DC=x", "Larsen, Ane"),
            ("cn=Lu\\C4\\8Di\\C4\\87", "Lučić"),
            ("cn = a b , dc=x", "a b"),
            ("cn=a\\ ", "a "),
            ("cn=\\#1\\2B2", "#1+2"),
            ("cn=a\\\\,dc=x", "a\\"),
            ("cn=a=b", "a=b"),
            ("2.5.4.3=#0401", "#0401"),
            ("cn=", ""),
        ] {
            assert_eq!(first(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["x", "cn", "=x", "cn=a,,dc=x", "cn=a\\", "cn=\\FF", "c n=a"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse(""), Ok(Vec::new()));
    }

    #[test]
    fn equal_names_have_one_key_and_escapes_come_back() {
        let one = key(&parse("CN=Ane Larsen+UID=7, OU=H\\52").unwrap(), str::to_lowercase);
        assert_eq!(one, key(&parse("uid=7+cn=ane larsen,ou=hr").unwrap(), str::to_lowercase));
        for value in [" a ", "#a", "a,b+c\"d\\e<f>g;h=i", "", " "] {
            assert_eq!(first(&format!("cn={},dc=x", escape(value))).as_deref(), Some(value));
        }
    }
}
