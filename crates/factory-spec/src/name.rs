//! One word in the cases that code needs: `snake_case`, `kebab-case`, `camelCase`, `PascalCase`, `Title case`.
//!
//! Templates, slugs and blueprints all use these, so that a name is spelled one way per case everywhere.

/// Splits `InvoiceLine`, `due_on`, `two words` or `HTTPServer` into lower-case words.
pub fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, &char) in chars.iter().enumerate() {
        if !char.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        let previous = index.checked_sub(1).and_then(|before| chars.get(before));
        let next = chars.get(index + 1);
        let starts_word = char.is_uppercase()
            && (previous.is_some_and(|before| before.is_lowercase() || before.is_numeric())
                || (previous.is_some_and(|before| before.is_uppercase())
                    && next.is_some_and(|after| after.is_lowercase())));
        if starts_word && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(char.to_lowercase());
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// `InvoiceLine` → `invoice_line`.
pub fn snake_case(text: &str) -> String {
    words(text).join("_")
}

/// `InvoiceLine` → `invoice-line`.
pub fn kebab_case(text: &str) -> String {
    words(text).join("-")
}

/// `invoice_line` → `InvoiceLine`.
pub fn pascal_case(text: &str) -> String {
    words(text).iter().map(|word| capitalised(word)).collect()
}

/// `invoice_line` → `invoiceLine`.
pub fn camel_case(text: &str) -> String {
    let pascal = pascal_case(text);
    let mut chars = pascal.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

/// `InvoiceLine` → `Invoice line`.
pub fn title_case(text: &str) -> String {
    capitalised(&words(text).join(" "))
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_a_name() {
        for (text, expected) in [
            (
                "InvoiceLine",
                "invoice_line invoice-line invoiceLine InvoiceLine Invoice line",
            ),
            ("due_on", "due_on due-on dueOn DueOn Due on"),
            (
                "HTTPServer",
                "http_server http-server httpServer HttpServer Http server",
            ),
            (
                "Line2Item",
                "line2_item line2-item line2Item Line2Item Line2 item",
            ),
            ("", "    "),
        ] {
            let all = [
                snake_case(text),
                kebab_case(text),
                camel_case(text),
                pascal_case(text),
                title_case(text),
            ];
            assert_eq!(all.join(" "), expected, "{text}");
        }
    }
}
