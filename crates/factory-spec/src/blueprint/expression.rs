//! The arithmetic of a computed field: `+ - * /`, parentheses, numbers, own fields and fields of what a record
//! refers to (`job.words * job.rate`).

/// Longest expression that is read, in bytes.
const LENGTH_MAX: usize = 500;

/// Deepest nesting of parentheses and signs that is read.
const DEPTH_MAX: usize = 32;

/// A computed field's arithmetic, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// A number as written.
    Number(String),
    /// A field of the record.
    Field(String),
    /// A field of the record that a `ref` leads to.
    Through {
        /// The `ref` field.
        reference: String,
        /// The field behind it.
        field: String,
    },
    /// The negative of another.
    Negated(Box<Self>),
    /// Two joined by an operator.
    Binary {
        /// Left of the operator.
        left: Box<Self>,
        /// What is done with the two.
        operator: Operator,
        /// Right of the operator.
        right: Box<Self>,
    },
}

/// An operator of arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// An expression could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at character {position}")]
pub struct ExpressionError {
    /// Number of characters before the place.
    pub position: usize,
    /// What is wrong there.
    pub problem: String,
}

impl Expression {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.len() > LENGTH_MAX {
            return Err(ExpressionError {
                position: LENGTH_MAX,
                problem: "the expression is too long".to_owned(),
            });
        }
        let mut reader = Reader {
            letters: text.chars().collect(),
            position: 0,
        };
        let expression = reader.sum(0)?;
        match reader.peek() {
            None => Ok(expression),
            Some(letter) => Err(reader.error(format!("`{letter}` is unexpected"))),
        }
    }

    /// Lists the fields that it reads, `reference` and `field` of what is referred to last, in reading order.
    pub fn reads(&self) -> Vec<(Option<&str>, &str)> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Field(field) => vec![(None, field)],
            Self::Through { reference, field } => vec![(Some(reference), field)],
            Self::Negated(inner) => inner.reads(),
            Self::Binary { left, right, .. } => {
                let mut reads = left.reads();
                reads.extend(right.reads());
                reads
            }
        }
    }

    /// Computes the value with `lookup` for fields; `None` when a field is not known or a divisor is zero.
    pub fn evaluate(&self, lookup: &impl Fn(Option<&str>, &str) -> Option<f64>) -> Option<f64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            Self::Field(field) => lookup(None, field),
            Self::Through { reference, field } => lookup(Some(reference), field),
            Self::Negated(inner) => inner.evaluate(lookup).map(|value| -value),
            Self::Binary {
                left,
                operator,
                right,
            } => {
                let (left, right) = (left.evaluate(lookup)?, right.evaluate(lookup)?);
                match operator {
                    Operator::Add => Some(left + right),
                    Operator::Subtract => Some(left - right),
                    Operator::Multiply => Some(left * right),
                    Operator::Divide => (right != 0.0).then(|| left / right),
                }
            }
        }
    }
}

struct Reader {
    letters: Vec<char>,
    position: usize,
}

impl Reader {
    fn error(&self, problem: impl Into<String>) -> ExpressionError {
        ExpressionError {
            position: self.position,
            problem: problem.into(),
        }
    }

    fn peek(&mut self) -> Option<char> {
        while self
            .letters
            .get(self.position)
            .is_some_and(|letter| letter.is_whitespace())
        {
            self.position += 1;
        }
        self.letters.get(self.position).copied()
    }

    fn sum(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut left = self.product(depth)?;
        loop {
            let operator = match self.peek() {
                Some('+') => Operator::Add,
                Some('-') => Operator::Subtract,
                _ => return Ok(left),
            };
            self.position += 1;
            let right = self.product(depth)?;
            left = Expression::Binary {
                left: Box::new(left),
                operator,
                right: Box::new(right),
            };
        }
    }

