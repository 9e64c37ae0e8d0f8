//! Exit codes: part of the contract, listed in `factory help`.

use factory_app::error::Kind;

/// Done.
pub(crate) const OK: u8 = 0;
/// Failed, or built but not verified.
pub(crate) const FAILED: u8 = 1;
/// The words or the input are wrong.
pub(crate) const USAGE: u8 = 2;
/// It does not exist.
pub(crate) const NOT_FOUND: u8 = 3;
/// The caller may not.
pub(crate) const NOT_ALLOWED: u8 = 4;
/// It does not fit the state of things.
pub(crate) const CONFLICT: u8 = 5;
/// It waits for a person.
pub(crate) const WAITING: u8 = 6;
/// A budget does not allow it.
pub(crate) const BUDGET: u8 = 7;
/// Interrupted; the same command goes on where it was.
pub(crate) const INTERRUPTED: u8 = 130;

/// The code of an error.
pub(crate) fn code_of(kind: Kind) -> u8 {
    match kind {
        Kind::NotFound => NOT_FOUND,
        Kind::Invalid => USAGE,
        Kind::Refused => NOT_ALLOWED,
        Kind::Conflict => CONFLICT,
        Kind::BudgetExceeded => BUDGET,
        Kind::Unavailable | Kind::Internal => FAILED,
    }
}
