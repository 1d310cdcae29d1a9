//! The model of a struct that derives `FfiObject`.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, GenericParam, Generics, Ident, LitStr, Type};

use crate::attr::{self, DefaultValue, Name, Options};
use crate::ctxt::Ctxt;
use crate::model::is_deprecated;
use crate::names;

/// A struct that derives `FfiObject`.
pub(crate) struct Object {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) name: Name,
    pub(crate) module: Option<LitStr>,
    pub(crate) doc: TokenStream,
    pub(crate) no_init: bool,
    pub(crate) options: TypeOptions,
    pub(crate) repr_c: bool,
    /// Where `#[repr(packed)]` is.
    pub(crate) packed: Option<Span>,
    /// Whether the struct or a field is, which is none of the expansion's business.
    pub(crate) deprecated: bool,
    pub(crate) fields: Vec<Field>,
}

/// What a struct says of its class beyond its name, and where.
pub(crate) struct TypeOptions {
    pub(crate) eq: Option<Span>,
    pub(crate) ord: Option<Span>,
    pub(crate) hash: Option<Span>,
    pub(crate) str: Option<Span>,
    pub(crate) repr: Option<Span>,
    pub(crate) is_final: Option<Span>,
    pub(crate) dict: Option<Span>,
    pub(crate) no_wrapper: Option<Span>,
}

impl TypeOptions {
    fn parse(cx: &mut Ctxt, options: &mut Options) -> Self {
        Self {
            eq: options.flag(cx, "eq"),
            ord: options.flag(cx, "ord"),
            hash: options.flag(cx, "hash"),
            str: options.flag(cx, "str"),
            repr: options.flag(cx, "repr"),
            is_final: options.flag(cx, "final"),
            dict: options.flag(cx, "dict"),
            no_wrapper: options.flag(cx, "no_wrapper"),
        }
    }
}

/// How the constructor takes a field.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Init {
    /// By position or by name.
    Standard,
    /// By name alone.
    KeywordOnly,
    /// Not at all: it has its default.
    Hidden,
}

/// A field of such a struct.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) doc: TokenStream,
    pub(crate) name: Name,
    /// Where `name = "…"` is, if it is.
    pub(crate) renamed: Option<Span>,
    pub(crate) base: Option<Span>,
    pub(crate) skip: Option<Span>,
    pub(crate) default: Option<DefaultValue>,
    /// Where `kw_only` is, if it is.
    pub(crate) kw_only: Option<Span>,
    /// Where `init = false` is, if it is.
    pub(crate) no_init: Option<Span>,
    /// Where `repr = false` is, if it is.
    pub(crate) no_repr: Option<Span>,
}

impl Field {
    /// Whether the frontend sees it as a field.
    pub(crate) fn is_exposed(&self) -> bool {
        self.base.is_none() && self.skip.is_none()
    }

    /// How the constructor takes it.
    pub(crate) fn init(&self) -> Init {
        match (self.no_init, self.kw_only) {
            (Some(_), _) => Init::Hidden,
            (None, Some(_)) => Init::KeywordOnly,
            (None, None) => Init::Standard,
        }
    }
}

impl Object {
    pub(crate) fn parse(cx: &mut Ctxt, input: &DeriveInput) -> Self {
        let mut options = Options::of_attributes(cx, &input.attrs, &attr::TYPE);
        let name = options.string(cx, "name");
        if let (Some(name), false) = (&name, input.generics.params.is_empty()) {
            let message = "a generic struct is no class: `register!(… as \"…\")` names that of each instantiation";
            cx.error(name, message);
        }
        let name = name.map_or_else(|| Name::of(&input.ident), Name::from);
        lifetimes(cx, input);
        let fields = match &input.data {
            Data::Struct(data) => {
                if let syn::Fields::Unnamed(fields) = &data.fields {
                    cx.error(
                        fields,
                        "fields need names, by which a frontend can show them: `struct Name { field: Type }`",
                    );
                }
                let named = data.fields.iter().filter_map(|f| Some((f, f.ident.clone()?)));
                named.map(|(field, ident)| Field::parse(cx, field, ident)).collect()
            }
            // That is a `Sum`.
            Data::Enum(_) => Vec::new(),
            Data::Union(data) => {
                cx.error(data.union_token, "a union cannot be a type of objects: use a struct");
                Vec::new()
            }
        };
        Self {
            ident: input.ident.clone(),
            generics: input.generics.clone(),
            name,
            module: options.string(cx, "module"),
            doc: names::doc(&input.attrs),
            no_init: options.flag(cx, "no_init").is_some(),
            options: TypeOptions::parse(cx, &mut options),
            repr_c: repr(&input.attrs, "C").is_some(),
            packed: repr(&input.attrs, "packed"),
            deprecated: is_deprecated(&input.attrs)
                || matches!(&input.data, Data::Struct(data)
                if data.fields.iter().any(|f| is_deprecated(&f.attrs))),
            fields,
        }
    }

    /// Whether it is a type only with arguments.
    pub(crate) fn is_generic(&self) -> bool {
        !self.generics.params.is_empty()
    }

    /// The field that is the base, if there is one.
    pub(crate) fn base(&self) -> Option<&Field> {
        self.fields.iter().find(|f| f.base.is_some())
    }
}

impl Field {
    pub(crate) fn parse(cx: &mut Ctxt, field: &syn::Field, ident: Ident) -> Self {
        let mut options = Options::of_attributes(cx, &field.attrs, &attr::FIELD);
        let name = options.string(cx, "name");
        Self {
            ty: field.ty.clone(),
            doc: names::doc(&field.attrs),
            renamed: name.as_ref().map(LitStr::span),
            name: name.map_or_else(|| Name::of(&ident), Name::from),
            base: options.flag(cx, "base"),
            skip: options.flag(cx, "skip"),
            default: options.default(),
            kw_only: options.flag(cx, "kw_only"),
            no_init: options.off(cx, "init"),
            no_repr: options.off(cx, "repr"),
            ident,
        }
    }
}

/// Where a struct asks for a representation.
fn repr(attributes: &[Attribute], wanted: &str) -> Option<Span> {
    let mut found = None;
    for attribute in attributes.iter().filter(|a| a.path().is_ident("repr")) {
        // What else is there is rustc's to check.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident(wanted) {
                found = Some(meta.path.span());
            }
            if meta.input.peek(syn::token::Paren) {
                meta.input.parse::<proc_macro2::TokenTree>()?;
            }
            Ok(())
        });
    }
    found
}

fn lifetimes(cx: &mut Ctxt, input: &DeriveInput) {
    const BORROWS: &str = "an object owns what it holds: use `Obj<…>` for an object, `String` for a text";
    let borrows = |f: &syn::Field| matches!(f.ty, Type::Reference(_));
    let field_says_so = matches!(&input.data, Data::Struct(data) if data.fields.iter().any(borrows));
    for parameter in &input.generics.params {
        match parameter {
            GenericParam::Lifetime(_) if field_says_so => {}
            GenericParam::Lifetime(lifetime) => cx.error(lifetime, BORROWS),
            _ => {}
        }
    }
}
