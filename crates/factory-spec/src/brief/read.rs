//! From the bytes of a file to a brief, with every fault at its line and column.

use super::check::check;
use super::types::{Brief, Defaults};
use crate::fault::Fault;
use crate::yaml;

/// Reads a brief as people write it, in YAML.
///
/// # Errors
///
/// Every fault that could be found; where the text is not YAML, the first.
pub fn read(bytes: &[u8], defaults: &Defaults) -> Result<Brief, Vec<Fault>> {
    let document = yaml::parse(bytes).map_err(|fault| vec![fault])?;
    check(&document.value, defaults).map_err(|faults| {
        let locate = |fault| document.locate(fault);
        faults.into_iter().map(locate).collect()
    })
}
