//! The model of an enum with data that derives `FfiObject`.

use proc_macro2::{Span, TokenStream};
use quote::format_ident;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Ident, LitStr};

use crate::attr::{self, Name, Options};
use crate::ctxt::Ctxt;
use crate::model::{is_deprecated, Field};
use crate::names;

/// An enum with data that derives `FfiObject`.
pub(crate) struct Sum {
    pub(crate) ident: Ident,
    pub(crate) name: Name,
    pub(crate) module: Option<LitStr>,
    pub(crate) doc: TokenStream,
    /// Whether the enum, a variant or a field is, which is none of the expansion's business.
    pub(crate) deprecated: bool,
    pub(crate) variants: Vec<Variant>,
}

/// A variant of such an enum.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) name: Name,
    pub(crate) doc: TokenStream,
    pub(crate) shape: Shape,
    /// Those without a name are called `_0`, `_1` and so on.
    pub(crate) fields: Vec<Field>,
}

/// How a variant is written.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    Unit,
    Tuple,
    Named,
}

impl Sum {
    pub(crate) fn parse(cx: &mut Ctxt, input: &DeriveInput) -> Self {
        let mut options = Options::of_attributes(cx, &input.attrs, &attr::SUM);
        if let Some(parameter) = input.generics.params.first() {
            cx.error(
                parameter,
                "an enum of objects cannot be generic: make a generic struct of what its variants hold",
            );
        }
        let variants = match &input.data {
            Data::Enum(data) => data.variants.iter().map(|variant| Variant::parse(cx, variant)).collect(),
            _ => Vec::new(),
        };
        if variants.iter().all(|variant| variant.fields.is_empty()) {
            let message =
                "an enum without data is a value, not an object: derive `FfiEnum`, which makes it an enumeration";
            cx.error(&input.ident, message);
        }
        Self {
            name: options.string(cx, "name").map_or_else(|| Name::of(&input.ident), Name::from),
            ident: input.ident.clone(),
            module: options.string(cx, "module"),
            doc: names::doc(&input.attrs),
            deprecated: is_deprecated(&input.attrs)
                || matches!(&input.data, Data::Enum(data)
                if data.variants.iter().any(|v| is_deprecated(&v.attrs)
                    || v.fields.iter().any(|f| is_deprecated(&f.attrs)))),
            variants,
        }
    }
}

impl Variant {
    fn parse(cx: &mut Ctxt, variant: &syn::Variant) -> Self {
        let mut options = Options::of_attributes(cx, &variant.attrs, &attr::VARIANT);
        let fields = variant.fields.iter().enumerate().map(|(i, field)| {
            let place = Span::call_site().located_at(field.ty.span());
            let ident = field.ident.clone().unwrap_or_else(|| format_ident!("_{i}", span = place));
            Field::parse(cx, field, ident)
        });
        Self {
            fields: fields.collect(),
            name: options.string(cx, "name").map_or_else(|| Name::of(&variant.ident), Name::from),
            ident: variant.ident.clone(),
            doc: names::doc(&variant.attrs),
            shape: match &variant.fields {
                Fields::Unit => Shape::Unit,
                Fields::Unnamed(_) => Shape::Tuple,
                Fields::Named(_) => Shape::Named,
            },
        }
    }
}
