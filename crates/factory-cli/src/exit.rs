//! Exit codes: part of the contract, listed in `factory help`.

use factory_app::error::Kind;

pub(crate) const OK: u8 = 0;
/// Failed, or built but not verified.
pub(crate) const FAILED: u8 = 1;
/// The command line or the input is invalid.
pub(crate) const USAGE: u8 = 2;
pub(crate) const NOT_FOUND: u8 = 3;
pub(crate) const NOT_ALLOWED: u8 = 4;
/// In conflict with the present state.
pub(crate) const CONFLICT: u8 = 5;
/// Waiting for a person.
pub(crate) const WAITING: u8 = 6;
pub(crate) const BUDGET: u8 = 7;
/// Stopped by a signal: 128 and its number. The same command resumes.
pub(crate) const HUNG_UP: u8 = 129;
/// Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;
/// `kill`.
pub(crate) const TERMINATED: u8 = 143;

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
