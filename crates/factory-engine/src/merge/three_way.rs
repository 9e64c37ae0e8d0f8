//! The three-way merge of trees.

use std::collections::BTreeMap;
use std::path::Path;

use gix::diff::blob::Algorithm;
use gix::merge::blob::builtin_driver::text;
use gix::merge::plumbing::tree::{Options, ResolutionFailure};
use gix::merge::tree::TreatAsUnresolved;
use thiserror::Error;

use super::anchored::merge_anchored;
use super::external::{ExternalError, merge_by_git};
use super::json_keys::merge_json;
use super::markers::has_new_markers;
use super::sides::Sides;
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
    let local = repo.local();
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
    let trees = [base, ours, theirs];
    let (merged, resolved) = match merge_trees(repo, &local, trees)? {
        Ok(tree) => (Ok(tree), Vec::new()),
        Err(conflicts) => climb(repo, &local, trees, &common, conflicts)?,
    };
    let mut paths = match merged {
        Ok(tree) => {
            let paths = new_markers(repo, tree, &common)?;
            if paths.is_empty() {
                return Ok(Verdict::Merged(Merged {
                    tree,
                    resolved,
                    report,
                }));
            }
            paths
        }
        Err(paths) => paths,
    };
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

/// Tries the rungs of the ladder on files whose contents conflict, and merges again with what they settled.
fn climb(
    repo: &Repository,
    local: &gix::Repository,
    [base, ours, theirs]: [Oid; 3],
    common: &Common,
    conflicts: Vec<ConflictedPath>,
) -> Result<(TreeVerdict, Vec<Resolved>), MergeError> {
    let (mut settled, mut resolved) = (Vec::new(), Vec::new());
    for conflict in &conflicts {
        let by_content = matches!(
            conflict.reason,
            ConflictReason::Content | ConflictReason::BothAdded
        );
        let entries = common.get(&conflict.path).filter(|_| by_content);
        let Some((entry, rung)) = entries
            .map(|entries| settle(repo, &conflict.path, entries))
            .transpose()?
            .flatten()
        else {
            continue;
        };
        settled.push((conflict.path.as_str(), Some(entry)));
        resolved.push(Resolved {
            path: conflict.path.clone(),
            rung,
        });
    }
    if settled.is_empty() {
        return Ok((Err(conflicts), Vec::new()));
    }
    // With the settled file on both sides, the merge of trees finds nothing left to merge in it.
    let edits = || settled.iter().copied();
    let ours = repo.write_tree(ours, edits())?;
    let theirs = repo.write_tree(theirs, edits())?;
    Ok((merge_trees(repo, local, [base, ours, theirs])?, resolved))
}

/// The merged file; none if no rung settles it.
fn settle(
    repo: &Repository,
    path: &str,
    [base, ours, theirs]: &[Option<Entry>; 3],
) -> Result<Option<(Entry, Rung)>, MergeError> {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return Ok(None);
    };
    let is_file = |entry: &Entry| matches!(entry.mode, FileMode::File | FileMode::Executable);
    if !is_file(ours) || !is_file(theirs) || !base.as_ref().is_none_or(is_file) {
        return Ok(None);
    }
    let read = |entry: &Entry| {
        repo.read_blob(entry.oid)
            .map(|bytes| String::from_utf8(bytes).ok())
    };
    let base_text = base.as_ref().map(read).transpose()?;
    let (Some(our_text), Some(their_text)) = (read(ours)?, read(theirs)?) else {
        return Ok(None);
    };
    if base_text == Some(None) {
        return Ok(None);
    }
    let base_text = base_text.flatten();
    let sides = Sides {
        base: base_text.as_deref(),
        ours: &our_text,
        theirs: &their_text,
    };
    let is_json = Path::new(path).extension().is_some_and(|end| end == "json");
    let by_lists = merge_anchored(sides).map(|text| (text, Rung::AnchoredList));
    let by_keys = || merge_json(sides).map(|text| (text, Rung::JsonKeys));
    let merged = by_lists.or_else(|| is_json.then(by_keys).flatten());
    let Some((text, rung)) = merged else {
        return Ok(None);
    };
    let oid = repo.write_blob(text.as_bytes())?;
    let takes_theirs = base.is_some_and(|base| base.mode == ours.mode);
    let mode = if takes_theirs { theirs.mode } else { ours.mode };
    Ok(Some((Entry { mode, oid }, rung)))
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
