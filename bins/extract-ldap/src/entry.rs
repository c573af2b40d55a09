//! An entry as it came: its name and its attributes, borrowed from the message.

use crate::ber::{Ber, OCTETS, SEQUENCE, SET, malformed};
use muster_base::Error;

/// An entry.
pub struct Entry<'a> {
    /// Its distinguished name, as the server writes it.
    pub dn: &'a str,
    attributes: Ber<'a>,
}

/// An attribute of an entry.
pub struct Attribute<'a> {
    /// Its description: name and options, as the server writes them.
    pub description: &'a str,
    /// Its values.
    pub values: Values<'a>,
}

/// Values of an attribute.
#[derive(Clone, Copy)]
pub struct Values<'a>(Ber<'a>);

impl<'a> Entry<'a> {
    /// The entry in the content of a search result.
    pub fn read(content: &'a [u8]) -> Result<Self, Error> {
        let mut content = Ber(content);
        Ok(Self { dn: content.text(OCTETS)?, attributes: Ber(content.expect(SEQUENCE)?) })
    }

    /// Its next attribute.
    pub fn next(&mut self) -> Result<Option<Attribute<'a>>, Error> {
        if self.attributes.is_empty() {
            return Ok(None);
        }
        let mut attribute = Ber(self.attributes.expect(SEQUENCE)?);
        let description = attribute.text(OCTETS)?;
        if description.is_empty() {
            return Err(malformed("an attribute has no name"));
        }
        let values = attribute.expect(SET)?;
        // Looked through once, so that whoever iterates later meets no error.
        let mut all = Ber(values);
        while !all.is_empty() {
            all.expect(OCTETS)?;
        }
        Ok(Some(Attribute { description, values: Values(Ber(values)) }))
    }

    /// The values of the attribute `name`, in any case, without options; empty when it has none.
    pub fn values_of(content: &'a [u8], name: &str) -> Result<Vec<&'a [u8]>, Error> {
        let mut entry = Self::read(content)?;
        while let Some(attribute) = entry.next()? {
            if attribute.description.eq_ignore_ascii_case(name) {
                return Ok(attribute.values.collect());
            }
        }
        Ok(Vec::new())
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.expect(OCTETS).ok()
    }
}
