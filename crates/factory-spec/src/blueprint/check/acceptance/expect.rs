//! Expectations: each reads what a step has bound, and must agree with what the steps lead to.

use serde_json::Value;

use super::run::{Bound, Run};
use crate::blueprint::check::unknown::unknown_field;
use crate::blueprint::check::values::{amount, value_fault};
use crate::blueprint::expression::Expression;
use crate::blueprint::types::{Entity, Expect, Field, FieldType};
use crate::fault::join;
use crate::message::shown;

impl<'a> Run<'a> {
    pub(super) fn expect(&mut self, expect: &'a Expect, here: &str) {
        if expect.refused {
            if expect.of.is_some()
                || expect.field.is_some()
                || expect.equals.is_some()
                || expect.count.is_some()
            {
                self.fault(
                    here,
                    "a refusal is expected along with something else",
                    "keep only `refused`",
                );
            }
            return;
        }
        let place = join(here, "of");
        let Some(name) = &expect.of else {
            self.fault(
                here,
                "nothing is expected here",
                "name a result in `of`, with `field` and `equals`, or `count`",
            );
            return;
        };
        let Some(bound) = name.strip_prefix('$').and_then(|name| self.bound.get(name)) else {
            self.fault(
                place,
                format!("no step binds `{}`", shown(name)),
                "bind it where it is created",
            );
            return;
        };
        let (entity, is_list) = (bound.entity, bound.is_list);
        match (&expect.field, expect.count, is_list) {
            (None, Some(_), true) if expect.equals.is_none() => {}
            (Some(field), None, false) => self.expect_field(entity, name, field, expect, here),
            (_, _, true) => self.fault(here, format!("`{name}` is a list"), "expect its `count`"),
            (_, _, false) => self.fault(
                here,
                format!("`{name}` is one record"),
                "expect a `field` that `equals` a value",
            ),
        }
    }

    fn expect_field(
        &mut self,
        entity: &'a Entity,
        name: &str,
        field: &str,
        expect: &Expect,
        here: &str,
    ) {
        let known: Vec<&str> = entity
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        let Some(field) = entity.field(field) else {
            self.faults
                .push(unknown_field(join(here, "field"), field, &known));
            return;
        };
        let place = join(here, "equals");
        let Some(wanted) = &expect.equals else { return };
        if field.field_type.is_reference() {
            if field.field_type == FieldType::Ref {
                self.leads(field, wanted, &place);
            }
            return;
        }
        if let Some(problem) = value_fault(field, wanted) {
            self.fault(place, problem, format!("give a valid `{}`", field.name));
            return;
        }
        let bound = self.bound.get(name.trim_start_matches('$'));
        let actual = bound.and_then(|bound| self.value_of(bound, field));
        if let Some(actual) = actual.filter(|actual| !same(actual, wanted)) {
            let problem = format!(
                "after these steps `{}` is {actual}, not {wanted}",
                field.name
            );
            self.fault(place, problem, "expect what the steps lead to");
        }
    }

    /// The value that a field must have after the steps, where that follows from the test alone.
    fn value_of(&self, bound: &Bound<'_>, field: &Field) -> Option<Value> {
        if bound
            .entity
            .workflow
            .as_ref()
            .is_some_and(|workflow| workflow.field == field.name)
        {
            return bound.state.clone().map(Value::String);
        }
        let Some(computed) = &field.computed else {
            return bound.values.get(&field.name).cloned();
        };
        let lookup = |reference: Option<&str>, name: &str| match reference {
            None => bound.values.get(name).and_then(amount),
            Some(reference) => {
                let other = bound.values.get(reference)?.as_str()?.strip_prefix('$')?;
                self.bound.get(other)?.values.get(name).and_then(amount)
            }
        };
        let value = Expression::parse(computed).ok()?.evaluate(&lookup)?;
        serde_json::Number::from_f64(value).map(Value::Number)
    }
}

/// Whether two values are the same to a reader: numbers by their value, up to a cent, however they are written.
fn same(actual: &Value, wanted: &Value) -> bool {
    match (amount(actual), amount(wanted)) {
        (Some(actual), Some(wanted)) => (actual - wanted).abs() < 0.01,
        _ => actual == wanted,
    }
}
