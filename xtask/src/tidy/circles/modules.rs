//! One crate as a tree of modules: what each defines, imports and names.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ImplItem, Item, Type, UseTree};

/// Segments of a path, as written in code or from the root of the crate.
pub(super) type Segments = Vec<String>;

/// One module, in a file of its own or inline.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Its file, from the folder `src`.
    pub(super) file: String,
    pub(super) children: BTreeSet<String>,
    pub(super) items: BTreeSet<String>,
    pub(super) imports: Vec<Import>,
    /// Paths of `use …::*`.
    pub(super) globs: Vec<Segments>,
    /// Paths that the code names.
    pub(super) paths: BTreeSet<Segments>,
    /// Methods that an `impl` of a type defines here: type, method.
    pub(super) methods: BTreeSet<(Segments, String)>,
    /// Methods that an `impl` of a type calls on itself: type, method.
    pub(super) calls: BTreeSet<(Segments, String)>,
}

/// One name that a `use` brings.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) name: String,
    pub(super) path: Segments,
    /// It is passed on, and only counts where the code itself names it.
    pub(super) is_reexport: bool,
}

/// All modules of a crate by their path from its root.
#[derive(Debug, Default)]
pub(super) struct Modules(pub(super) BTreeMap<Segments, Module>);

impl Modules {
    /// Reads the crate whose root is `lib.rs` or `main.rs` in the folder `src`, following `mod` lines.
    pub(super) fn read(src: &str, sources: &BTreeMap<&str, &str>) -> Self {
        let mut modules = Self::default();
        let mut open = vec![Segments::new()];
        while let Some(path) = open.pop() {
            let file = candidates(&path)
                .into_iter()
                .find_map(|file| Some((sources.get(format!("{src}{file}").as_str())?, file)));
            // A file that cannot be parsed is the compiler's to report.
            if let Some((text, file)) = file
                && let Ok(parsed) = syn::parse_file(text)
            {
                let mut reader = Reader {
                    modules: &mut modules,
                    open: &mut open,
                    file,
                    path,
                    own: None,
                };
                reader.read(&parsed.items);
            }
        }
        modules
    }
}

fn candidates(path: &[String]) -> [String; 2] {
    if path.is_empty() {
        return ["lib.rs".to_owned(), "main.rs".to_owned()];
    }
    let path = path.join("/");
    [format!("{path}.rs"), format!("{path}/mod.rs")]
}

struct Reader<'a> {
    modules: &'a mut Modules,
    /// Modules in files of their own that are still to be read.
    open: &'a mut Vec<Segments>,
    file: String,
    /// The module that is being read.
    path: Segments,
    /// The type whose `impl` block is being read.
    own: Option<Segments>,
}

impl Reader<'_> {
    fn read(&mut self, items: &[Item]) {
        self.module().file = self.file.clone();
        for item in items {
            if !is_test(attributes(item)) {
                self.module().items.extend(name(item));
                self.visit_item(item);
            }
        }
    }

    fn module(&mut self) -> &mut Module {
        self.modules.0.entry(self.path.clone()).or_default()
    }

    fn import(&mut self, tree: &UseTree, prefix: &[String], is_reexport: bool) {
        let with = |ident: &syn::Ident| [prefix, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.import(&path.tree, &with(&path.ident), is_reexport),
            UseTree::Name(name) if name.ident == "self" => {
                self.bind(prefix.last().cloned(), prefix.to_vec(), is_reexport);
            }
            UseTree::Name(name) => {
                self.bind(Some(name.ident.to_string()), with(&name.ident), is_reexport);
            }
            UseTree::Rename(rename) => {
                let path = if rename.ident == "self" {
                    prefix.to_vec()
                } else {
                    with(&rename.ident)
                };
                self.bind(Some(rename.rename.to_string()), path, is_reexport);
            }
            UseTree::Glob(_) => self.module().globs.push(prefix.to_vec()),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, prefix, is_reexport);
                }
            }
        }
    }

    fn bind(&mut self, name: Option<String>, path: Segments, is_reexport: bool) {
        if let Some(name) = name {
            self.module().imports.push(Import {
                name,
                path,
                is_reexport,
            });
        }
    }

    // What a macro is given need not be Rust: only `a::b::c` is looked for.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = Segments::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.name(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                }
                other => {
                    self.name(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.name(path);
    }

    fn name(&mut self, path: Segments) {
        match (self.own.clone(), path.as_slice()) {
            (_, []) => {}
            (Some(own), [first, method, ..]) if first == "Self" => {
                self.module().calls.insert((own, method.clone()));
            }
            _ => {
                self.module().paths.insert(path);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let name = module.ident.to_string();
        self.module().children.insert(name.clone());
        self.path.push(name);
        match &module.content {
            Some((_, items)) => self.read(items),
            None => self.open.push(self.path.clone()),
        }
        self.path.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_reexport = !matches!(item.vis, syn::Visibility::Inherited);
        if item.leading_colon.is_none() {
            self.import(&item.tree, &[], is_reexport);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let own = match &*item.self_ty {
            Type::Path(path) => Some(segments(&path.path)),
            _ => None,
        };
        if let (Some(own), None) = (&own, &item.trait_) {
            let names = item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(method) if !is_test(&method.attrs) => {
                    Some((own.clone(), method.sig.ident.to_string()))
                }
                _ => None,
            });
            self.module().methods.extend(names);
        }
        let outer = std::mem::replace(&mut self.own, own);
        visit::visit_item_impl(self, item);
        self.own = outer;
    }

    fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
        if !is_test(&method.attrs) {
            visit::visit_impl_item_fn(self, method);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if let (Expr::Path(receiver), Some(own)) = (&*call.receiver, self.own.clone())
            && receiver.path.is_ident("self")
        {
            let method = call.method.to_string();
            self.module().calls.insert((own, method));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.name(segments(path));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    // `pub(in crate::room)` says who may look in; it takes nothing from there.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

fn segments(path: &syn::Path) -> Segments {
    path.segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect()
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute
            .meta
            .require_list()
            .is_ok_and(|list| list.path.is_ident("cfg") && list.tokens.to_string() == "test")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}
