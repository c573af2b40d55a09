//! Text drawn from data, made safe for terminals and logs.

use std::fmt::Write;

/// The bodies of remotes are cut at this many characters in messages.
const SHOWN_CHARACTERS: usize = 300;

/// `text` with control, bidirectional formatting and invisible characters escaped, so that it stays on one line, cannot
/// rearrange a terminal, and looks the same only when it is.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            c if c.is_control() || is_bidi(c) || is_invisible(c) => {
                let _ = write!(line, "\\u{{{:x}}}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What takes no room: soft hyphens, zero-width spaces, byte order marks, tags; and the line ends of Unicode. Joiners stay:
/// scripts and emoji need them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The beginning of a remote's text, fit for a message: one line, at most 300 characters, masked before it is cut:
/// nobody would find the half of a secret that stays.
pub fn cut(text: &str) -> String {
    let text = mask(text.trim());
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        None => one_line(&text),
        Some((end, _)) => format!("{}…", one_line(&text[..end])),
    }
}

/// `text` as it may be said and logged: secrets, CPR numbers, users and passwords in addresses masked.
pub fn mask(text: &str) -> String {
    // Secrets first: one with ten digits in it would not be found any more.
    mask_userinfo(&mask_cpr(&crate::secret::mask(text)))
}

/// `text` with everything of the form of a Danish CPR number (`dddddd-dddd`, `dddddddddd`) masked. UUIDs stay.
fn mask_cpr(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut masked = String::with_capacity(text.len());
    let (mut position, mut copied) = (0, 0);
    while position < bytes.len() {
        if let Some(length) = uuid_at(&bytes[position..]) {
            position += length;
        } else if let Some(length) = cpr_at(&bytes[position..]) {
            masked.push_str(&text[copied..position]);
            masked.push_str(if length == 11 { "******-****" } else { "**********" });
            position += length;
            copied = position;
        } else {
            position += 1;
        }
    }
    masked.push_str(&text[copied..]);
    masked
}

/// `text` with user and password of the addresses in it masked: `http://reader:…@example.org` names no server alone.
pub fn mask_userinfo(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut parts = text.split("://");
    masked.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || "/?#\"'<>()".contains(c)).unwrap_or(part.len());
        let (authority, rest) = part.split_at(end);
        masked.push_str("://");
        match authority.rsplit_once('@') {
            Some((_, host)) => masked.extend(["***@", host]),
            None => masked.push_str(authority),
        }
        masked.push_str(rest);
    }
    masked
}

/// The hyphenated UUID in lower case, as registries compare them; or why `text` is none, to be read behind its name.
pub fn lower_uuid(text: &str) -> Result<String, String> {
    match uuid_at(text.as_bytes()) == Some(text.len()) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(format!("'{}' is no uuid", cut(text))),
    }
}

/// Whether all of `text` has the form of a CPR number.
pub fn is_cpr(text: &str) -> bool {
    cpr_at(text.as_bytes()) == Some(text.len())
}

fn cpr_at(bytes: &[u8]) -> Option<usize> {
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|b| b.iter().all(u8::is_ascii_digit));
    match bytes.get(6) {
        Some(b'-') if digits(0..6) && digits(7..11) => Some(11),
        Some(_) if digits(0..10) => Some(10),
        _ => None,
    }
}

fn uuid_at(bytes: &[u8]) -> Option<usize> {
    let shape = |(index, byte): (usize, &u8)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    bytes.get(..36).is_some_and(|b| b.iter().enumerate().all(shape)).then_some(36)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_passwords_in_addresses_are_masked() {
        let text = "GET https://reader:se@cret@example.org:8443/a@b and ldap://example.org";
        assert_eq!(mask_userinfo(text), "GET https://***@example.org:8443/a@b and ldap://example.org");
        assert_eq!(mask_userinfo("http://a:b@c?d\nhttp://e@f"), "http://***@c?d\nhttp://***@f");
    }

    #[test]
    fn cpr_numbers_are_masked_wherever_they_stand() {
        assert_eq!(mask_cpr("cpr 010101-1234, 0101011234."), "cpr ******-****, **********.");
        assert_eq!(mask_cpr("ane0101011234@example.org"), "ane**********@example.org");
    }

    #[test]
    fn uuids_stay() {
        let text = "user 12345678-1234-1234-1234-123456789012 æøå";
        assert_eq!(mask_cpr(text), text);
    }

    #[test]
    fn only_hyphenated_uuids_are_uuids() {
        let uuid = "6F5C0000-0000-4000-8000-00000000000A";
        assert_eq!(lower_uuid(uuid).unwrap(), uuid.to_lowercase());
        let wrong =
            ["ane", &uuid.replace('-', ""), &format!("{{{uuid}}}"), &uuid.replace('F', "G")].map(lower_uuid);
        assert!(wrong.iter().all(|wrong| wrong.as_ref().unwrap_err().ends_with(" is no uuid")), "{wrong:?}");
        assert_eq!(lower_uuid("010101-1234").unwrap_err(), "'******-****' is no uuid");
    }

    #[test]
    fn only_a_whole_cpr_number_is_one() {
        assert!(is_cpr("0101011234") && is_cpr("010101-1234"));
        assert!(!is_cpr("01010112345") && !is_cpr("p001"));
    }

    #[test]
    fn escapes_what_rearranges_a_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\u{202e}c\n"), "a\\u{1b}[2Jb\\u{202e}c\\n");
        assert_eq!(one_line("a\u{200b}b\u{2028}c\u{200d}d"), "a\\u{200b}b\\u{2028}c\u{200d}d");
    }

    #[test]
    fn what_is_cut_in_two_is_masked() {
        let _secret = crate::Secret::new("canary-of-text\n1");
        for (text, masked) in [("canary-of-text\n1", "***"), ("0101011234", "**********")] {
            let long = format!("{}{text}", "x".repeat(SHOWN_CHARACTERS - 5));
            assert_eq!(cut(&long), cut(&long.replace(text, masked)));
        }
    }

    #[test]
    fn a_long_body_is_cut() {
        assert_eq!(cut(&"æ".repeat(400)).chars().count(), 301);
    }
}
