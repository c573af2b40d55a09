//! HTTP by hand, for servers that answer as none should.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;

/// Head and body of the request that comes in.
pub fn request(connection: &TcpStream) -> String {
    let (mut reader, mut head) = (BufReader::new(connection), String::new());
    while reader.read_line(&mut head).is_ok_and(|length| length > 2) {}
    let length = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = reader.read_exact(&mut body);
    head + &String::from_utf8_lossy(&body)
}
