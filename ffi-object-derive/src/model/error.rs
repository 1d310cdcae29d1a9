//! The model of a type that derives `FfiError`.

use proc_macro2::TokenStream;
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Ident, Lit, LitStr, Path, Type};

use crate::attr::{self, Name, Options};
use crate::ctxt::Ctxt;
use crate::names;

/// Classes of Python that an exception may extend: those made with a message and nothing else.
const BUILTIN: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BufferError",
    "ConnectionError",
    "EOFError",
    "Exception",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "ImportError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "LookupError",
    "MemoryError",
    "NameError",
    "NotADirectoryError",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PermissionError",
    "RecursionError",
    "ReferenceError",
    "RuntimeError",
    "SyntaxError",
    "TimeoutError",
    "TypeError",
    "UserWarning",
    "ValueError",
    "Warning",
    "ZeroDivisionError",
];

/// Attributes that all exceptions have.
const TAKEN: &[&str] = &["add_note", "args", "with_traceback"];

/// A type that derives `FfiError`.
pub(crate) struct ErrorModel {
    pub(crate) ident: Ident,
    pub(crate) module: Option<LitStr>,
    pub(crate) class: Class,
    /// `None`: a struct.
    pub(crate) variants: Option<Vec<Class>>,
}

/// A class: the type's, or a variant's.
pub(crate) struct Class {
    /// The variant, or the type.
    pub(crate) ident: Ident,
    pub(crate) name: Name,
    pub(crate) doc: TokenStream,
    pub(crate) base: Option<Base>,
    /// The fields that are attributes.
    pub(crate) fields: Vec<Attr>,
}

/// What a class extends.
pub(crate) enum Base {
    Builtin(LitStr),
    Error(Path),
}

/// A field that is an attribute.
pub(crate) struct Attr {
    pub(crate) member: syn::Member,
    pub(crate) ty: Type,
    pub(crate) name: Name,
}

impl ErrorModel {
    pub(crate) fn parse(cx: &mut Ctxt, input: &DeriveInput) -> Self {
        let mut options = Options::of_attributes(cx, &input.attrs, &attr::ERROR);
        if let Some(parameter) = input.generics.params.first() {
            cx.error(parameter, "an exception class cannot be generic: name the types that the error is for");
        }
        let mut class = Class::parse(cx, &mut options, &input.ident, &input.attrs);
        let mut variants = None;
        match &input.data {
            Data::Struct(data) => class.fields = fields(cx, &data.fields),
            Data::Enum(data) => variants = Some(data.variants.iter().map(|v| Class::variant(cx, v)).collect()),
            Data::Union(data) => cx.error(data.union_token, "a union cannot be an exception class: use an enum"),
        }
        Self { ident: input.ident.clone(), module: options.string(cx, "module"), class, variants }
    }
}

impl Class {
    fn parse(cx: &mut Ctxt, options: &mut Options, ident: &Ident, attributes: &[Attribute]) -> Self {
        let name = options.string(cx, "name").map_or_else(|| Name::of(ident), Name::from);
        let base = options.value(cx, "base", "\"ValueError\"").and_then(|value| base(cx, value));
        Self { ident: ident.clone(), name, doc: names::doc(attributes), base, fields: Vec::new() }
    }

    fn variant(cx: &mut Ctxt, variant: &syn::Variant) -> Self {
        let mut options = Options::of_attributes(cx, &variant.attrs, &attr::ERROR_VARIANT);
        let mut class = Self::parse(cx, &mut options, &variant.ident, &variant.attrs);
        if let Some(Base::Error(path)) = &class.base {
            cx.error(path, "a variant extends its enum, and may add a class of Python: `base = \"KeyError\"`");
            class.base = None;
        }
        class.fields = fields(cx, &variant.fields);
        class
    }
}

fn base(cx: &mut Ctxt, value: Expr) -> Option<Base> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            if !BUILTIN.contains(&&*text.value()) {
                let message =
                    "no class of Python that an exception can extend: take one such as \"ValueError\" that is \
                               made from a message alone; another type with `#[derive(FfiError)]` goes without quotes";
                cx.error(&text, message);
            }
            Some(Base::Builtin(text))
        }
        Expr::Path(path) => Some(Base::Error(path.path)),
        other => {
            cx.error(other, "a base is a class of Python, `\"ValueError\"`, or a type with `#[derive(FfiError)]`");
            None
        }
    }
}

/// The fields that are attributes: those with names, but not what is the cause.
fn fields(cx: &mut Ctxt, fields: &Fields) -> Vec<Attr> {
    let mut all = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let mut options = Options::of_attributes(cx, &field.attrs, &attr::ERROR_FIELD);
        let skip = options.flag(cx, "skip").is_some();
        let name = options.string(cx, "name").map(Name::from);
        let has = |names: &[&str]| field.attrs.iter().any(|a| names.iter().any(|name| a.path().is_ident(name)));
        let called = field.ident.as_ref().is_some_and(|ident| ident == "source" || ident == "backtrace");
        if skip || (name.is_none() && (called || has(&["source", "from", "backtrace"]))) {
            continue;
        }
        // What has no name is in the text, as a rule.
        let Some(name) = name.or_else(|| field.ident.as_ref().map(Name::of)) else { continue };
        if TAKEN.contains(&&*name.text) || name.text.starts_with("__") {
            let message = format_args!(
                "all exceptions have an attribute `{}`: name this one otherwise with `#[ffi(name = \"…\")]`, or leave it \
                 out with `#[ffi(skip)]`",
                name.text
            );
            cx.error_at(name.span, message);
        }
        let member = match &field.ident {
            Some(ident) => ident.clone().into(),
            None => syn::Member::Unnamed(index.into()),
        };
        all.push(Attr { member, ty: field.ty.clone(), name });
    }
    all
}
