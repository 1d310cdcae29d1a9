//! `#[derive(FfiObject)]` on a generic struct: what its instantiations have in common. `register!` does the rest.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{quote, ToTokens};
use syn::{parse_quote, GenericParam, Path, Type, WherePredicate};

use crate::attr::DefaultValue;
use crate::expand::object::{builder, described, options, param_kind, without_repr};
use crate::expand::runtime;
use crate::model::{argument_of, Field, Object};

pub(crate) fn expand(object: &Object) -> TokenStream {
    let rt = runtime();
    let ident = &object.ident;
    let generics = bounded(object);
    let (with, of, when) = generics.split_for_impl();
    let this: Path = parse_quote!(Self);
    let infos = object.fields.iter().filter(|f| f.is_exposed()).map(|field| {
        let (member, param, rest) = (&field.ident, param_kind(field), without_repr(field));
        let described = described(field, &this);
        quote! {
            {
                let field = #described;
                // SAFETY: the type and offset are those of the field.
                unsafe { field.at(::core::mem::offset_of!(Self, #member), #param) } #rest
            }
        }
    });
    let (hidden, builder) = builder(object, &this, &quote!(Self::HIDDEN));
    let (doc, options) = (&object.doc, options(&object.options, &quote!(Self)));
    let module = match &object.module {
        Some(module) => quote!(::core::option::Option::Some(#module)),
        None => quote!(::core::option::Option::None),
    };
    let allow = object.deprecated.then(|| quote!(#[allow(deprecated, reason = "only Rust code is warned")]));
    quote! {
        #allow
        const _: () = {
            // SAFETY: the fields are those of this type.
            #[automatically_derived]
            unsafe impl #with #rt::Template for #ident #of #when {
                const MODULE: ::core::option::Option<&'static ::core::primitive::str> = #module;
                const DOC: &'static ::core::primitive::str = #doc;
                const BUILDER: #rt::Builder = #builder;
                const OPTIONS: #rt::TypeOptions = #options;
                const FIELDS: &'static [#rt::FieldInfo] = &[#(#infos),*];
                const HIDDEN: &'static [#rt::HiddenField] = #hidden;
            }
        };
    }
}

/// What a field asks of the parameters. Not always that it is a `Field`: under such a bound, the compiler would not know any
/// more what a `Mut<T>` holds, and that a default is one.
fn field_bound(object: &Object, field: &Field) -> Option<WherePredicate> {
    let rt = runtime();
    let ty = &field.ty;
    let parameters: Vec<&Ident> = object.generics.type_params().map(|p| &p.ident).collect();
    if !mentions(ty.to_token_stream(), &parameters) {
        return None;
    }
    let held = ["Mut", "Mutex", "RwLock"].iter().find_map(|cell| argument_of(ty, cell));
    let is_parameter = matches!(ty, Type::Path(path) if path.path.get_ident().is_some());
    Some(match held {
        Some(held) => parse_quote!(#held: #rt::Value + ::core::clone::Clone),
        // It may stand for a cell.
        None if is_parameter && !matches!(field.default, Some(DefaultValue::Expr(_))) => parse_quote!(#ty: #rt::Field),
        None => parse_quote!(#ty: #rt::Value),
    })
}

/// Whether one of these names is among the tokens.
fn mentions(tokens: TokenStream, names: &[&Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|name| **name == ident),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}

/// The struct's parameters, with what its fields ask of them.
fn bounded(object: &Object) -> syn::Generics {
    let rt = runtime();
    let mut generics = object.generics.clone();
    for parameter in &mut generics.params {
        if let GenericParam::Type(ty) = parameter {
            ty.bounds.push(parse_quote!('static));
        }
    }
    let ident = &object.ident;
    let (_, of, _) = object.generics.split_for_impl();
    let this = quote!(#ident #of);
    let clause = generics.make_where_clause();
    clause.predicates.push(parse_quote!(#this: ::core::marker::Send + ::core::marker::Sync));
    for (asked, bound) in [
        (object.options.eq, quote!(::core::cmp::PartialEq)),
        (object.options.ord, quote!(::core::cmp::PartialOrd)),
        (object.options.hash, quote!(::core::hash::Hash)),
        (object.options.str, quote!(::core::fmt::Display)),
        (object.options.repr, quote!(::core::fmt::Debug)),
    ] {
        if asked.is_some() {
            clause.predicates.push(parse_quote!(#this: #bound));
        }
    }
    for field in &object.fields {
        let ty = &field.ty;
        let of_type = matches!(field.default, Some(DefaultValue::OfType(_)));
        if field.skip.is_none() {
            clause.predicates.extend(field_bound(object, field));
            if of_type {
                clause.predicates.push(parse_quote!(<#ty as #rt::Field>::Inner: ::core::default::Default));
            }
        } else if of_type || field.default.is_none() {
            clause.predicates.push(parse_quote!(#ty: ::core::default::Default));
        }
    }
    generics
}
