//! The program `factory`.
fn main() {}
