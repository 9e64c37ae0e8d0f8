//! One walk over an area: which files it holds, without following a link or opening a special file.

use std::collections::BTreeMap;
use std::fs::{FileType, Metadata};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use super::change_set::Rules;
use super::compare::has_folder;
use super::ignore::{IGNORE_BYTES_MAX, Ignored};
use super::names::{is_plain, name_fault};
use super::violation::{SpecialFile, Violation};
use crate::git::Listing;

/// Files and links of an area that may be changes: ignored ones are left out, unless the base has them.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) found: BTreeMap<String, Found>,
    pub(super) violations: Vec<Violation>,
}

#[derive(Debug)]
pub(super) enum Found {
    File(Metadata),
    Link { target: String, metadata: Metadata },
}

pub(super) fn walk(root: &Path, base: &Listing, rules: &Rules) -> Walked {
    let mut walk = Walk {
        root,
        base,
        rules,
        ignore: Ignored::default(),
        folders: vec![Folder {
            path: String::new(),
            ignored: false,
        }],
        new_count: 0,
        walked: Walked::default(),
    };
    while let Some(folder) = walk.folders.pop() {
        walk.read(&folder);
        if walk.new_count > rules.new_files_max {
            let files_max = rules.new_files_max;
            walk.walked
                .violations
                .push(Violation::TooMany { files_max });
            break;
        }
    }
    walk.walked
}

struct Walk<'a> {
    root: &'a Path,
    base: &'a Listing,
    rules: &'a Rules,
    /// Patterns of all `.gitignore` files so far.
    ignore: Ignored,
    folders: Vec<Folder>,
    new_count: usize,
    walked: Walked,
}

struct Folder {
    /// Empty for the root, else with a `/` at its end.
    path: String,
    /// Inside an ignored folder only what the base has is looked at.
    ignored: bool,
}

impl Walk<'_> {
    fn read(&mut self, folder: &Folder) {
        if !folder.ignored {
            self.read_ignore_file(folder);
        }
        let dir = self.root.join(&folder.path);
        let entries = match std::fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder.path.trim_end_matches('/'), &error),
        };
        for entry in entries {
            if self.new_count > self.rules.new_files_max {
                return;
            }
            match entry {
                Ok(entry) => self.look_at(folder, &entry),
                Err(error) => self.unreadable(folder.path.trim_end_matches('/'), &error),
            }
        }
    }

    fn look_at(&mut self, folder: &Folder, entry: &std::fs::DirEntry) {
        let name = entry.file_name();
        let path = format!("{}{}", folder.path, name.to_string_lossy());
        let name = name.to_str().filter(|name| is_plain(name));
        if name.is_some() && self.rules.is_carried(&path) {
            return;
        }
        let fault = match name {
            Some(name) => name_fault(&path, name),
            None => Some(Violation::Name { path: path.clone() }),
        };
        match fault {
            Some(fault) if !folder.ignored => return self.walked.violations.push(fault),
            Some(Violation::Name { .. }) => return,
            _ => {}
        }
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) => return self.unreadable(&path, &error),
        };
        let in_base = self.base.contains_key(&path);
        let folder_in_base = metadata.is_dir() && has_folder(self.base, &path);
        let ignored = folder.ignored || self.ignore.matches(&path, metadata.is_dir());
        if ignored && !in_base && !folder_in_base {
            return;
        }
        self.new_count += usize::from(!in_base && !folder_in_base);
        self.take(path, metadata, ignored);
    }

    fn take(&mut self, path: String, metadata: Metadata, ignored: bool) {
        if metadata.is_dir() {
            self.folders.push(Folder {
                path: format!("{path}/"),
                ignored,
            });
        } else if metadata.is_file() {
            self.walked.found.insert(path, Found::File(metadata));
        } else if metadata.is_symlink() {
            match std::fs::read_link(self.root.join(&path)) {
                Ok(target) => match target.to_str().filter(|text| is_plain(text)) {
                    Some(target) => {
                        let target = target.to_owned();
                        let link = Found::Link { target, metadata };
                        self.walked.found.insert(path, link);
                    }
                    None => self.walked.violations.push(Violation::Name { path }),
                },
                Err(error) => self.unreadable(&path, &error),
            }
        } else {
            let kind = special(metadata.file_type());
            self.walked
                .violations
                .push(Violation::Special { path, kind });
        }
    }

    fn read_ignore_file(&mut self, folder: &Folder) {
        let path = format!("{}.gitignore", folder.path);
        let file = self.root.join(&path);
        let Ok(metadata) = file.symlink_metadata() else {
            return;
        };
        // As git does, a linked `.gitignore` is not followed; a pipe would never end.
        if !metadata.is_file() || metadata.len() > IGNORE_BYTES_MAX {
            return;
        }
        let Ok(bytes) = std::fs::read(&file) else {
            return;
        };
        if let Err(error) = self.ignore.add(&path, &bytes) {
            self.unreadable(&path, &error);
        }
    }

    fn unreadable(&mut self, path: &str, error: &std::io::Error) {
        let (path, reason) = (path.to_owned(), error.to_string());
        self.walked
            .violations
            .push(Violation::Unreadable { path, reason });
    }
}

fn special(kind: FileType) -> SpecialFile {
    if kind.is_fifo() {
        SpecialFile::Fifo
    } else if kind.is_socket() {
        SpecialFile::Socket
    } else if kind.is_block_device() || kind.is_char_device() {
        SpecialFile::Device
    } else {
        SpecialFile::Other
    }
}
