//! A template: opened, checked, and rendered as scaffold and slices.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use factory_spec::suggest::did_you_mean_or_list;
use minijinja::Value as Rendered;
use minijinja::value::Serde;
use serde_json::Value;

use crate::anchor::Edit;
use crate::embedded;
use crate::fault::{OpenError, RenderError, TemplateFault};
use crate::files::Files;
use crate::jinja::{Engine, NOW, Place};
use crate::manifest::{self, ForEach, Manifest, Slice};
use crate::path::normalise;
use crate::render::Folder;
use crate::tree::Tree;
use crate::variables::{self, Variables};

/// Folder beside the templates that holds what several of them use.
const SHARED: &str = "shared";
/// Names of hooks, as cookiecutter looks for them.
const HOOKS: [&str; 3] = ["pre_prompt", "pre_gen_project", "post_gen_project"];

/// A cookiecutter template, with `template.toml` when it has one.
#[derive(Debug, Clone)]
pub struct Template {
    name: String,
    files: Arc<Files>,
    /// Shared layers by name, in the manifest's order.
    layers: Vec<(String, Arc<Files>)>,
    scaffold: String,
    manifest: Manifest,
    variables: Variables,
}

/// What one slice adds to a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedSlice {
    /// Files that are the slice's own.
    pub files: Tree,
    /// What it adds to shared files, in the template's order.
    pub edits: Vec<Edit>,
}

