//! Parsing of `#[ffi(...)]`, `#[ffi_methods(...)]` and `#[ffi_function(...)]` into options.
//!
//! A place says which options it knows. What it does not know, what is not there yet and what is repeated is reported
//! here; what options mean together is decided in `check`.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitBool, LitStr, Meta, Token};

use crate::ctxt::Ctxt;

/// One place where options stand, and what may stand there.
pub(crate) struct Place {
    /// How messages call it.
    pub(crate) what: &'static str,
    /// What it knows.
    pub(crate) known: &'static [&'static str],
    /// What it will know one day.
    pub(crate) later: &'static [&'static str],
}

pub(crate) const TYPE: Place = Place {
    what: "a struct",
    known: &["dict", "eq", "final", "hash", "module", "name", "no_init", "no_wrapper", "ord", "repr", "str"],
    later: &[],
};
pub(crate) const FIELD: Place =
    Place { what: "a field", known: &["base", "default", "init", "kw_only", "name", "repr", "skip"], later: &[] };
pub(crate) const ENUM: Place = Place { what: "an enum", known: &["int", "module", "name", "rename_all"], later: &[] };
pub(crate) const SUM: Place = Place { what: "an enum", known: &["module", "name"], later: &[] };
pub(crate) const VARIANT: Place = Place { what: "a variant", known: &["name"], later: &[] };
pub(crate) const MEMBER: Place = Place { what: "a variant", known: &["name", "skip"], later: &[] };
pub(crate) const BLOCK: Place = Place { what: "`#[ffi_methods]`", known: &["cached"], later: &[] };
pub(crate) const METHOD: Place = Place {
    what: "a method",
    known: &["cached", "classmethod", "deleter", "getter", "name", "new", "setter", "skip"],
    later: &[],
};
pub(crate) const CONSTANT: Place = Place { what: "a constant", known: &["const", "name"], later: &[] };
pub(crate) const FUNCTION: Place = Place { what: "`#[ffi_function]`", known: &["cached", "name"], later: &[] };
pub(crate) const PARAMETER: Place =
    Place { what: "a parameter", known: &["args", "default", "kw_only", "kwargs", "name", "pos_only"], later: &[] };

pub(crate) const ERROR: Place = Place { what: "an error", known: &["base", "module", "name"], later: &[] };
pub(crate) const ERROR_VARIANT: Place = Place { what: "an error's variant", known: &["base", "name"], later: &[] };
pub(crate) const ERROR_FIELD: Place = Place { what: "an error's field", known: &["name", "skip"], later: &[] };

/// One option: `skip`, or `name = "…"`.
pub(crate) struct Item {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error(format!("expected `,` or `=` after `{key}`")));
        }
        Ok(Self { key, value })
    }
}

/// A name in the frontend, and where it is written.
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Name {
    /// The name of an identifier, `r#` left out.
    pub(crate) fn of(ident: &Ident) -> Self {
        Self { text: ident.unraw().to_string(), span: ident.span() }
    }
}

impl From<LitStr> for Name {
    fn from(text: LitStr) -> Self {
        Self { text: text.value(), span: text.span() }
    }
}

/// A default.
#[derive(Clone)]
pub(crate) enum DefaultValue {
    /// `default`: that of the type.
    OfType(Span),
    /// `default = expr`.
    Expr(Expr),
}

/// The options of one place, each at most once.
pub(crate) struct Options {
    items: Vec<Item>,
}

impl Options {
    /// The options in all `#[ffi(...)]` of an item.
    pub(crate) fn of_attributes(cx: &mut Ctxt, attributes: &[Attribute], place: &Place) -> Self {
        let mut items = Vec::new();
        for attribute in attributes.iter().filter(|a| is_ffi(a)) {
            match &attribute.meta {
                Meta::List(list) => items.extend(parse(cx, list.tokens.clone())),
                _ => cx.error(attribute, "options go in parentheses: `#[ffi(…)]`"),
            }
        }
        Self::checked(cx, items, place)
    }