    fn product(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut left = self.factor(depth)?;
        loop {
            let operator = match self.peek() {
                Some('*') => Operator::Multiply,
                Some('/') => Operator::Divide,
                _ => return Ok(left),
            };
            self.position += 1;
            let right = self.factor(depth)?;
            left = Expression::Binary {
                left: Box::new(left),
                operator,
                right: Box::new(right),
            };
        }
    }

    fn factor(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        if depth >= DEPTH_MAX {
            return Err(self.error("the expression is nested too deeply"));
        }
        match self.peek() {
            Some('-') => {
                self.position += 1;
                Ok(Expression::Negated(Box::new(self.factor(depth + 1)?)))
            }
            Some('(') => {
                self.position += 1;
                let inner = self.sum(depth + 1)?;
                if self.peek() != Some(')') {
                    return Err(self.error("`)` is missing"));
                }
                self.position += 1;
                Ok(inner)
            }
            Some(letter) if letter.is_ascii_digit() => self.number(),
            Some(letter) if letter.is_ascii_lowercase() => self.path(),
            Some(letter) => Err(self.error(format!("`{letter}` is unexpected"))),
            None => Err(self.error("a number or a field is missing")),
        }
    }

    fn number(&mut self) -> Result<Expression, ExpressionError> {
        let mut text = self.run(|letter| letter.is_ascii_digit());
        if self.letters.get(self.position) == Some(&'.') {
            self.position += 1;
            let fraction = self.run(|letter| letter.is_ascii_digit());
            if fraction.is_empty() {
                return Err(self.error("a digit is missing"));
            }
            text = format!("{text}.{fraction}");
        }
        Ok(Expression::Number(text))
    }

    fn path(&mut self) -> Result<Expression, ExpressionError> {
        let is_part =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        let first = self.run(is_part);
        if self.letters.get(self.position) != Some(&'.') {
            return Ok(Expression::Field(first));
        }
        self.position += 1;
        let field = self.run(is_part);
        if field.is_empty() {
            return Err(self.error("a field is missing"));
        }
        if self.letters.get(self.position) == Some(&'.') {
            return Err(self.error("only fields of directly referenced records can be read"));
        }
        Ok(Expression::Through {
            reference: first,
            field,
        })
    }

    fn run(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let text: String = self
            .letters
            .iter()
            .skip(self.position)
            .take_while(|letter| wanted(**letter))
            .copied()
            .collect();
        self.position += text.chars().count();
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<f64> {
        Expression::parse(text)
            .unwrap()
            .evaluate(&|reference, field| match (reference, field) {
                (Some("job"), "words") => Some(1000.0),
                (Some("job"), "rate") => Some(0.5),
                (None, "discount") => Some(100.0),
                _ => None,
            })
    }

    #[test]
    fn arithmetic_follows_the_usual_order() {
        for (text, expected) in [
            ("job.words * job.rate", 500.0),
            ("job.words * job.rate - discount", 400.0),
            ("(job.words - discount) / 2 - 1", 449.0),
            ("10 - 4 - 3", 3.0),
            ("-(2 + 3) * 2.5", -12.5),
        ] {
            assert_eq!(value(text), Some(expected), "{text}");
        }
        assert_eq!(value("1 / (discount - 100)"), None);
        assert_eq!(value("unknown + 1"), None);
    }

    #[test]
    fn anything_else_is_refused_with_its_position() {
        for (text, position) in [
            ("", 0),
            ("job.words *", 11),
            ("a.b.c", 3),
            ("1.", 2),
            ("(a", 2),
            ("a b", 2),
            ("open('x')", 4),
            ("Job.words", 0),
            ("a.", 2),
            ("a ** 2", 3),
        ] {
            assert_eq!(
                Expression::parse(text).unwrap_err().position,
                position,
                "{text}"
            );
        }
        assert!(Expression::parse(&"(".repeat(400)).is_err());
        assert!(Expression::parse(&"-".repeat(400)).is_err());
        assert!(Expression::parse(&"a+".repeat(400)).is_err());
    }
}
