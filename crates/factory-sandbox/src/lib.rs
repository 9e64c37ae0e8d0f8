//! Runs one process under limits and says what it used.
