//! Expressions out of tokens: what operators stand between.

use super::parse::Parser;
use super::token::Token;
use super::{Expr, Unsupported, format};

impl Parser {
    pub(super) fn postfix(&mut self) -> Result<Expr, Unsupported> {
        let (mut value, mut times) = (self.atom()?, 0);
        loop {
            self.chained(&mut times)?;
            if self.take(".") {
                let Token::Name(name) = self.next() else {
                    return Err(self.unsupported("a name is missing behind '.'"));
                };
                value = Expr::Attr(Box::new(value), name);
            } else if self.take("(") {
                value = self.call(value)?;
            } else if self.take("[") {
                value = self.subscript(value)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn call(&mut self, function: Expr) -> Result<Expr, Unsupported> {
        let (mut arguments, mut named) = (Vec::new(), Vec::new());
        while !self.take(")") {
            let argument = self.expression()?;
            if matches!(self.peek(), Token::Name(word) if word == "for") {
                return Err(self.unsupported("a loop in an expression"));
            }
            match argument {
                Expr::Name(name) if self.take("=") => named.push((name, self.expression()?)),
                argument => arguments.push(argument),
            }
            if !self.take(",") {
                self.want(")")?;
                break;
            }
        }
        Ok(Expr::Call(Box::new(function), arguments, named))
    }

    fn subscript(&mut self, value: Expr) -> Result<Expr, Unsupported> {
        let from = match self.peek() {
            Token::Op(":") => None,
            _ => Some(Box::new(self.expression()?)),
        };
        if self.take(":") {
            let to = match self.peek() {
                Token::Op("]") => None,
                _ => Some(Box::new(self.expression()?)),
            };
            self.want("]")?;
            return Ok(Expr::Slice(Box::new(value), from, to));
        }
        self.want("]")?;
        match from {
            Some(index) => Ok(Expr::Index(Box::new(value), index)),
            None => Err(self.unsupported("an index is missing")),
        }
    }

    fn atom(&mut self) -> Result<Expr, Unsupported> {
        let line = self.line();
        match self.next() {
            Token::Number(text) => {
                number(text).ok_or_else(|| Unsupported::new(line, "a number of another form"))
            }
            Token::Text(text) => self.text(text),
            Token::Format(text) => format::f_string(&text, line),
            Token::Op("(") => self.tuple(),
            Token::Op("[") => Ok(Expr::List(self.items("]")?)),
            Token::Op("{") => self.dict(),
            Token::Name(word) => match word.as_str() {
                "None" => Ok(Expr::None),
                "True" => Ok(Expr::Bool(true)),
                "False" => Ok(Expr::Bool(false)),
                "lambda" | "await" | "yield" => Err(Unsupported::new(line, format!("'{word}'"))),
                _ => Ok(Expr::Name(word)),
            },
            _ => Err(Unsupported::new(line, "an expression is missing")),
        }
    }

    /// Strings side by side are one.
    fn text(&mut self, mut text: String) -> Result<Expr, Unsupported> {
        while let Token::Text(more) = self.peek() {
            text.push_str(more);
            self.next();
        }
        match self.peek() {
            Token::Format(_) => Err(self.unsupported("an f-string beside another string")),
            _ => Ok(Expr::Text(text)),
        }
    }

    /// What stands in parentheses: one expression, or a tuple, which serves as a list here.
    fn tuple(&mut self) -> Result<Expr, Unsupported> {
        if self.take(")") {
            return Ok(Expr::List(Vec::new()));
        }
        let first = self.expression()?;
        if self.take(")") {
            return Ok(first);
        }
        if !self.take(",") {
            return Err(self.unsupported("')' is missing"));
        }
        let mut items = vec![first];
        items.extend(self.items(")")?);
        Ok(Expr::List(items))
    }

    fn items(&mut self, end: &str) -> Result<Vec<Expr>, Unsupported> {
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(self.expression()?);
            if matches!(self.peek(), Token::Name(word) if word == "for") {
                return Err(self.unsupported("a loop in an expression"));
            }
            if !self.take(",") {
                self.want(end)?;
                break;
            }
        }
        Ok(items)
    }

    fn dict(&mut self) -> Result<Expr, Unsupported> {
        let (mut pairs, mut items) = (Vec::new(), Vec::new());
        while !self.take("}") {
            let key = self.expression()?;
            if self.take(":") {
                pairs.push((key, self.expression()?));
            } else {
                items.push(key);
            }
            if !self.take(",") {
                self.want("}")?;
                break;
            }
        }
        match (pairs.is_empty(), items.is_empty()) {
            (false, false) => Err(self.unsupported("neither a dict nor a set")),
            (true, false) => Ok(Expr::List(items)),
            _ => Ok(Expr::Dict(pairs)),
        }
    }
}

/// A decimal number; Python's other forms are nobody's need here.
fn number(text: String) -> Option<Expr> {
    let is_decimal = text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.parse::<f64>().is_ok();
    is_decimal.then_some(Expr::Number(text))
}
