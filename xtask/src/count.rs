//! Reads how many tests passed from what test programs print.

/// Results of tests.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    /// Reasons why something was not tested, as printed after `SKIPPED: `.
    pub(crate) skipped: Vec<String>,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
    }
}

/// Counts in the output of nextest or of `cargo test`.
pub(crate) fn count(lines: &[String]) -> Counts {
    let mut counts = Counts::default();
    // Nextest shows what a failed test program printed, with a line of its own that must not count again.
    let by_nextest = lines
        .iter()
        .any(|line| line.trim().starts_with("Summary ["));
    for line in lines {
        let line = line.trim();
        // `Summary [ 0.1s] 41 tests run: 40 passed (1 slow), 1 failed, 2 skipped`
        let nextest = line
            .starts_with("Summary [")
            .then(|| line.split_once(" run: "))
            .flatten();
        // `test result: ok. 27 passed; 0 failed; 1 ignored; …`
        let libtest = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "));
        if let Some((_, results)) = nextest.or_else(|| libtest.filter(|_| !by_nextest)) {
            for part in results.split([',', ';']) {
                let mut words = part.split_whitespace();
                let number = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
                match words.next() {
                    Some("passed") => counts.passed += number,
                    // `2 failed`, `1 timed out`, `1 exec failed`
                    Some("failed" | "timed" | "exec") => counts.failed += number,
                    _ => {}
                }
            }
        }
    }
    counts.skipped = skips(&lines.join("\n"));
    counts
}

/// The reasons after `SKIPPED: ` in a text, each once. The text may be XML.
pub(crate) fn skips(text: &str) -> Vec<String> {
    let mut reasons: Vec<String> = text
        .split("SKIPPED: ")
        .skip(1)
        .filter_map(|rest| Some(rest.split(['\n', '<']).next()?.trim().to_owned()))
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> (u32, u32) {
        let counts = count(&text.lines().map(str::to_owned).collect::<Vec<_>>());
        (counts.passed, counts.failed)
    }

    #[test]
    fn both_runners_are_understood() {
        let cases = [
            (
                "     Summary [   0.036s] 41 tests run: 41 passed, 2 skipped",
                (41, 0),
            ),
            (
                "Summary [1s] 9/9 tests run: 5 passed (1 slow), 2 failed, 1 timed out, 1 skipped",
                (5, 3),
            ),
            (
                "Summary [1s] 3 tests run: 2 passed (1 leaky), 1 exec failed, 0 skipped",
                (2, 1),
            ),
            (
                "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured\ntest result: FAILED. 1 passed; 3 failed; 0 ignored",
                (3, 3),
            ),
            ("error: could not compile", (0, 0)),
        ];
        for (text, expected) in cases {
            assert_eq!(counted(text), expected, "{text}");
        }
    }

    #[test]
    fn skips_are_found_in_text_and_in_xml_each_once() {
        let text = "<system-out>running\nSKIPPED: no browser</system-out> SKIPPED: no browser\n";
        assert_eq!(skips(text), ["no browser"]);
    }
}
