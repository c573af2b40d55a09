//! Finds the expressions and templates that [`crate::native`] can evaluate, by the syntax tree that minijinja reads.

use crate::compile::Compiler;
use crate::native::{Native, Piece};
use crate::text::Compat;
use minijinja::machinery::{ast, parse, parse_expr};
use minijinja::value::ValueKind;

/// Parts from which on an expression is no longer simple: each `let` is put in wherever its name stands.
const SIMPLE: usize = 64;

/// What the names of one map mean, beside those of members: the item of `each`, and `let` with what it stands for, if
/// that is simple.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) each: Option<String>,
    pub(crate) lets: Vec<(String, Option<Native>)>,
}

impl Compiler<'_> {
    /// `source` as a simple expression, if it is one.
    pub(crate) fn native(&self, source: &str) -> Option<Native> {
        self.has_plain_names().then_some(())?;
        let names = self.names.borrow();
        let native = self.expr(&parse_expr(source).ok()?, names.as_ref()?)?;
        (native.size() <= SIMPLE).then_some(native)
    }

    /// `source` as a simple template, if it is one.
    pub(crate) fn native_template(&self, source: &str) -> Option<Vec<Piece>> {
        self.has_plain_names().then_some(())?;
        let names = self.names.borrow();
        let ast::Stmt::Template(template) = parse(source, "template", Default::default()).ok()? else {
            return None;
        };
        self.pieces(&template.children, names.as_ref()?)
    }

    /// Whether a name is the member of that name, and not one that has it when it is escaped, too.
    fn has_plain_names(&self) -> bool {
        self.spec.compat != Some(Compat::Managed)
    }

    fn pieces(&self, children: &[ast::Stmt<'_>], names: &Names) -> Option<Vec<Piece>> {
        children.iter().map(|child| self.piece(child, names)).collect()
    }

    fn piece(&self, child: &ast::Stmt<'_>, names: &Names) -> Option<Piece> {
        match child {
            ast::Stmt::EmitRaw(raw) => Some(Piece::Text(raw.raw.to_owned())),
            ast::Stmt::EmitExpr(emit) => {
                let native = self.expr(&emit.expr, names)?;
                (native.size() <= SIMPLE).then_some(Piece::Print(native))
            }
            ast::Stmt::IfCond(cond) => Some(Piece::If(
                self.expr(&cond.expr, names)?,
                self.pieces(&cond.true_body, names)?,
                self.pieces(&cond.false_body, names)?,
            )),
            _ => None,
        }
    }

    fn expr(&self, expr: &ast::Expr<'_>, names: &Names) -> Option<Native> {
        let boxed = |expr| self.expr(expr, names).map(Box::new);
        match expr {
            ast::Expr::Const(constant) => literal(&constant.value),
            ast::Expr::UnaryOp(unary) => match unary.op {
                ast::UnaryOpKind::Not => Some(Native::Not(boxed(&unary.expr)?)),
                ast::UnaryOpKind::Neg => None,
            },
            ast::Expr::BinOp(binary) => {
                let (left, right) = (boxed(&binary.left)?, boxed(&binary.right)?);
                match binary.op {
                    ast::BinOpKind::ScAnd => Some(Native::And(left, right)),
                    ast::BinOpKind::ScOr => Some(Native::Or(left, right)),
                    ast::BinOpKind::Eq => Some(Native::Equal(left, right, true)),
                    ast::BinOpKind::Ne => Some(Native::Equal(left, right, false)),
                    ast::BinOpKind::Concat => Some(Native::Join(left, right)),
                    _ => None,
                }
            }
            ast::Expr::Compare(compare) => {
                let [only] = compare.ops.as_slice() else { return None };
                let (left, right) = (boxed(&compare.expr)?, boxed(&only.expr)?);
                match only.op {
                    ast::CompareOpKind::Eq => Some(Native::Equal(left, right, true)),
                    ast::CompareOpKind::Ne => Some(Native::Equal(left, right, false)),
                    _ => None,
                }
            }
            ast::Expr::IfExpr(choice) => Some(Native::If(
                boxed(&choice.test_expr)?,
                boxed(&choice.true_expr)?,
                boxed(choice.false_expr.as_ref()?)?,
            )),
            ast::Expr::Var(_) | ast::Expr::GetAttr(_) => self.names(expr, names),
            _ => None,
        }
    }

    /// A name, or members of members.
    fn names(&self, expr: &ast::Expr<'_>, names: &Names) -> Option<Native> {
        let mut parts = Vec::new();
        let mut at = expr;
        while let ast::Expr::GetAttr(attribute) = at {
            parts.push(attribute.name);
            at = &attribute.expr;
        }
        let ast::Expr::Var(first) = at else { return None };
        if names.each.as_deref() == Some(first.id) {
            return None;
        }
        if let Some((_, native)) = names.lets.iter().find(|(name, _)| name == first.id) {
            return native.clone().filter(|native| parts.is_empty() && native.size() <= SIMPLE);
        }
        match first.id {
            "settings" => return self.of_settings(&parts),
            "record" => (!parts.is_empty()).then_some(())?,
            // A function, where the record has no member of that name.
            name if self.language.is_global(name) => return None,
            name => parts.push(name),
        }
        parts.reverse();
        if parts.iter().any(|part| part.starts_with(|first: char| first.is_ascii_digit())) {
            return None;
        }
        let mut wanted = self.wanted.borrow_mut();
        let above = parts.split_last().filter(|(_, above)| !above.is_empty());
        let above = above.map(|(_, above)| wanted.path(above.iter().copied()));
        Some(Native::Path(wanted.path(parts.iter().copied()), above))
    }

    fn of_settings(&self, parts: &[&str]) -> Option<Native> {
        let [name] = parts else { return None };
        literal(&crate::value::from_json(self.settings.get(*name)?, None))
    }
}

fn literal(value: &minijinja::Value) -> Option<Native> {
    match value.kind() {
        ValueKind::None => Some(Native::None),
        ValueKind::Bool => Some(Native::Bool(value.is_true())),
        ValueKind::String => value.as_str().map(|text| Native::Text(text.to_owned())),
        ValueKind::Number if value.is_integer() => i64::try_from(value.clone()).ok().map(Native::Integer),
        _ => None,
    }
}
