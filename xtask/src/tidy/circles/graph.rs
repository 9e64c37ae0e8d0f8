//! Arrows from file to file, and the circles among them.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::Modules;
use super::resolve::Target;

/// For each file the files that it uses, each with the names that tie it.
pub(super) type Arrows = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// All arrows of one crate.
pub(super) fn arrows(modules: &Modules) -> Arrows {
    let mut arrows = Arrows::new();
    let mut draw = |from: &str, to: String, name: String| {
        if from != to {
            let to = arrows.entry(from.to_owned()).or_default().entry(to);
            to.or_default().insert(name);
        }
    };
    let methods = methods(modules);
    for (path, module) in &modules.0 {
        let imports = module.imports.iter().filter(|import| !import.is_reexport);
        let named = imports
            .map(|import| &import.path)
            .chain(module.paths.iter());
        for named in named {
            if let Some(Target::Item { file, name }) = modules.resolve(path, named) {
                draw(&module.file, file, name);
            }
        }
        for (own, method) in &module.calls {
            let own = modules.resolve(path, own);
            let definition = own.and_then(|own| methods.get(&(own, method.as_str())));
            if let Some(file) = definition {
                draw(&module.file, (*file).to_owned(), format!("{method}()"));
            }
        }
    }
    arrows
}

/// The files that define the methods of types.
fn methods(modules: &Modules) -> BTreeMap<(Target, &str), &str> {
    let mut found = BTreeMap::new();
    for (path, module) in &modules.0 {
        for (own, method) in &module.methods {
            if let Some(own) = modules.resolve(path, own) {
                found.insert((own, method.as_str()), module.file.as_str());
            }
        }
    }
    found
}

/// Groups of two and more files of which each reaches each.
pub(super) fn circles(arrows: &Arrows) -> Vec<Vec<String>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> = arrows
        .keys()
        .map(|file| (file.as_str(), reachable(arrows, file)))
        .collect();
    let mut found = BTreeSet::new();
    for (file, reached) in &reach {
        let mutual = reached
            .iter()
            .filter(|other| reach.get(*other).is_some_and(|back| back.contains(file)));
        let component: Vec<String> = mutual.map(|file| (*file).to_owned()).collect();
        if component.len() > 1 {
            found.insert(component);
        }
    }
    found.into_iter().collect()
}

fn reachable<'a>(arrows: &'a Arrows, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for to in arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(to.as_str()) {
                open.push(to);
            }
        }
    }
    reached
}
