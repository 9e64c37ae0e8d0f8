//! The three-way merge of trees.

use std::collections::BTreeMap;

use gix::diff::blob::Algorithm;
use gix::merge::blob::builtin_driver::text;
use gix::merge::plumbing::tree::{Options, ResolutionFailure};
use gix::merge::tree::TreatAsUnresolved;
use thiserror::Error;

use super::anchored::{Anchored, Sides, merge_anchored};
use super::external::{ExternalError, merge_by_git};
use super::markers::has_new_markers;
use super::verdict::{
    Conflict, ConflictReason, ConflictedPath, Merged, Report, Resolved, Rung, TreeVerdict, Verdict,
};
use crate::git::{Entry, FileMode, GitError, Oid, Repository, diff_trees_by};

/// Why a merge has no verdict.
#[derive(Debug, Error)]
pub enum MergeError {
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The in-process merge failed, and so did the external `git`.
    #[error("merge by the external git after the merge in process failed: {in_process}")]
    External {
        /// What the merge in process said.
        in_process: String,
        /// What the external one said.
        #[source]
        source: ExternalError,
    },
}

const OBJECT_CACHE_BYTES: usize = 16 << 20;

/// The two sides' entries at a path that both changed.
type Common = BTreeMap<String, [Option<Entry>; 3]>;

/// Merges `theirs` (a change) into `ours` (the target), both made from `base`. All are commits or trees.
pub fn merge(repo: &Repository, base: Oid, ours: Oid, theirs: Oid) -> Result<Verdict, MergeError> {
    let (base, ours, theirs) = (
        repo.tree_of(base)?,
        repo.tree_of(ours)?,
        repo.tree_of(theirs)?,
    );
    // One handle, so that what the comparison reads is in its cache for the merge.
    let mut local = repo.local();
    local.object_cache_size_if_unset(OBJECT_CACHE_BYTES);
    let common = common_paths(&local, base, ours, theirs)?;
    let report = Report {
        base_was_behind: base != ours,
        common_paths_changed: !common.is_empty(),
    };
    if base == ours || ours == theirs || base == theirs {
        let tree = if base == ours { theirs } else { ours };
        return Ok(Verdict::Merged(Merged {
            tree,
            resolved: Vec::new(),
            report,
        }));
    }
    let settled = settle_anchored(repo, &common)?;
    let edits = || {
        settled
            .iter()
            .map(|settled| (settled.path.as_str(), Some(settled.entry)))
    };
    let merged = if settled.is_empty() {
        merge_trees(repo, &local, [base, ours, theirs])
    } else {
        // With the settled file on both sides, the merge of trees finds nothing left to merge in it.
        let (ours, theirs) = (
            repo.write_tree(ours, edits())?,
            repo.write_tree(theirs, edits())?,
        );
        merge_trees(repo, &local, [base, ours, theirs])
    }?;
    let (tree, mut paths) = match merged {
        Ok(tree) => (Some(tree), Vec::new()),
        Err(paths) => (None, paths),
    };
    if let Some(tree) = tree {
        paths.extend(new_markers(repo, tree, &common)?);
        if paths.is_empty() {
            let by_lists = settled.into_iter().filter(|settled| settled.by_lists);
            let resolved = by_lists
                .map(|settled| Resolved {
                    path: settled.path,
                    rung: Rung::AnchoredList,
                })
                .collect();
            return Ok(Verdict::Merged(Merged {
                tree,
                resolved,
                report,
            }));
        }
    }
    paths.sort();
    paths.dedup();
    Ok(Verdict::Conflict(Conflict { paths, report }))
}

/// Paths that both sides changed, with `[base, ours, theirs]`.
fn common_paths(
    local: &gix::Repository,
    base: Oid,
    ours: Oid,
    theirs: Oid,
) -> Result<Common, MergeError> {
    let ours = diff_trees_by(local, base, ours)?;
    let mut theirs = diff_trees_by(local, base, theirs)?;
    let mut common = Common::new();
    for (path, (before, our)) in ours {
        if let Some((_, their)) = theirs.remove(&path) {
            common.insert(path, [before, our, their]);
        }
    }
    Ok(common)
}

/// A file whose anchored lists have been merged.
struct Settled {
    path: String,
    entry: Entry,
    by_lists: bool,
}

fn settle_anchored(repo: &Repository, common: &Common) -> Result<Vec<Settled>, MergeError> {
    let mut settled = Vec::new();
    let is_file = |entry: &Entry| matches!(entry.mode, FileMode::File | FileMode::Executable);
    for (path, [base, ours, theirs]) in common {
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            continue;
        };
        let all_files = is_file(ours) && is_file(theirs) && base.as_ref().is_none_or(is_file);
        if !all_files || ours.oid == theirs.oid {
            continue;
        }
        let read = |oid| {
            repo.read_blob(oid)
                .map(|bytes| String::from_utf8(bytes).ok())
        };
        let (Some(our_text), Some(their_text)) = (read(ours.oid)?, read(theirs.oid)?) else {
            continue;
        };
        if !our_text.contains("factory:begin") && !their_text.contains("factory:begin") {
            continue;
        }
        let base_text = match base {
            Some(base) => match read(base.oid)? {
                Some(text) => Some(text),
                None => continue,
            },
            None => None,
        };
        let sides = Sides {
            base: base_text.as_deref(),
            ours: &our_text,
            theirs: &their_text,
        };
        if let Anchored::Merged { text, by_lists } = merge_anchored(sides) {
            let oid = repo.write_blob(text.as_bytes())?;
            let takes_theirs = base.is_some_and(|base| base.mode == ours.mode);
            let mode = if takes_theirs { theirs.mode } else { ours.mode };
            settled.push(Settled {
                path: path.clone(),
                entry: Entry { mode, oid },
                by_lists,
            });
        }
    }
    Ok(settled)
}