impl Template {
    /// Opens the template in a folder. Its shared layers are those in `../shared`, or else the program's own.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read, or with every fault that the template has.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let files = Files::read(dir)?;
        let home = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
        let name = home
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Self::assemble(name, files, |layer| {
            let beside = home.parent().map(|parent| parent.join(SHARED).join(layer));
            match beside.filter(|path| path.is_dir()) {
                Some(path) => Files::read(&path),
                None => Ok(embedded::files(&format!("{SHARED}/{layer}"))),
            }
        })
    }

    /// Opens a template that is part of the program.
    ///
    /// # Errors
    ///
    /// When there is none of this name, or with every fault that the template has.
    pub fn embedded(name: &str) -> Result<Self, OpenError> {
        let known = embedded::names();
        if !known.contains(&name) {
            let known = known.into_iter().map(str::to_owned).collect();
            return Err(OpenError::Unknown {
                name: name.to_owned(),
                known,
            });
        }
        Self::assemble(name.to_owned(), embedded::files(name), |layer| {
            Ok(embedded::files(&format!("{SHARED}/{layer}")))
        })
    }

    /// The names of the templates that are part of the program, sorted.
    pub fn names() -> Vec<&'static str> {
        embedded::names()
    }

    fn assemble(
        name: String,
        files: Files,
        layer: impl Fn(&str) -> Result<Files, OpenError>,
    ) -> Result<Self, OpenError> {
        let mut faults = hooks(&files);
        let variables = variables_of(&files)
            .map_err(|found| faults.extend(found))
            .ok();
        let manifest = match files.text(manifest::FILE) {
            Some(text) => manifest::parse(text, &program())
                .map_err(|found| faults.extend(found))
                .ok(),
            None => Some(Manifest::plain(&name)),
        };
        let open = variables
            .as_ref()
            .map(|variables| variables.syntax.variable_delimiters());
        let scaffold = scaffold(&files, open.unwrap_or(("{{", "}}")), &mut faults);
        let mut layers = Vec::new();
        for wanted in manifest.iter().flat_map(|manifest| &manifest.shared) {
            let found = layer(wanted)?;
            if found.is_empty() {
                let problem = format!("there is no shared layer `{wanted}`");
                faults.push(TemplateFault::new(
                    manifest::FILE,
                    "shared",
                    problem,
                    "add it or remove the name",
                ));
            }
            layers.push((wanted.clone(), Arc::new(found)));
        }
        match (variables, manifest) {
            (Some(variables), Some(manifest)) if faults.is_empty() => {
                let template = Self {
                    name,
                    files: Arc::new(files),
                    layers,
                    scaffold,
                    manifest,
                    variables,
                };
                let faults = template.slice_faults();
                if faults.is_empty() {
                    Ok(template)
                } else {
                    Err(OpenError::Faulty {
                        template: template.name,
                        faults,
                    })
                }
            }
            _ => Err(OpenError::Faulty {
                template: name,
                faults,
            }),
        }
    }

    /// Its name: that of its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its `template.toml` says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The variables that people may answer, in order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.asked()
    }

    /// All variables with these answers, as files of the template see them.
    ///
    /// # Errors
    ///
    /// The first answer that is not allowed, or default that cannot be rendered.
    pub fn resolve(
        &self,
        answers: &BTreeMap<String, Value>,
    ) -> Result<serde_json::Map<String, Value>, RenderError> {
        self.variables.resolve(&self.files, &self.name, answers)
    }

    /// Parses every file without rendering any; all faults at once.
    pub fn check(&self) -> Vec<RenderError> {
        let mut roots = vec![(&self.files, self.scaffold.as_str())];
        let sources = self
            .manifest
            .slices
            .iter()
            .filter_map(|slice| slice.source.as_deref());
        roots.extend(sources.map(|source| (&self.files, source)));
        roots.extend(self.layers.iter().map(|(_, files)| (files, "")));
        let mut faults = Vec::new();
        for (files, root) in roots {
            self.folder(files, root, |folder| faults.extend(folder.check()));
        }
        faults
    }

    /// Renders the scaffold and the shared layers: the first commit of a product.
    ///
    /// # Errors
    ///
    /// The first answer, text or path that is at fault.
    pub fn scaffold(
        &self,
        answers: &BTreeMap<String, Value>,
        blueprint: &Value,
    ) -> Result<Tree, RenderError> {
        let context = self.context(answers, blueprint)?;
        let mut tree = self.folder(&self.files, &self.scaffold, |folder| {
            folder.render(&context)
        })?;
        for (layer, files) in &self.layers {
            let rendered = self.folder(files, "", |folder| folder.render(&context))?;
            if let Some(path) = rendered.paths().find(|path| tree.get(path).is_some()) {
                return Err(RenderError::SameFile {
                    path: path.to_owned(),
                    first: "the scaffold".to_owned(),
                    second: format!("the shared layer `{layer}`"),
                });
            }
            tree.extend(rendered)
                .map_err(|(rendered, problem)| RenderError::Path {
                    file: format!("{SHARED}/{layer}"),
                    rendered,
                    problem,
                })?;
        }
        Ok(tree)
    }

    /// Renders one slice for its subject: an entity, a story, or nothing for a slice of the product.
    ///
    /// # Errors
    ///
    /// When there is no such slice, the subject does not fit, or the first text or path that is at fault.
    pub fn slice(
        &self,
        slice: &str,
        answers: &BTreeMap<String, Value>,
        blueprint: &Value,
        subject: Option<&Value>,
    ) -> Result<RenderedSlice, RenderError> {
        let rule = self
            .manifest
            .slice(slice)
            .ok_or_else(|| RenderError::UnknownSlice {
                slice: slice.to_owned(),
                known: self
                    .manifest
                    .slices
                    .iter()
                    .map(|slice| slice.name.clone())
                    .collect(),
            })?;
        let context = self.context(answers, blueprint)?;
        self.rendered_slice(rule, &context, subject)
    }

    /// Renders a slice in a context that [`Self::context`] made.
    pub(crate) fn rendered_slice(
        &self,
        slice: &Slice,
        context: &Rendered,
        subject: Option<&Value>,
    ) -> Result<RenderedSlice, RenderError> {
        let context = with_subject(slice, context, subject)?;
        let files = match &slice.source {
            Some(source) => self.folder(&self.files, source, |folder| folder.render(&context))?,
            None => Tree::new(),
        };
        let edits = self.edits(slice, &context)?;
        Ok(RenderedSlice { files, edits })
    }

    fn edits(&self, slice: &Slice, context: &Rendered) -> Result<Vec<Edit>, RenderError> {
        let engine = Engine::new(
            &self.files,
            slice.source.as_deref().unwrap_or("."),
            &self.variables.syntax,
        );
        let mut edits = Vec::new();
        for (at, rule) in slice.edits.iter().enumerate() {
            let render = |key: &str, text: &str| {
                let at = format!("slice `{}`, edits[{at}].{key}", slice.name);
                engine.text(
                    text,
                    context,
                    &Place {
                        file: manifest::FILE,
                        at: &at,
                    },
                )
            };
            let line = render("line", &rule.line)?;
            let line = line.trim_matches('\n').trim_end();
            if line.trim().is_empty() {
                continue;
            }
            let rendered = render("file", &rule.file)?;
            let file = normalise(&rendered).map_err(|problem| RenderError::Path {
                file: manifest::FILE.to_owned(),
                rendered: rendered.clone(),
                problem,
            })?;
            edits.push(Edit {
                file,
                anchor: render("anchor", &rule.anchor)?,
                line: line.to_owned(),
            });
        }
        Ok(edits)
    }

    /// What files of the template may read, but for the subject of a slice.
    pub(crate) fn context(
        &self,
        answers: &BTreeMap<String, Value>,
        blueprint: &Value,
    ) -> Result<Rendered, RenderError> {
        let resolved = self.resolve(answers)?;
        Ok(Rendered::from_pairs([
            ("cookiecutter", Rendered::from(Serde(&resolved))),
            (
                "_cookiecutter",
                Rendered::from(Serde(&self.variables.original(answers)?)),
            ),
            ("blueprint", Rendered::from(Serde(blueprint))),
            (NOW, Rendered::from(Serde(&answers.get(NOW)))),
        ]))
    }

    fn folder<T>(&self, files: &Arc<Files>, root: &str, run: impl FnOnce(&Folder<'_>) -> T) -> T {
        let engine = Engine::new(files, root, &self.variables.syntax);
        run(&Folder {
            files,
            root,
            engine: &engine,
            variables: &self.variables,
        })
    }

    /// What can only be said of the slices with the files at hand.
    fn slice_faults(&self) -> Vec<TemplateFault> {
        let engine = Engine::new(&self.files, ".", &self.variables.syntax);
        let mut faults = Vec::new();
        for (at, slice) in self.manifest.slices.iter().enumerate() {
            let fault = |key: &str, problem: String, remedy: String| {
                TemplateFault::new(
                    manifest::FILE,
                    format!("slices[{at}].{key}"),
                    problem,
                    remedy,
                )
            };
            if let Some(source) = &slice.source
                && self.files.below(source).next().is_none()
            {
                let folders = self.files.folders_in("slices");
                let known: Vec<&str> = folders.iter().map(String::as_str).collect();
                let problem = format!("there are no files in `{source}`");
                let remedy = if known.is_empty() {
                    "put the files of the slice there".to_owned()
                } else {
                    did_you_mean_or_list(source, &known)
                };
                faults.push(fault("source", problem, remedy));
            }
            for (edit, rule) in slice.edits.iter().enumerate() {
                for (key, text) in [
                    ("file", &rule.file),
                    ("anchor", &rule.anchor),
                    ("line", &rule.line),
                ] {
                    if let Err((problem, remedy)) = engine.parse_text(text) {
                        faults.push(fault(&format!("edits[{edit}].{key}"), problem, remedy));
                    }
                }
            }
        }
        faults
    }
}

