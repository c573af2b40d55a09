//! What the values of an attribute are, decided by its name alone: a GUID may well be valid UTF-8 by chance.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use std::fmt::Write;

/// How values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    /// 16 bytes, the first three groups with their lowest byte first.
    Guid,
    /// 16 bytes as they are.
    Uuid,
    Sid,
    /// 100 ns since 1601, in decimal.
    FileTime,
    /// `YYYYMMDDHHMMSSZ`.
    GeneralizedTime,
    /// The number of flags in userAccountControl.
    Flags,
    Binary,
}

const GUIDS: [&str; 3] = ["objectguid", "ms-ds-consistencyguid", "msexchmailboxguid"];
const SIDS: [&str; 3] = ["objectsid", "sidhistory", "securityidentifier"];
const FILE_TIMES: [&str; 10] = [
    "accountexpires",
    "badpasswordtime",
    "lastlogon",
    "lastlogontimestamp",
    "lastlogoff",
    "lockouttime",
    "pwdlastset",
    "msds-userpasswordexpirytimecomputed",
    "ms-mcs-admpwdexpirationtime",
    "mslaps-passwordexpirationtime",
];
const GENERALIZED_TIMES: [&str; 5] =
    ["whencreated", "whenchanged", "createtimestamp", "modifytimestamp", "pwdchangedtime"];
const BINARIES: [&str; 9] = [
    "jpegphoto",
    "thumbnailphoto",
    "usercertificate",
    "cacertificate",
    "usersmimecertificate",
    "ntsecuritydescriptor",
    "msexchmailboxsecuritydescriptor",
    "logonhours",
    "userparameters",
];

impl Form {
    /// The form of the attribute `name` (in lower case, without options).
    pub fn of(name: &str) -> Self {
        match name {
            "guid" => Self::Uuid,
            "useraccountcontrol" => Self::Flags,
            _ if GUIDS.contains(&name) => Self::Guid,
            _ if SIDS.contains(&name) => Self::Sid,
            _ if FILE_TIMES.contains(&name) => Self::FileTime,
            _ if GENERALIZED_TIMES.contains(&name) => Self::GeneralizedTime,
            _ if BINARIES.contains(&name) => Self::Binary,
            _ => Self::Text,
        }
    }

    /// Write `value` as JSON to `output`; false, and nothing written, when it has another form.
    pub fn write(self, value: &[u8], output: &mut Vec<u8>) -> bool {
        let text = match self {
            Self::Text => return std::str::from_utf8(value).is_ok_and(|text| quote(text, output)),
            Self::Binary => Some(STANDARD.encode(value)),
            Self::Guid => guid(value),
            Self::Uuid => uuid(value),
            Self::Sid => sid(value),
            Self::GeneralizedTime => decimal(value).and_then(generalized_time),
            Self::FileTime => match decimal(value).map(str::parse) {
                Some(Ok(0 | i64::MAX)) => {
                    output.extend(b"null");
                    return true;
                }
                Some(Ok(ticks)) => file_time(ticks),
                _ => None,
            },
            Self::Flags => {
                let Some(Ok(flags)) = decimal(value).map(str::parse::<i64>) else { return false };
                output.extend(flags.to_string().into_bytes());
                return true;
            }
        };
        text.is_some_and(|text| quote(&text, output))
    }
}

/// Write `text` as a JSON string.
pub fn quote(text: &str, output: &mut Vec<u8>) -> bool {
    serde_json::to_writer(output, text).is_ok()
}

fn decimal(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok()
}

/// A GUID as Windows stores it, as text.
pub fn guid(value: &[u8]) -> Option<String> {
    let mut bytes: [u8; 16] = value.try_into().ok()?;
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    uuid(&bytes)
}

/// 16 bytes as the text of a UUID.
pub fn uuid(value: &[u8]) -> Option<String> {
    let value: [u8; 16] = value.try_into().ok()?;
    let mut text = String::with_capacity(36);
    for (place, byte) in value.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}

fn sid(value: &[u8]) -> Option<String> {
    let [revision, count, authority @ ..] = value.get(..8)? else { return None };
    let rest = value.get(8..)?;
    if rest.len() != usize::from(*count) * 4 {
        return None;
    }
    let authority = authority.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let mut text = match authority < 1 << 32 {
        true => format!("S-{revision}-{authority}"),
        false => format!("S-{revision}-0x{authority:012x}"),
    };
    for part in rest.chunks_exact(4) {
        let part: [u8; 4] = part.try_into().ok()?;
        let _ = write!(text, "-{}", u32::from_le_bytes(part));
    }
    Some(text)
}

