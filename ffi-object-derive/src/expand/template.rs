//! `#[derive(FfiObject)]` on a generic struct: what its instantiations have in common. `register!` does the rest.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned, ToTokens};
use syn::spanned::Spanned;
use syn::{parse_quote, GenericParam, Path, Type, WherePredicate};

use crate::attr::DefaultValue;
use crate::expand::object::{options, param_kind, rest};
use crate::expand::{default_value, runtime};
use crate::model::{argument_of, Field, Init, Object};

pub(crate) fn expand(object: &Object) -> TokenStream {
    let rt = runtime();
    let ident = &object.ident;
    let generics = bounded(object);
    let (with, of, when) = generics.split_for_impl();
    let exposed = || object.fields.iter().filter(|f| f.is_exposed());
    let infos = exposed().map(|field| {
        let Field { ident: member, ty, doc, name, .. } = field;
        let (name, param, rest) = (&name.text, param_kind(field), rest(field));
        quote! {
            // SAFETY: the type and offset are those of the field.
            unsafe { #rt::FieldInfo::new::<#ty>(#name, #doc, ::core::mem::offset_of!(Self, #member), #param) } #rest
        }
    });
    let (args, places) = (Ident::new("args", Span::mixed_site()), Ident::new("places", Span::mixed_site()));
    let mut counts: HashMap<Init, usize> = HashMap::new();
    let members = object.fields.iter().map(|field| {
        let member = &field.ident;
        let value = if field.skip.is_some() {
            skipped(field)
        } else {
            let count = counts.entry(field.init()).or_default();
            let index = *count;
            *count += 1;
            let place = match field.init() {
                Init::Standard => quote!(#index),
                Init::KeywordOnly => quote!(#places.keyword_only + #index),
                Init::Hidden => quote!(#places.hidden + #index),
            };
            read(field, &args, &place)
        };
        quote!(#member: #value)
    });
    let (doc, init, options) = (&object.doc, !object.no_init, options(&object.options, &quote!(Self)));
    let count = exposed().count();
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
                const INIT: ::core::primitive::bool = #init;
                const OPTIONS: #rt::TypeOptions = #options;
                const FIELDS: &'static [#rt::FieldInfo] = &[#(#infos),*];
                const PARAMS: &'static [#rt::Param] = &#rt::concat_params::<#count>(&[], &#rt::params_of::<#count>(Self::FIELDS));

                fn from_arguments(
                    #args: &#rt::Arguments<'_>,
                    #places: #rt::Places,
                ) -> ::core::result::Result<Self, #rt::Error> {
                    let _ = (#args, #places);
                    ::core::result::Result::Ok(Self { #(#members),* })
                }
            }
        };
    }
}

/// How a field that the frontend does not see begins.
fn skipped(field: &Field) -> TokenStream {
    let ty = &field.ty;
    match &field.default {
        Some(DefaultValue::Expr(expr)) => expr.to_token_stream(),
        _ => quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default()),
    }
}

/// How a field is read from the arguments.
fn read(field: &Field, args: &Ident, place: &TokenStream) -> TokenStream {
    let rt = runtime();
    let ty = &field.ty;
    match &field.default {
        None => quote!(#args.field::<#ty>(#place)?),
        Some(default) => {
            let this: Path = parse_quote!(Self);
            let value = default_value(default, &this, &quote!(<#ty as #rt::Field>::Inner));
            quote!(#args.field_or::<#ty>(#place, || #value)?)
        }
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
