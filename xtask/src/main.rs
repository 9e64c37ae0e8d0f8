//! Set-up, tests, benches, tidy checks.
fn main() {}
