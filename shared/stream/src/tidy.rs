//! JSON that was checked, written again in the form in which everything is written, without a document in between.

use serde_json::Number;

/// Write `raw` without blanks, strings with the escapes they need, numbers with the exponents they get.
pub(crate) fn tidy(raw: &str, output: &mut Vec<u8>) {
    let bytes = raw.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at + 1,
            b'"' => string(raw, at, output),
            b'-' | b'0'..=b'9' => number(raw, at, output),
            other => {
                output.push(*other);
                at + 1
            }
        };
        at = end;
    }
}

/// Write the string that begins at `start`, and give its end.
fn string(raw: &str, start: usize, output: &mut Vec<u8>) -> usize {
    let (mut end, mut escaped) = (start + 1, false);
    while let Some(found) = raw.as_bytes().get(end..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        end += found + 1;
        if raw.as_bytes()[end - 1] == b'"' {
            break;
        }
        escaped = true;
        end += 1;
    }
    let text = raw.get(start..end).unwrap_or_default();
    match escaped.then(|| serde_json::from_str::<String>(text)) {
        // Writing to memory does not fail.
        Some(Ok(text)) => drop(serde_json::to_writer(output, &text)),
        _ => output.extend_from_slice(text.as_bytes()),
    }
    end
}

/// Write the number that begins at `start`, and give its end.
fn number(raw: &str, start: usize, output: &mut Vec<u8>) -> usize {
    let rest = raw.get(start..).unwrap_or_default();
    let is_part = |c: char| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
    let text = rest.find(|c| !is_part(c)).and_then(|end| rest.get(..end)).unwrap_or(rest);
    match text.contains(['e', 'E']).then(|| text.parse::<Number>()) {
        Some(Ok(number)) => output.extend_from_slice(number.to_string().as_bytes()),
        _ => output.extend_from_slice(text.as_bytes()),
    }
    start + text.len()
}
