//! A small reader of JSON Schemas, so that tests can hold the published ones against the program. It knows the
//! keywords that they use; any other is a fault of its own, never skipped.

use std::collections::BTreeMap;
use std::sync::Mutex;

use regex_automata::dfa::regex::Regex;
use serde_json::{Map, Value};

use crate::fault::join;

/// Every place where a document does not keep a schema, as `pointer: keyword`.
pub(crate) fn violations(schema: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Reader { root: schema }.check(schema, document, "", &mut found);
    found
}

struct Reader<'a> {
    root: &'a Value,
}

impl Reader<'_> {
    fn keeps(&self, schema: &Value, value: &Value) -> bool {
        let mut found = Vec::new();
        self.check(schema, value, "", &mut found);
        found.is_empty()
    }

    fn check(&self, schema: &Value, value: &Value, here: &str, found: &mut Vec<String>) {
        let Value::Object(keywords) = schema else {
            if *schema != Value::Bool(true) {
                found.push(format!("{here}: no"));
            }
            return;
        };
        for (keyword, rule) in keywords {
            let kept = match keyword.as_str() {
                "$ref" => {
                    let target = rule.as_str().unwrap().strip_prefix('#').unwrap();
                    self.check(self.root.pointer(target).unwrap(), value, here, found);
                    true
                }
                "allOf" => {
                    for part in rule.as_array().unwrap() {
                        self.check(part, value, here, found);
                    }
                    true
                }
                "anyOf" => self.count(rule, value) > 0,
                "oneOf" => self.count(rule, value) == 1,
                "not" => !self.keeps(rule, value),
                "if" => {
                    let branch = if self.keeps(rule, value) {
                        "then"
                    } else {
                        "else"
                    };
                    if let Some(branch) = keywords.get(branch) {
                        self.check(branch, value, here, found);
                    }
                    true
                }
                "properties" | "additionalProperties" | "propertyNames" | "items" => {
                    self.inside(keyword, keywords, value, here, found);
                    true
                }
                _ => plain(keyword, rule, value),
            };
            if !kept {
                found.push(format!("{here}: {keyword}"));
            }
        }
    }

    fn count(&self, schemas: &Value, value: &Value) -> usize {
        let schemas = schemas.as_array().unwrap();
        schemas
            .iter()
            .filter(|schema| self.keeps(schema, value))
            .count()
    }

    fn inside(
        &self,
        keyword: &str,
        keywords: &Map<String, Value>,
        value: &Value,
        here: &str,
        found: &mut Vec<String>,
    ) {
        let rule = &keywords[keyword];
        if let (Value::Array(items), "items") = (value, keyword) {
            for (index, item) in items.iter().enumerate() {
                self.check(rule, item, &join(here, index), found);
            }
        }
        let known = keywords.get("properties");
        for (key, member) in value.as_object().into_iter().flatten() {
            let known = known.and_then(|known| known.get(key));
            let here = join(here, key);
            match (keyword, known) {
                ("properties", Some(schema)) => self.check(schema, member, &here, found),
                ("additionalProperties", None) => self.check(rule, member, &here, found),
                ("propertyNames", _) => {
                    self.check(rule, &Value::String(key.clone()), &here, found);
                }
                _ => {}
            }
        }
    }
}

/// A rule that looks at one value only; those of another type keep it.
fn plain(keyword: &str, rule: &Value, value: &Value) -> bool {
    let most = || {
        rule.as_u64()
            .map(|most| usize::try_from(most).unwrap())
            .unwrap()
    };
    let letters = value.as_str().map(|text| text.chars().count());
    let items = value.as_array().map(Vec::len);
    let members = value.as_object().map(Map::len);
    match keyword {
        "type" => match rule {
            Value::Array(types) => types.iter().any(|one| is_of(one.as_str().unwrap(), value)),
            one => is_of(one.as_str().unwrap(), value),
        },
        "const" => value == rule,
        "enum" => rule.as_array().unwrap().contains(value),
        "minimum" => value
            .as_f64()
            .is_none_or(|number| number >= rule.as_f64().unwrap()),
        "maximum" => value
            .as_f64()
            .is_none_or(|number| number <= rule.as_f64().unwrap()),
        "minItems" => items.is_none_or(|count| count >= most()),
        "maxItems" => items.is_none_or(|count| count <= most()),
        "minProperties" => members.is_none_or(|count| count >= most()),
        "maxProperties" => members.is_none_or(|count| count <= most()),
        "maxLength" => letters.is_none_or(|count| count <= most()),
        "pattern" => value
            .as_str()
            .is_none_or(|text| matches(rule.as_str().unwrap(), text)),
        "required" => value.as_object().is_none_or(|members| {
            let keys = rule.as_array().unwrap();
            keys.iter()
                .all(|key| members.contains_key(key.as_str().unwrap()))
        }),
        "then" | "else" | "$defs" | "$schema" | "title" | "description" | "default" => true,
        _ => panic!("the keyword `{keyword}` is not known to the tests"),
    }
}

/// Whether a text has a pattern; each pattern is built once, which takes long.
fn matches(pattern: &str, text: &str) -> bool {
    static BUILT: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap();
    let regex = built
        .entry(pattern.to_owned())
        .or_insert_with(|| Regex::new(pattern).unwrap());
    regex.is_match(text)
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => panic!("the type `{name}` is not known to the tests"),
    }
}
