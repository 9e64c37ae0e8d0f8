//! From bytes to a text that the parser reads to its end.

use crate::fault::Fault;
use crate::position::Position;

/// Largest text that is read, in bytes.
pub(super) const BYTES_MAX: usize = 1 << 20;

/// Checks size, encoding and control characters; removes a byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.len() > BYTES_MAX {
        return Err(Fault::in_text(
            None,
            format!("the file is {} bytes long", bytes.len()),
            format!("keep it to {BYTES_MAX} bytes"),
        ));
    }
    let text = utf8(bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The parser takes a NUL for the end of the text and would silently drop what follows.
    let is_forbidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    match text.char_indices().find(|(_, c)| is_forbidden(*c)) {
        None => Ok(text),
        Some((offset, c)) => Err(Fault::in_text(
            Position::after(text.get(..offset).unwrap_or_default()),
            format!("there is a control character, U+{:04X}", u32::from(c)),
            "remove it, or write it as an escape in double quotes",
        )),
    }
}

/// The bytes as text; a fault names the first byte that is not UTF-8.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Fault::in_text(
            None,
            "the file is UTF-16",
            "save it as UTF-8",
        ));
    }
    str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let before = String::from_utf8_lossy(bytes.get(..offset).unwrap_or_default());
        let byte = bytes.get(offset).copied().unwrap_or_default();
        Fault::in_text(
            Position::after(&before),
            format!("the byte 0x{byte:02x} at offset {offset} is not UTF-8"),
            "save the file as UTF-8",
        )
    })
}