/// The context with `entity` or `story` in it.
fn with_subject(
    slice: &Slice,
    context: &Rendered,
    subject: Option<&Value>,
) -> Result<Rendered, RenderError> {
    let wrong = |expected| RenderError::Subject {
        slice: slice.name.clone(),
        expected,
    };
    let (key, subject) = match (slice.for_each, subject) {
        (ForEach::Entity, Some(entity)) => ("entity", entity),
        (ForEach::Story, Some(story)) => ("story", story),
        (ForEach::Product, None) => return Ok(context.clone()),
        (ForEach::Entity, None) => return Err(wrong("for an entity")),
        (ForEach::Story, None) => return Err(wrong("for a story")),
        (ForEach::Product, Some(_)) => return Err(wrong("for the product, without a subject")),
    };
    let mut entries = vec![(key, Rendered::from(Serde(subject)))];
    for name in ["cookiecutter", "_cookiecutter", "blueprint", NOW] {
        entries.push((name, context.get_attr(name).unwrap_or_default()));
    }
    Ok(Rendered::from_pairs(entries))
}

/// This program's version.
fn program() -> semver::Version {
    semver::Version::parse(env!("CARGO_PKG_VERSION")).unwrap_or(semver::Version::new(0, 0, 0))
}

fn variables_of(files: &Files) -> Result<Variables, Vec<TemplateFault>> {
    let missing = || {
        let remedy = "every template has one; is this the right folder?";
        vec![TemplateFault::new(
            variables::FILE,
            "",
            "the file is missing",
            remedy,
        )]
    };
    files
        .text(variables::FILE)
        .ok_or_else(missing)
        .and_then(Variables::parse)
}

fn hooks(files: &Files) -> Vec<TemplateFault> {
    files
        .below("hooks")
        .filter(|(name, _)| {
            let stem = name.rsplit_once('.').map_or(*name, |(stem, _)| stem);
            HOOKS.contains(&stem) && !name.ends_with('~')
        })
        .map(|(name, _)| {
            TemplateFault::new(
                format!("hooks/{name}"),
                "",
                "hooks are not run, for there is no sandbox for them yet",
                "remove the hook; a file whose name renders to nothing is left out, so that few templates need one",
            )
        })
        .collect()
}

/// The folder that cookiecutter renders: named after a variable, at the top.
fn scaffold(files: &Files, (open, close): (&str, &str), faults: &mut Vec<TemplateFault>) -> String {
    let mut folders = files.top_folders().into_iter().filter(|name| {
        name.contains("cookiecutter") && name.contains(open) && name.contains(close)
    });
    let first = folders.next();
    let others: Vec<&str> = folders.collect();
    let problem = match (first, others.is_empty()) {
        (Some(_), true) => None,
        (Some(_), false) => Some("there are several project folders"),
        (None, _) => Some("there is no project folder with a file in it"),
    };
    if let Some(problem) = problem {
        let remedy = format!("keep one, named like `{open}cookiecutter.slug{close}`");
        faults.push(TemplateFault::new("", "", problem, remedy));
    }
    first.unwrap_or_default().to_owned()
}