fn merge_trees(
    repo: &Repository,
    local: &gix::Repository,
    trees: [Oid; 3],
) -> Result<TreeVerdict, MergeError> {
    merge_in_process(local, trees).or_else(|error| {
        // `gix` gives up on some merges that git can do; git is required for that case.
        let in_process = format!("{error:#}");
        tracing::warn!(error = %in_process, "merging by the external git");
        merge_by_git(repo, trees).map_err(|source| MergeError::External { in_process, source })
    })
}

fn merge_in_process(
    local: &gix::Repository,
    [base, ours, theirs]: [Oid; 3],
) -> Result<TreeVerdict, gix::Error> {
    let mut options = Options {
        rewrites: Some(gix::diff::Rewrites::default()),
        ..Options::default()
    };
    // What git's own `ort` uses; the user's configuration must not change the outcome.
    options.blob_merge.text.diff_algorithm = Algorithm::Histogram;
    let labels = text::Labels::default();
    let mut outcome = local.merge_trees(base.0, ours.0, theirs.0, labels, options.into())?;
    let unresolved =
        |conflict: &&gix::merge::tree::Conflict| conflict.is_unresolved(TreatAsUnresolved::git());
    let conflicts: Vec<ConflictedPath> = outcome
        .conflicts
        .iter()
        .filter(unresolved)
        .map(|conflict| describe(local, conflict))
        .collect();
    if !conflicts.is_empty() {
        return Ok(Err(conflicts));
    }
    Ok(Ok(Oid(outcome.tree.write()?.detach())))
}

fn describe(local: &gix::Repository, conflict: &gix::merge::tree::Conflict) -> ConflictedPath {
    let (ours, _) = conflict.changes_in_resolution();
    let path = ours.location().to_string();
    let reason = match &conflict.resolution {
        Ok(_) => reason_of_content(local, conflict),
        Err(failure) => match failure {
            ResolutionFailure::OursModifiedTheirsDeleted
            | ResolutionFailure::OursDeletedTheirsRenamed => ConflictReason::ChangedAndDeleted,
            ResolutionFailure::OursRenamedTheirsRenamedDifferently { .. }
            | ResolutionFailure::OursRenamedTheirsRenamedToSameLocation => ConflictReason::Renames,
            ResolutionFailure::OursAddedTheirsAddedTypeMismatch { .. }
            | ResolutionFailure::OursModifiedTheirsDirectoryThenOursRenamed { .. }
            | ResolutionFailure::OursDirectoryTheirsNonDirectoryTheirsRenamed { .. }
            | ResolutionFailure::OursModifiedTheirsRenamedTypeMismatch => ConflictReason::Types,
            ResolutionFailure::SubmoduleMerge
            | ResolutionFailure::SubmoduleAddAdd
            | ResolutionFailure::Unknown => ConflictReason::Other,
        },
    };
    ConflictedPath { path, reason }
}

fn reason_of_content(
    local: &gix::Repository,
    conflict: &gix::merge::tree::Conflict,
) -> ConflictReason {
    let entries = conflict.entries();
    let is_binary = |id: gix::ObjectId| {
        local
            .find_blob(id)
            .is_ok_and(|blob| blob.data.iter().take(8_000).any(|byte| *byte == 0))
    };
    if entries.iter().flatten().any(|entry| is_binary(entry.id)) {
        ConflictReason::Binary
    } else if entries.first().is_some_and(Option::is_none) {
        ConflictReason::BothAdded
    } else {
        ConflictReason::Content
    }
}

/// Commonly changed files in which the merge, against its promise, left conflict markers.
fn new_markers(
    repo: &Repository,
    tree: Oid,
    common: &Common,
) -> Result<Vec<ConflictedPath>, MergeError> {
    let mut found = Vec::new();
    let entries = repo.read_entries(tree, common.keys().map(String::as_str))?;
    for (path, entry) in entries {
        let Some([base, Some(ours), Some(theirs)]) = common.get(path) else {
            continue;
        };
        let known = [base.map(|base| base.oid), Some(ours.oid), Some(theirs.oid)];
        if entry.mode == FileMode::Submodule || known.contains(&Some(entry.oid)) {
            continue;
        }
        let read = |entry: &Entry| match entry.mode {
            FileMode::Submodule => Ok(Vec::new()),
            _ => repo.read_blob(entry.oid),
        };
        if has_new_markers(&read(&entry)?, &read(ours)?, &read(theirs)?) {
            let reason = ConflictReason::Content;
            found.push(ConflictedPath {
                path: path.to_owned(),
                reason,
            });
        }
    }
    Ok(found)
}
