//! Embeds the example briefs, so that the demo needs no file beside the program.

use std::fmt::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/briefs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = std::fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    let mut list = String::from("[");
    for file in files
        .iter()
        .filter(|file| file.path().extension().is_some_and(|end| end == "yaml"))
    {
        let name = file.file_name().to_string_lossy().into_owned();
        let path = file.path().canonicalize()?;
        let path = path
            .to_str()
            .ok_or("the checkout lies at a path that is not UTF-8")?;
        write!(list, "({name:?}, include_str!({path:?})),")?;
    }
    list.push(']');
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    std::fs::write(Path::new(&out).join("briefs.rs"), list)?;
    Ok(())
}
