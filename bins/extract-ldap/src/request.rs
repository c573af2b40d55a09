//! What we send: requests and their controls (RFC 4511). Filters are compiled by the crate `ldap3`.

use crate::ber::{ENUMERATED, INTEGER, OCTETS, SEQUENCE, number, wrap};
use bytes::BytesMut;
use lber::structures::ASNTag;
use muster_base::{Error, Exit, Secret};
use zeroize::Zeroizing;

/// How far below its base a search reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scope {
    Base,
    One,
    Sub,
}

impl Scope {
    /// Its name in LDAP URLs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::One => "one",
            Self::Sub => "sub",
        }
    }
}

/// A filter, compiled.
#[derive(Clone, Debug)]
pub struct Filter(Vec<u8>);

impl Filter {
    /// Compile `text` (RFC 4515); the parentheses around the whole may be missing.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::new(Exit::Config, format!("'{text}' is no LDAP filter"))
                .hint("see RFC 4515; \\2a \\28 \\29 \\5c stand for * ( ) \\ in values")
        };
        let tag = ldap3::parse_filter(text.trim()).map_err(|()| wrong())?;
        let mut bytes = BytesMut::new();
        lber::write::encode_into(&mut bytes, tag.into_structure()).map_err(|_| wrong())?;
        Ok(Self(bytes.to_vec()))
    }

    /// What matches both.
    pub fn and(&self, other: &Self) -> Self {
        Self(wrap(0xa0, &[self.0.as_slice(), &other.0].concat()))
    }
}

/// `text` as a value in a filter.
pub fn filter_value(text: &str) -> String {
    ldap3::ldap_escape(text).into_owned()
}

/// A search.
#[derive(Clone, Debug)]
pub struct Search {
    pub base: String,
    pub scope: Scope,
    pub filter: Filter,
    pub attributes: Vec<String>,
    /// Entries to give at most; 0: as many as there are.
    pub size_limit: u32,
}

impl Search {
    /// The one entry `base`, if it matches.
    pub fn entry(base: &str, filter: &Filter, attributes: &[String]) -> Self {
        Self {
            base: base.to_owned(),
            scope: Scope::Base,
            filter: filter.clone(),
            attributes: attributes.to_vec(),
            size_limit: 0,
        }
    }

    /// As an operation.
    pub fn operation(&self) -> Vec<u8> {
        let attributes: Vec<u8> =
            self.attributes.iter().flat_map(|name| wrap(OCTETS, name.as_bytes())).collect();
        let content = [
            wrap(OCTETS, self.base.as_bytes()),
            number(ENUMERATED, self.scope as u32),
            // Aliases are not followed: what they name is in the directory itself.
            number(ENUMERATED, 0),
            number(INTEGER, self.size_limit),
            // No time limit of ours: the server has one, and we wait only so long for each message.
            number(INTEGER, 0),
            vec![0x01, 0x01, 0x00],
            self.filter.0.clone(),
            wrap(SEQUENCE, &attributes),
        ];
        wrap(0x63, &content.concat())
    }
}

/// A simple bind; both empty is anonymous. It holds the password, and is wiped when it is dropped.
pub fn simple_bind(version: u8, name: &str, password: Option<&Secret>) -> Zeroizing<Vec<u8>> {
    let password = password.map(Secret::reveal).unwrap_or_default();
    bind(version, name, &Zeroizing::new(wrap(0x80, password.as_bytes())))
}

/// One step of a bind by SASL, with what its mechanism has to say, which may be nothing.
pub fn sasl_bind(mechanism: &str, said: &[u8]) -> Zeroizing<Vec<u8>> {
    bind(3, "", &wrap(0xa3, &[wrap(OCTETS, mechanism.as_bytes()), wrap(OCTETS, said)].concat()))
}

fn bind(version: u8, name: &str, authentication: &[u8]) -> Zeroizing<Vec<u8>> {
    let (version, name) = (number(INTEGER, u32::from(version)), wrap(OCTETS, name.as_bytes()));
    let content = Zeroizing::new([&version, &name, authentication].concat());
    Zeroizing::new(wrap(0x60, &content))
}

/// The wish for TLS on this connection.
pub fn start_tls() -> Vec<u8> {
    wrap(0x77, &wrap(0x80, b"1.3.6.1.4.1.1466.20037"))
}

/// The end of the connection.
pub fn unbind() -> Vec<u8> {
    wrap(0x42, b"")
}

/// A control.
pub fn control(oid: &str, is_critical: bool, value: Option<&[u8]>) -> Vec<u8> {
    let critical: &[u8] = if is_critical { &[0x01, 0x01, 0xff] } else { &[] };
    let value = value.map(|value| wrap(OCTETS, value)).unwrap_or_default();
    wrap(SEQUENCE, &[&wrap(OCTETS, oid.as_bytes()), critical, &value].concat())
}

/// A whole message, wiped when it is dropped: it may be a bind.
pub fn message(id: u32, operation: &[u8], controls: &[Vec<u8>]) -> Zeroizing<Vec<u8>> {
    let controls = if controls.is_empty() { Vec::new() } else { wrap(0xa0, &controls.concat()) };
    let content = Zeroizing::new([&number(INTEGER, id), operation, &controls].concat());
    Zeroizing::new(wrap(SEQUENCE, &content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_compiled_or_refused() {
        for text in [
            "(objectClass=*)",
            "cn=Æble",
            "(&(objectClass=person)(!(objectClass=computer)))",
            "(userAccountControl:1.2.840.113556.1.4.803:=2)",
            "(cn=a\\2ab\\28\\29\\5c)",
            "(memberOf:1.2.840.113556.1.4.1941:=cn=a\\5c,b,dc=x)",
            "(uSNChanged>=12)",
            "(cn=a*b*c)",
        ] {
            assert!(Filter::parse(text).is_ok(), "{text}");
        }
        for text in ["", "()", "(cn=a", "(cn=a))", "(cn=\\zz)", "x"] {
            assert!(Filter::parse(text).is_err(), "{text}");
        }
    }
}
