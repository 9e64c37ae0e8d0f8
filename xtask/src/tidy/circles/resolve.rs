//! From a path in the code to the file that defines what it names.

use super::modules::{Module, Modules, Segments};

/// Imports that lead to each other forever end here.
const STEPS_MAX: u32 = 32;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A module, by its path from the root.
    Module(Segments),
    /// A thing of that name in a file.
    Item { file: String, name: String },
}

/// What a name before `::` may be, or the name at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Module,
    Item,
}

impl Modules {
    /// Follows a path used in module `from`, through imports and doors. `None`: it leads out of the crate,
    /// or names something local.
    pub(super) fn resolve(&self, from: &[String], path: &[String]) -> Option<Target> {
        self.follow(from, path, STEPS_MAX)
    }

    fn follow(&self, from: &[String], path: &[String], steps: u32) -> Option<Target> {
        let steps = steps.checked_sub(1)?;
        let mut at = from.to_vec();
        let mut rest = path;
        let mut is_inside = false;
        while let [first, others @ ..] = rest {
            match first.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => {
                    at.pop()?;
                }
                _ => break,
            }
            is_inside = true;
            rest = others;
        }
        while let [name, others @ ..] = rest {
            let wanted = if others.is_empty() {
                Wanted::Item
            } else {
                Wanted::Module
            };
            match self.lookup(&at, name, wanted, steps) {
                Some(Target::Module(path)) => at = path,
                Some(item) => return Some(item),
                // Made by a macro, as far as can be seen.
                None if is_inside => return Some(item(self.0.get(&at)?, name)),
                None => return None,
            }
            is_inside = true;
            rest = others;
        }
        Some(Target::Module(at))
    }

    fn lookup(&self, at: &[String], name: &str, wanted: Wanted, steps: u32) -> Option<Target> {
        let module = self.0.get(at)?;
        let child = module.children.contains(name).then(|| {
            let mut path = at.to_vec();
            path.push(name.to_owned());
            Target::Module(path)
        });
        if wanted == Wanted::Module && child.is_some() {
            return child;
        }
        if module.items.contains(name) {
            return Some(item(module, name));
        }
        let imports = module.imports.iter().filter(|import| import.name == name);
        let imported = imports.filter_map(|import| self.follow_import(at, &import.path, steps));
        if let Some(target) = imported.reduce(|one, other| preferred(one, other, wanted)) {
            return Some(target);
        }
        let steps = steps.checked_sub(1)?;
        let by_glob = module.globs.iter().find_map(|path| {
            let Some(Target::Module(path)) = self.follow_import(at, path, steps) else {
                return None;
            };
            (path != at).then(|| self.lookup(&path, name, wanted, steps))?
        });
        by_glob.or(child)
    }

    // `use a::a` in a module that has no `a` of its own must not find itself.
    fn follow_import(&self, at: &[String], path: &[String], steps: u32) -> Option<Target> {
        let first = path.first()?;
        let is_anchored = matches!(first.as_str(), "crate" | "self" | "super");
        let module = self.0.get(at)?;
        let is_own = module.children.contains(first)
            || module.items.contains(first)
            || module
                .imports
                .iter()
                .any(|import| import.name == *first && import.path != path);
        (is_anchored || is_own).then(|| self.follow(at, path, steps))?
    }
}

fn preferred(one: Target, other: Target, wanted: Wanted) -> Target {
    let is_module = matches!(one, Target::Module(_));
    if is_module == (wanted == Wanted::Module) {
        one
    } else {
        other
    }
}

fn item(module: &Module, name: &str) -> Target {
    Target::Item {
        file: module.file.clone(),
        name: name.to_owned(),
    }
}
