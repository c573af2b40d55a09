//! Expressions out of tokens: their operators, the loosest first.

use super::parse::{MAX_DEPTH, Parser};
use super::token::Token;
use super::{Expr, Unsupported};

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
            self.chained(&mut times)?;
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
        let (mut left, mut times) = (self.product()?, 0);
        while let Some(operator) = self.one_of(&["+", "-"]) {
            self.chained(&mut times)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, Unsupported> {
        let (mut left, mut times) = (self.unary()?, 0);
        while let Some(operator) = self.one_of(&["*", "//", "/", "%"]) {
            self.chained(&mut times)?;
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
}

fn one_or(mut items: Vec<Expr>, several: fn(Vec<Expr>) -> Expr) -> Expr {
    match (items.len(), items.pop()) {
        (1, Some(only)) => only,
        (_, last) => several(items.into_iter().chain(last).collect()),
    }
}
