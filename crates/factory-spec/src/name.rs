//! One name in the cases that code needs: `snake_case`, `kebab-case`, `camelCase`, `PascalCase`, `Title case`.
//!
//! Templates, slugs and blueprints all use these, so that a name is spelled one way per case everywhere. The crate
//! `heck` does the work. It differs from the names that templates already generate in one point, a digit between two
//! capitals: there `B2BOrder` is `b2b_order`, here `b2_b_order`, which alone leads back to `B2BOrder`.

use heck::{ToKebabCase as _, ToLowerCamelCase as _, ToPascalCase as _, ToSnakeCase as _};

/// Splits `InvoiceLine`, `due_on`, `two words` or `HTTPServer` into lower-case words.
pub fn words(text: &str) -> Vec<String> {
    snake_case(text)
        .split('_')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `InvoiceLine` → `invoice_line`.
pub fn snake_case(text: &str) -> String {
    split_after_digits(text).to_snake_case()
}

/// `InvoiceLine` → `invoice-line`.
pub fn kebab_case(text: &str) -> String {
    split_after_digits(text).to_kebab_case()
}

/// `invoice_line` → `InvoiceLine`.
pub fn pascal_case(text: &str) -> String {
    split_after_digits(text).to_pascal_case()
}

/// `invoice_line` → `invoiceLine`.
pub fn camel_case(text: &str) -> String {
    split_after_digits(text).to_lower_camel_case()
}

/// `InvoiceLine` → `Invoice line`.
pub fn title_case(text: &str) -> String {
    capitalised(&words(text).join(" "))
}

/// A text with its first letter as a capital: `two words` → `Two words`.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// Puts a separator between a digit and a capital: `B2B` → `B2_B`.
fn split_after_digits(text: &str) -> String {
    let mut split = String::with_capacity(text.len());
    let mut follows_digit = false;
    for char in text.chars() {
        if follows_digit && char.is_uppercase() {
            split.push('_');
        }
        follows_digit = char.is_numeric();
        split.push(char);
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_a_name() {
        for (text, expected) in [
            (
                "InvoiceLine",
                "invoice_line | invoice-line | invoiceLine | InvoiceLine | Invoice line",
            ),
            ("due_on", "due_on | due-on | dueOn | DueOn | Due on"),
            (
                "two  words!",
                "two_words | two-words | twoWords | TwoWords | Two words",
            ),
            (
                "HTTPServer",
                "http_server | http-server | httpServer | HttpServer | Http server",
            ),
            ("SKU", "sku | sku | sku | Sku | Sku"),
            (
                "Line2Item",
                "line2_item | line2-item | line2Item | Line2Item | Line2 item",
            ),
            (
                "B2BOrder",
                "b2_b_order | b2-b-order | b2BOrder | B2BOrder | B2 b order",
            ),
            (
                "Q4Report",
                "q4_report | q4-report | q4Report | Q4Report | Q4 report",
            ),
            ("X3D", "x3_d | x3-d | x3D | X3D | X3 d"),
            ("2ndTry", "2nd_try | 2nd-try | 2ndTry | 2ndTry | 2nd try"),
            (
                "utf8text",
                "utf8text | utf8text | utf8text | Utf8text | Utf8text",
            ),
            (
                "GrößeÄnderung",
                "größe_änderung | größe-änderung | größeÄnderung | GrößeÄnderung | Größe änderung",
            ),
            ("straße", "straße | straße | straße | Straße | Straße"),
            ("日本語", "日本語 | 日本語 | 日本語 | 日本語 | 日本語"),
            ("--", " |  |  |  | "),
            ("", " |  |  |  | "),
        ] {
            let all = [
                snake_case(text),
                kebab_case(text),
                camel_case(text),
                pascal_case(text),
                title_case(text),
            ];
            assert_eq!(all.join(" | "), expected, "{text}");
        }
    }

    #[test]
    fn a_pascal_name_survives_the_way_through_snake_case() {
        for name in ["InvoiceLine", "Line2Item", "B2BOrder", "X3D", "Q4Report"] {
            assert_eq!(pascal_case(&snake_case(name)), name);
        }
    }
}
