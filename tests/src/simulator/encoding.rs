//! Percent-encoding as a server undoes it, one part of a path or query at a time.

/// `%XX` decoded; everything else, `+` too, is itself. What is no UTF-8 is replaced.
pub fn decoded(text: &str) -> String {
    let (bytes, mut decoded) = (text.as_bytes(), Vec::new());
    let mut place = 0;
    while place < bytes.len() {
        let code = bytes.get(place + 1..place + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.filter(|_| bytes[place] == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                place += 3;
            }
            None => {
                decoded.push(bytes[place]);
                place += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
