//! From the units that people write to those that the program counts in.
//!
//! The arguments have been checked against the bounds of a brief; what is negative or too large saturates.

/// Billionths of a dollar.
pub fn nano_usd(usd: f64) -> u64 {
    scaled(usd, 1e9)
}

/// Thousandths of a processor core.
pub fn millicores(cores: f64) -> u32 {
    u32::try_from(scaled(cores, 1e3)).unwrap_or(u32::MAX)
}

/// Mebibytes in some gibibytes.
pub fn mebibytes(gibibytes: f64) -> u64 {
    scaled(gibibytes, 1024.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates, and the bounds of a brief are far from both ends"
)]
fn scaled(number: f64, unit: f64) -> u64 {
    (number * unit).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_rounded_and_excess_saturates() {
        assert_eq!(nano_usd(15.5), 15_500_000_000);
        assert_eq!(nano_usd(0.1 + 0.2), 300_000_000);
        assert_eq!((millicores(0.25), millicores(1e9)), (250, u32::MAX));
        assert_eq!((mebibytes(0.1), mebibytes(-1.0)), (102, 0));
    }
}
