//! Expressions out of tokens, loosest operator first.

use super::parse::{MAX_DEPTH, Parser};
use super::token::Token;
use super::{Expr, Unsupported, format};

impl Parser {
    /// An expression, or several between commas.
    pub(super) fn expression_list(&mut self) -> Result<Expr, Unsupported> {
        let first = self.expression()?;
        if !self.take(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while !matches!(self.peek(), Token::NewLine | Token::End | Token::Op("=")) {
            items.push(self.expression()?);
            if !self.take(",") {
                break;
            }
        }
        Ok(Expr::List(items))
    }

    pub(super) fn expression(&mut self) -> Result<Expr, Unsupported> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.unsupported("expressions lie too deep in one another"));
        }
        let value = self.conditional();
        self.depth -= 1;
        value
    }

    fn conditional(&mut self) -> Result<Expr, Unsupported> {
        let value = self.or()?;
        if !self.take_word("if") {
            return Ok(value);
        }
        let condition = self.or()?;
        if !self.take_word("else") {
            return Err(self.unsupported("'else' is missing"));
        }
        let otherwise = self.expression()?;
        Ok(Expr::If(Box::new(value), Box::new(condition), Box::new(otherwise)))
    }

    fn or(&mut self) -> Result<Expr, Unsupported> {
        let mut items = vec![self.and()?];
        while self.take_word("or") {
            items.push(self.and()?);
        }
        Ok(one_or(items, Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, Unsupported> {
        let mut items = vec![self.not()?];
        while self.take_word("and") {
            items.push(self.not()?);
        }
        Ok(one_or(items, Expr::And))
    }

    fn not(&mut self) -> Result<Expr, Unsupported> {
        let mut times = 0;
        while self.take_word("not") {
            times += 1;
        }
        let value = self.comparison()?;
        Ok((0..times).fold(value, |value, _| Expr::Not(Box::new(value))))
    }

    fn comparison(&mut self) -> Result<Expr, Unsupported> {
        let first = self.sum()?;
        let mut others = Vec::new();
        while let Some(operator) = self.comparator()? {
            others.push((operator, self.sum()?));
        }
        Ok(if others.is_empty() { first } else { Expr::Compare(Box::new(first), others) })
    }

    fn comparator(&mut self) -> Result<Option<&'static str>, Unsupported> {
        for operator in ["==", "!=", "<=", ">=", "<", ">"] {
            if self.take(operator) {
                return Ok(Some(operator));
            }
        }
        if self.take_word("in") {
            return Ok(Some("in"));
        }
        if self.take_word("is") {
            return Ok(Some(if self.take_word("not") { "is not" } else { "is" }));
        }
        if self.take_word("not") {
            return match self.take_word("in") {
                true => Ok(Some("not in")),
                false => Err(self.unsupported("'in' is missing")),
            };
        }
        Ok(None)
    }

    fn sum(&mut self) -> Result<Expr, Unsupported> {
        let mut left = self.product()?;
        while let Some(operator) = self.one_of(&["+", "-"]) {
            left = Expr::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, Unsupported> {
        let mut left = self.unary()?;
        while let Some(operator) = self.one_of(&["*", "//", "/", "%"]) {
            left = Expr::Binary(operator, Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn one_of(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        operators.iter().copied().find(|operator| self.take(operator))
    }

    fn unary(&mut self) -> Result<Expr, Unsupported> {
        match self.take("-") {
            true => Ok(Expr::Minus(Box::new(self.postfix()?))),
            false => self.postfix(),
        }
    }

    fn postfix(&mut self) -> Result<Expr, Unsupported> {
        let mut value = self.atom()?;
        loop {
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

fn one_or(mut items: Vec<Expr>, several: fn(Vec<Expr>) -> Expr) -> Expr {
    match (items.len(), items.pop()) {
        (1, Some(only)) => only,
        (_, last) => several(items.into_iter().chain(last).collect()),
    }
}

/// A decimal number; Python's other forms are nobody's need here.
fn number(text: String) -> Option<Expr> {
    let is_decimal = text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.parse::<f64>().is_ok();
    is_decimal.then_some(Expr::Number(text))
}
