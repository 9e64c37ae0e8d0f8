//! Quantities as people read them.

/// So many things: `1 file`, `2 files`.
pub fn counted(count: u64, one: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {one}{end}")
}

/// A share of processors, from thousandths of a core: `0.5 cores`, `1 core`.
pub fn cores(millicores: u64) -> String {
    let end = if millicores == 1000 { "" } else { "s" };
    let (whole, thousandths) = (millicores / 1000, millicores % 1000);
    let number = format!("{whole}.{thousandths:03}");
    let number = number.trim_end_matches('0').trim_end_matches('.');
    format!("{number} core{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_has_no_plural() {
        assert_eq!(
            [0, 1, 2].map(|count| counted(count, "file")),
            ["0 files", "1 file", "2 files"]
        );
    }

    #[test]
    fn shares_of_processors_are_told_in_cores() {
        let told = [50, 500, 1000, 1250, 8000].map(cores);
        assert_eq!(
            told,
            ["0.05 cores", "0.5 cores", "1 core", "1.25 cores", "8 cores"]
        );
    }
}
