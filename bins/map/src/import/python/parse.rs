//! Statements out of tokens.

use super::token::{Token, tokens};
use super::{Expr, Statement, Unsupported, What};

/// How deep statements and expressions may lie in one another.
pub(super) const MAX_DEPTH: usize = 60;

/// How long a text may be, and how many operators one after the other: each lies around the one before it, and what is
/// parsed is walked by recursion.
const MAX_TOKENS: usize = 1500;
const MAX_CHAIN: usize = 60;

/// The tokens of a text, and how far they are read.
pub(super) struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    pub(super) depth: usize,
}

/// The statements of the function body `text`. A body that begins behind its name goes on with the lines below.
pub(super) fn body(text: &str) -> Result<Vec<Statement>, Unsupported> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if first.trim().is_empty() {
        return Parser::new(&format!("\n{}", dedented(rest)))?.block_to_end();
    }
    Parser::new(&format!("{}\n{}", first.trim_start(), dedented(rest)))?.block_to_end()
}

/// `text` without the blanks that all its lines begin with.
fn dedented(text: &str) -> String {
    let blanks = |line: &str| line.len() - line.trim_start().len();
    let common = text.lines().filter(|line| !line.trim().is_empty()).map(blanks).min().unwrap_or_default();
    let lines: Vec<&str> = text.lines().map(|line| line.get(common..).unwrap_or_default()).collect();
    lines.join("\n")
}

impl Parser {
    pub(super) fn new(text: &str) -> Result<Self, Unsupported> {
        let tokens = tokens(text)?;
        match tokens.get(MAX_TOKENS) {
            Some((_, line)) => Err(Unsupported::new(*line, "too much for one expression")),
            None => Ok(Self { tokens, at: 0, depth: 0 }),
        }
    }

    pub(super) fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    pub(super) fn line(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |(_, line)| *line)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    /// Go on when the next token is this operator.
    pub(super) fn take(&mut self, operator: &str) -> bool {
        let is = matches!(self.peek(), Token::Op(found) if *found == operator);
        self.at += usize::from(is);
        is
    }

    /// Go on when the next token is this word.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Token::Name(found) if found == word);
        self.at += usize::from(is);
        is
    }

    pub(super) fn want(&mut self, operator: &str) -> Result<(), Unsupported> {
        if self.take(operator) { Ok(()) } else { Err(self.unsupported(format!("'{operator}' is missing"))) }
    }

    /// Refuse a longer chain of operators.
    pub(super) fn chained(&self, times: &mut usize) -> Result<(), Unsupported> {
        *times += 1;
        if *times > MAX_CHAIN { Err(self.unsupported("too much for one expression")) } else { Ok(()) }
    }

    pub(super) fn unsupported(&self, what: impl Into<String>) -> Unsupported {
        Unsupported::new(self.line(), what)
    }

    fn block_to_end(mut self) -> Result<Vec<Statement>, Unsupported> {
        let mut statements = Vec::new();
        while *self.peek() != Token::End {
            self.statement(&mut statements)?;
        }
        Ok(statements)
    }

    fn block(&mut self) -> Result<Vec<Statement>, Unsupported> {
        self.want(":")?;
        let mut statements = Vec::new();
        if *self.peek() != Token::NewLine {
            self.statement(&mut statements)?;
            return Ok(statements);
        }
        self.next();
        if self.next() != Token::Indent {
            return Err(self.unsupported("an indented block is missing"));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.unsupported("blocks lie too deep in one another"));
        }
        while *self.peek() != Token::Dedent && *self.peek() != Token::End {
            self.statement(&mut statements)?;
        }
        self.depth -= 1;
        self.next();
        Ok(statements)
    }

    fn statement(&mut self, into: &mut Vec<Statement>) -> Result<(), Unsupported> {
        if *self.peek() == Token::NewLine {
            self.next();
            return Ok(());
        }
        let line = self.line();
        if self.take_word("if") {
            let what = self.branches()?;
            into.push(Statement { line, what });
            return Ok(());
        }
        loop {
            let what = self.simple()?;
            into.push(Statement { line, what });
            if self.take(";") && *self.peek() != Token::NewLine {
                continue;
            }
            return match self.next() {
                Token::NewLine => Ok(()),
                _ => Err(Unsupported::new(line, "a statement of another form")),
            };
        }
    }

    fn branches(&mut self) -> Result<What, Unsupported> {
        let condition = self.expression()?;
        let then = self.block()?;
        let line = self.line();
        let otherwise = if self.take_word("elif") {
            vec![Statement { line, what: self.branches()? }]
        } else if self.take_word("else") {
            self.block()?
        } else {
            Vec::new()
        };
        Ok(What::If(condition, then, otherwise))
    }

    fn simple(&mut self) -> Result<What, Unsupported> {
        let line = self.line();
        let Token::Name(word) = self.peek().clone() else { return self.assignment(line) };
        match word.as_str() {
            "return" => {
                self.next();
                let value = match self.peek() {
                    Token::NewLine | Token::Op(";") => Expr::None,
                    _ => self.expression_list()?,
                };
                Ok(What::Return(value))
            }
            "raise" => {
                self.next();
                Ok(What::Raise(raised(&self.expression()?)))
            }
            "pass" => {
                self.next();
                Ok(What::Nothing)
            }
            "import" => {
                self.next();
                if self.take_word("re") {
                    return Ok(What::Nothing);
                }
                Err(Unsupported::new(line, "an import"))
            }
            "for" | "while" => Err(Unsupported::new(line, "a loop")),
            "try" | "with" | "def" | "class" | "del" | "global" | "from" | "assert" | "lambda" | "yield"
            | "async" | "await" | "match" => Err(Unsupported::new(line, format!("'{word}'"))),
            _ => self.assignment(line),
        }
    }

    fn assignment(&mut self, line: usize) -> Result<What, Unsupported> {
        let target = self.expression_list()?;
        for (sign, operator) in [("+=", "+"), ("-=", "-"), ("*=", "*")] {
            if self.take(sign) {
                let name = local(&target, line)?;
                let value = Expr::Binary(operator, Box::new(target), Box::new(self.expression_list()?));
                return Ok(What::Assign(name, value));
            }
        }
        if self.take("=") {
            let name = local(&target, line)?;
            return Ok(What::Assign(name, self.expression_list()?));
        }
        match &target {
            Expr::Call(function, ..) if is_log(function) => Ok(What::Nothing),
            Expr::Text(_) => Ok(What::Nothing),
            _ => Err(Unsupported::new(line, "a call for its effect")),
        }
    }
}

fn local(target: &Expr, line: usize) -> Result<String, Unsupported> {
    match target {
        Expr::Name(name) => Ok(name.clone()),
        _ => Err(Unsupported::new(line, "an assignment to something other than a local name")),
    }
}

fn is_log(function: &Expr) -> bool {
    match function {
        Expr::Attr(log, _) => {
            matches!(&**log, Expr::Name(name) if matches!(name.as_str(), "LOG" | "logging"))
        }
        Expr::Name(name) => name == "print",
        _ => false,
    }
}

/// The message of what is raised.
fn raised(error: &Expr) -> String {
    match error {
        Expr::Call(_, arguments, _) => match arguments.first() {
            Some(Expr::Text(message)) => message.clone(),
            _ => "an error is raised".to_owned(),
        },
        Expr::Name(name) => name.clone(),
        _ => "an error is raised".to_owned(),
    }
}