/// `0` and the largest number are never: null, said by the caller.
fn file_time(ticks: i64) -> Option<String> {
    const TO_1970: i64 = 11_644_473_600;
    let seconds = ticks.div_euclid(10_000_000) - TO_1970;
    let nanoseconds = i32::try_from(ticks.rem_euclid(10_000_000) * 100).ok()?;
    Timestamp::new(seconds, nanoseconds).ok().map(|time| time.to_string())
}

/// `YYYYMMDDHH[MM[SS]][.f](Z|+hhmm)`.
fn generalized_time(text: &str) -> Option<String> {
    let end = text.find(['Z', '+', '-'])?;
    let (digits, zone) = text.split_at(end);
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    if !matches!(whole.len(), 10 | 12 | 14) || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part =
        |from: usize, to: usize| whole.get(from..to).map_or(Some(0), |digits| digits.parse::<i16>().ok());
    let small = |from, to| part(from, to).and_then(|number| i8::try_from(number).ok());
    // A fraction is one of the last unit that is written; only that of seconds is in use.
    let nanoseconds = match (whole.len(), fraction) {
        (_, fraction) if fraction.bytes().all(|byte| byte == b'0') => 0,
        (14, fraction) => format!("{fraction:0<9}").get(..9)?.parse().ok()?,
        _ => return None,
    };
    let time = DateTime::new(
        part(0, 4)?,
        small(4, 6)?,
        small(6, 8)?,
        small(8, 10)?,
        small(10, 12)?,
        small(12, 14)?,
        nanoseconds,
    );
    Some(offset(zone)?.to_timestamp(time.ok()?).ok()?.to_string())
}

fn offset(zone: &str) -> Option<Offset> {
    if zone == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, digits) = (if zone.starts_with('-') { -1 } else { 1 }, zone.get(1..)?);
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 =
        digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Some(0), |rest| rest.parse().ok())?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: Form, value: &[u8]) -> Option<String> {
        let mut output = Vec::new();
        form.write(value, &mut output).then(|| String::from_utf8(output).unwrap())
    }

    #[test]
    fn guids_have_their_first_groups_reversed() {
        let bytes =
            [0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];
        assert_eq!(written(Form::Guid, &bytes).unwrap(), "\"00112233-4455-6677-8899-aabbccddeeff\"");
        assert_eq!(written(Form::Uuid, &bytes).unwrap(), "\"33221100-5544-7766-8899-aabbccddeeff\"");
        assert_eq!(written(Form::Guid, &bytes[1..]), None);
    }

    #[test]
    fn sids_are_written_as_windows_does() {
        let domain = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xf4, 1, 0, 0];
        assert_eq!(written(Form::Sid, &domain).unwrap(), "\"S-1-5-21-1-2-3-500\"");
        let large = [1, 1, 0, 1, 0, 0, 0, 0, 7, 0, 0, 0];
        assert_eq!(written(Form::Sid, &large).unwrap(), "\"S-1-0x000100000000-7\"");
        assert_eq!(written(Form::Sid, &domain[..27]), None);
    }

    #[test]
    fn times_become_rfc_3339_and_never_is_null() {
        let cases: [(Form, &str, Option<&str>); 11] = [
            (Form::FileTime, "130000000000000000", Some("\"2012-12-14T23:06:40Z\"")),
            (Form::FileTime, "130000000001234567", Some("\"2012-12-14T23:06:40.1234567Z\"")),
            (Form::FileTime, "0", Some("null")),
            (Form::FileTime, "9223372036854775807", Some("null")),
            (Form::FileTime, "soon", None),
            (Form::GeneralizedTime, "20150304050607Z", Some("\"2015-03-04T05:06:07Z\"")),
            (Form::GeneralizedTime, "20150304050607.0Z", Some("\"2015-03-04T05:06:07Z\"")),
            (Form::GeneralizedTime, "20150304050607,25+0130", Some("\"2015-03-04T03:36:07.25Z\"")),
            (Form::GeneralizedTime, "2015030405Z", Some("\"2015-03-04T05:00:00Z\"")),
            (Form::GeneralizedTime, "20151304050607Z", None),
            (Form::GeneralizedTime, "2015", None),
        ];
        for (form, text, expected) in cases {
            assert_eq!(written(form, text.as_bytes()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_unless_it_is_known_as_binary() {
        assert_eq!(written(Form::Text, b"\xff\xfe"), None);
        assert_eq!(written(Form::Binary, b"\xff\xfe").unwrap(), "\"//4=\"");
        assert_eq!(written(Form::Text, "Æble \"x\"\n".as_bytes()).unwrap(), "\"Æble \\\"x\\\"\\n\"");
    }
}