    /// The options that an attribute macro was given.
    pub(crate) fn of_arguments(cx: &mut Ctxt, arguments: TokenStream, place: &Place) -> Self {
        let items = parse(cx, arguments);
        Self::checked(cx, items, place)
    }

    fn checked(cx: &mut Ctxt, all: Vec<Item>, place: &Place) -> Self {
        let mut items: Vec<Item> = Vec::new();
        for item in all {
            let key = item.key.to_string();
            if place.later.contains(&&*key) {
                cx.error(&item.key, format_args!("`{key}` is not supported yet"));
            } else if !place.known.contains(&&*key) {
                let known = place.known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
                let are = if place.known.len() == 1 { "there is only" } else { "there are" };
                let what = place.what;
                cx.error(&item.key, format_args!("unknown option `{key}` of {what}; {are} {known}"));
            } else if items.iter().any(|i| i.key == item.key) {
                cx.error(&item.key, format_args!("`{key}` is given twice"));
            } else {
                items.push(item);
            }
        }
        Self { items }
    }

    fn take(&mut self, key: &str) -> Option<Item> {
        let index = self.items.iter().position(|i| i.key == key)?;
        Some(self.items.remove(index))
    }

    /// An option without a value.
    pub(crate) fn flag(&mut self, cx: &mut Ctxt, key: &str) -> Option<Span> {
        let item = self.take(key)?;
        if let Some(value) = item.value {
            cx.error(value, format_args!("`{key}` takes no value: write it alone"));
        }
        Some(item.key.span())
    }

    /// An option that is only ever switched off: `init = false`.
    pub(crate) fn off(&mut self, cx: &mut Ctxt, key: &str) -> Option<Span> {
        let item = self.take(key)?;
        if !matches!(&item.value, Some(Expr::Lit(ExprLit { lit: Lit::Bool(LitBool { value: false, .. }), .. }))) {
            let message = format!("`{key}` is on unless it is switched off: write `{key} = false`, or leave it out");
            cx.error(&item.key, message);
        }
        Some(item.key.span())
    }

    /// An option with a value, such as this one.
    pub(crate) fn value(&mut self, cx: &mut Ctxt, key: &str, example: &str) -> Option<Expr> {
        let item = self.take(key)?;
        if item.value.is_none() {
            cx.error(&item.key, format_args!("`{key}` takes a value: `{key} = {example}`"));
        }
        item.value
    }

    /// An option whose value is a string.
    pub(crate) fn string(&mut self, cx: &mut Ctxt, key: &str) -> Option<LitStr> {
        let item = self.take(key)?;
        if item.value.is_none() {
            cx.error(&item.key, format_args!("`{key}` takes a value: `{key} = \"…\"`"));
        }
        string(cx, key, item.value?)
    }

    /// An option that may have a string as its value.
    pub(crate) fn flag_or_string(&mut self, cx: &mut Ctxt, key: &str) -> Option<(Span, Option<LitStr>)> {
        let item = self.take(key)?;
        let value = item.value.and_then(|value| string(cx, key, value));
        Some((item.key.span(), value))
    }

    /// `default` or `default = expr`.
    pub(crate) fn default(&mut self) -> Option<DefaultValue> {
        let item = self.take("default")?;
        Some(item.value.map_or(DefaultValue::OfType(item.key.span()), DefaultValue::Expr))
    }
}

fn string(cx: &mut Ctxt, key: &str, value: Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        other => {
            cx.error(other, format_args!("expected a string: `{key} = \"…\"`"));
            None
        }
    }
}

fn parse(cx: &mut Ctxt, tokens: TokenStream) -> Vec<Item> {
    match Punctuated::<Item, Token![,]>::parse_terminated.parse2(tokens) {
        Ok(items) => items.into_iter().collect(),
        Err(error) => {
            cx.push(error);
            Vec::new()
        }
    }
}

/// Whether this is `#[ffi…]`.
pub(crate) fn is_ffi(attribute: &Attribute) -> bool {
    attribute.path().is_ident("ffi")
}
