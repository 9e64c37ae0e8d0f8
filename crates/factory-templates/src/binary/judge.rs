//! The judgement itself: extension, encoding, signature, and a decision tree over features of the bytes.

use super::table::{EXTENSIONS, Feature, Node, SIGNATURES, Step, TREE};

/// How much of a file is examined.
const CHUNK_BYTES: usize = 512;

/// Whether cookiecutter copies this file without rendering it.
///
/// A file that is not UTF-8 counts as binary: cookiecutter fails on those that it takes for text.
pub(crate) fn is_binary(path: &str, bytes: &[u8]) -> bool {
    if has_binary_extension(path) || std::str::from_utf8(bytes).is_err() {
        return true;
    }
    let chunk = bytes.get(..CHUNK_BYTES).unwrap_or(bytes);
    !chunk.is_empty() && (has_signature(chunk) || judged_by_tree(chunk))
}

fn has_binary_extension(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return false;
    };
    // Python's `Path.suffix` has none for `.bin` and `bin.`.
    let has_suffix = !stem.trim_start_matches('.').is_empty() && !extension.is_empty();
    has_suffix
        && EXTENSIONS
            .binary_search(&extension.to_lowercase().as_str())
            .is_ok()
}

fn has_signature(chunk: &[u8]) -> bool {
    SIGNATURES
        .iter()
        .any(|signature| chunk.starts_with(signature))
}

fn judged_by_tree(chunk: &[u8]) -> bool {
    let mut at = 0;
    while let Some(Node(feature, threshold, left, right)) = TREE.get(at) {
        let step = if measured(*feature, chunk) <= *threshold {
            left
        } else {
            right
        };
        match step {
            Step::At(next) => at = *next,
            Step::Binary => return true,
            Step::Text => return false,
        }
    }
    false
}

fn measured(feature: Feature, chunk: &[u8]) -> f64 {
    match feature {
        Feature::NullRatio => share(chunk, |byte| byte == 0),
        Feature::ControlRatio => share(chunk, |byte| byte < 32 && !matches!(byte, 9 | 10 | 13)),
        Feature::AsciiRatio => share(chunk, |byte| (0x20..=0x7e).contains(&byte)),
        Feature::HighRatio => share(chunk, |byte| byte >= 0x80),
        Feature::EvenNulls => nulls(chunk, 0),
        Feature::OddNulls => nulls(chunk, 1),
        Feature::Entropy => entropy(chunk),
        Feature::PrintableRun => printable_run(chunk),
        Feature::Utf8 => flag(std::str::from_utf8(chunk).is_ok()),
        Feature::BomUtf16Le => {
            flag(chunk.starts_with(b"\xff\xfe") && !chunk.starts_with(b"\xff\xfe\0\0"))
        }
        Feature::Utf16Le => flag(is_utf16(chunk, u16::from_le_bytes)),
        Feature::Utf16Be => flag(is_utf16(chunk, u16::from_be_bytes)),
        Feature::Big5 => flag(is_double_byte(
            chunk,
            0x81..=0xfe,
            |second| matches!(second, 0x40..=0x7e | 0xa1..=0xfe),
        )),
        Feature::ShiftJis => flag(is_shift_jis(chunk)),
        Feature::EucKr => flag(is_double_byte(chunk, 0xa1..=0xfe, |second| second >= 0xa1)),
        Feature::Magic => flag(has_signature(chunk)),
    }
}

fn flag(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

/// A count as a number with a point; counts here are at most 512.
fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn share(chunk: &[u8], is: impl Fn(u8) -> bool) -> f64 {
    real(chunk.iter().filter(|byte| is(**byte)).count()) / real(chunk.len())
}

fn nulls(chunk: &[u8], parity: usize) -> f64 {
    let bytes: Vec<u8> = chunk.iter().skip(parity).step_by(2).copied().collect();
    if bytes.is_empty() {
        0.0
    } else {
        share(&bytes, |byte| byte == 0)
    }
}

fn entropy(chunk: &[u8]) -> f64 {
    (0..=u8::MAX)
        .map(|byte| share(chunk, |other| other == byte))
        .filter(|share| *share > 0.0)
        .map(|share| -share * share.log2())
        .sum()
}

fn printable_run(chunk: &[u8]) -> f64 {
    let is_printable = |byte: &u8| matches!(byte, 0x20..=0x7e | 9 | 10 | 13);
    let longest = chunk
        .split(|byte| !is_printable(byte))
        .map(<[u8]>::len)
        .max()
        .unwrap_or(0);
    real(longest) / real(chunk.len())
}

fn is_utf16(chunk: &[u8], unit: impl Fn([u8; 2]) -> u16) -> bool {
    let (pairs, rest) = chunk.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    chunk.len() >= 10 && rest.is_empty() && char::decode_utf16(units).all(|char| char.is_ok())
}

/// Whether the bytes have the shape of an encoding with one or two bytes per character.
fn is_double_byte(
    chunk: &[u8],
    leads: std::ops::RangeInclusive<u8>,
    is_second: impl Fn(u8) -> bool,
) -> bool {
    let mut bytes = chunk.iter();
    while let Some(first) = bytes.next() {
        let fits = *first < 0x80
            || (leads.contains(first) && bytes.next().is_some_and(|second| is_second(*second)));
        if !fits {
            return false;
        }
    }
    chunk.len() >= 10
}

fn is_shift_jis(chunk: &[u8]) -> bool {
    let mut bytes = chunk.iter();
    while let Some(first) = bytes.next() {
        let fits = match first {
            0..=0x7f | 0xa1..=0xdf => true,
            0x81..=0x9f | 0xe0..=0xfc => bytes
                .next()
                .is_some_and(|second| matches!(second, 0x40..=0x7e | 0x80..=0xfc)),
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    chunk.len() >= 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_judged_as_binaryornot_judges_them() {
        for (path, bytes, expected) in [
            ("a.txt", b"plain text\n".as_slice(), false),
            ("empty", b"", false),
            ("logo.png", b"text in disguise", true),
            (".png", b"a hidden file without suffix", false),
            ("BM", b"BM starts a bitmap", true),
            ("latin", b"caf\xe9", true),
            ("nul", b"\0\0\0\0\0\0\0\0\0\0", true),
            ("esc", b"\x1b[1mbold\x1b[0m\n", false),
            ("umlaut.md", "Grüße aus Köln".as_bytes(), false),
        ] {
            assert_eq!(is_binary(path, bytes), expected, "{path}");
        }
    }
}
