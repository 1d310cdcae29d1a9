//! `#[derive(FfiObject)]`: the descriptor of a type, and how it is made from its fields.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned, ToTokens};
use syn::spanned::Spanned;
use syn::Path;

use crate::attr::DefaultValue;
use crate::expand::{default_text, default_value, runtime, source};
use crate::model::{Field, Init, Object, TypeOptions};
use crate::rewrite::replace_self;

/// A field that the frontend sees, with the constant that describes it.
struct Exposed<'a> {
    field: &'a Field,
    part: Ident,
    /// Its place among the struct's own parameters of its kind.
    index: usize,
}

pub(crate) fn expand(object: &Object) -> TokenStream {
    let rt = runtime();
    let ident = &object.ident;
    let this = Path::from(ident.clone());
    let mut counts: HashMap<Init, usize> = HashMap::new();
    let exposed: Vec<_> = object
        .fields
        .iter()
        .filter(|f| f.is_exposed())
        .enumerate()
        .map(|(i, field)| {
            let count = counts.entry(field.init()).or_default();
            *count += 1;
            Exposed { field, part: format_ident!("__FFI_FIELD_{i}"), index: *count - 1 }
        })
        .collect();
    let parts = exposed.iter().map(|e| part(e, ident, &this));
    let infos = exposed.iter().map(|Exposed { part, .. }| quote!(#part.0));
    let base = object.base();
    let base_type = base.map_or_else(|| quote!(#rt::Object), |base| replace_self(&base.ty, &this));
    let first = exposed.iter().find(|e| e.field.init() == Init::Standard);
    let base_checks = base.map(|base| base_checks(base, &base_type, ident, first));
    let options = options(&object.options, ident);
    let construct = construct(object, &this, &exposed);
    let (name, doc, source) = (&object.name.text, &object.doc, source(ident));
    let module = match &object.module {
        Some(module) => quote!(::core::option::Option::Some(#module)),
        None => quote!(::core::option::Option::None),
    };
    let builder = if object.no_init {
        quote!(::core::option::Option::None)
    } else {
        quote!(::core::option::Option::Some(#rt::Builder::of::<#ident, #rt::ByFields>()))
    };
    let key = quote!(::core::concat!(::core::module_path!(), "::", ::core::stringify!(#ident)));
    let allow = object.deprecated.then(|| quote!(#[allow(deprecated, reason = "only Rust code is warned")]));
    quote! {
        #allow
        const _: () = {
            #base_checks
            #(#parts)*
            static __FFI_CELL: #rt::TypeCell = #rt::TypeCell::new();
            static __FFI_TYPE: #rt::TypeInfo = #rt::TypeInfo {
                key: #key,
                name: #name,
                module: #module,
                doc: #doc,
                source: #source,
                parents: #rt::base_lineage::<#ident>(),
                fields: &[#(#infos),*],
                builder: #builder,
                trace: ::core::option::Option::None,
                options: #options,
                cell: &__FFI_CELL,
                memory: #rt::Memory::of::<#ident>(),
            };

            // SAFETY: the descriptor is that of this type; that the base is at offset 0 is asserted.
            #[automatically_derived]
            unsafe impl #rt::FfiObject for #ident {
                type Base = #base_type;
                const TYPE: &'static #rt::TypeInfo = &__FFI_TYPE;
                const LINEAGE: &'static [&'static #rt::TypeInfo] =
                    &#rt::extend_lineage::<{ #rt::base_lineage::<#ident>().len() + 1 }>(
                        #rt::base_lineage::<#ident>(),
                        &__FFI_TYPE,
                    );
                #construct
            }

            #[automatically_derived]
            impl #rt::Return for #ident {
                fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    <#rt::Obj<#ident> as #rt::Return>::type_name()
                }
                fn give<'py>(
                    self,
                    out: #rt::Encoder<'py>,
                ) -> ::core::result::Result<#rt::Handle<'py>, #rt::Error> {
                    out.owned_object(#rt::Obj::new(self))
                }
            }

            #rt::inventory::submit!(#rt::Entry::Type(&__FFI_TYPE));
            #rt::interop!(#ident);
        };
    }
}

/// All that asks for `Field`, in one constant, so that a type that is none is reported once.
fn part(exposed: &Exposed<'_>, ident: &Ident, this: &Path) -> TokenStream {
    let rt = runtime();
    let Exposed { field, part, .. } = exposed;
    let ty = replace_self(&field.ty, this);
    let (name, doc, member) = (&field.name.text, &field.doc, &field.ident);
    let (args, index) = (Ident::new("args", Span::mixed_site()), Ident::new("index", Span::mixed_site()));
    let decode = match &field.default {
        None => quote!(#args.field::<#ty>(#index)),
        Some(default) => {
            let value = default_value(default, this, &quote!(<#ty as #rt::Field>::Inner));
            let field_or = Ident::new("field_or", field.ty.span());
            quote!(#args.#field_or::<#ty>(#index, || #value))
        }
    };
    let (param, rest) = (param_kind(field), rest(field));
    quote! {
        const #part: (
            #rt::FieldInfo,
            fn(&#rt::Arguments<'_>, ::core::primitive::usize) -> ::core::result::Result<#ty, #rt::Error>,
        ) = (
            // SAFETY: the type and offset are those of the field.
            unsafe { #rt::FieldInfo::new::<#ty>(#name, #doc, ::core::mem::offset_of!(#ident, #member), #param) } #rest,
            |#args, #index| #decode,
        );
    }
}

/// What only the compiler can check of a base.
fn base_checks(base: &Field, ty: &TokenStream, ident: &Ident, first: Option<&Exposed<'_>>) -> TokenStream {
    let rt = runtime();
    let member = &base.ident;
    let order = first.filter(|e| e.field.default.is_none()).map(|Exposed { field, .. }| {
        let name = &field.name.text;
        let base = ty.to_string();
        let message = format!("the field `{name}` has no default, but the last field of its base `{base}` has one");
        quote_spanned! {field.ident.span()=>
            const _: () = ::core::assert!(
                !#rt::ends_with_default(#rt::base_params::<#ident>()),
                #message
            );
        }
    });
    let text = ty.to_string();
    let closed = format!("`{text}` is final or has no wrapper of its own, so that nothing can extend it");
    let span = base.ty.span();
    quote! {
        const _: () = ::core::assert!(::core::mem::offset_of!(#ident, #member) == 0);
        #order
    }
    .into_iter()
    .chain(quote_spanned! {span=>
        const _: () = ::core::assert!(!#rt::base_is_final::<#ident>(), #closed);
    })
    .collect()
}

/// What the struct says of its class.
pub(super) fn options(options: &TypeOptions, this: &impl ToTokens) -> TokenStream {
    let rt = runtime();
    let traits = [
        ("eq", options.eq),
        ("ord", options.ord),
        ("hash", options.hash),
        ("str", options.str),
        ("repr", options.repr),
    ];
    let traits = traits.into_iter().filter_map(|(name, span)| {
        let (span, name) = (span?, Ident::new(name, span?));
        Some(quote_spanned!(span=> .#name::<#this>()))
    });
    let flags = [("closed", options.is_final), ("dict", options.dict), ("no_wrapper", options.no_wrapper)];
    let flags = flags.into_iter().filter_map(|(name, span)| {
        let name = Ident::new(name, span?);
        Some(quote!(.#name()))
    });
    quote!(#rt::TypeOptions::NONE #(#traits)* #(#flags)*)
}

/// How the constructor takes a field, as its parameter says.
pub(super) fn param_kind(field: &Field) -> TokenStream {
    let rt = runtime();
    match field.init() {
        Init::Standard => quote!(#rt::ParamKind::Standard),
        Init::KeywordOnly => quote!(#rt::ParamKind::KeywordOnly),
        Init::Hidden => quote!(#rt::ParamKind::Hidden),
    }
}

/// What follows the description of a field that has a default, or that the object's text leaves out.
pub(super) fn rest(field: &Field) -> TokenStream {
    let default = field.default.as_ref().map(default_text).map(|text| quote!(.with_default(#text)));
    let hidden = field.no_repr.map(|span| quote_spanned!(span=> .without_repr()));
    quote!(#default #hidden)
}

/// How a value is made from its fields.
fn construct(object: &Object, this: &Path, exposed: &[Exposed<'_>]) -> TokenStream {
    let rt = runtime();
    let ident = &object.ident;
    let (args, places) = (Ident::new("args", Span::mixed_site()), Ident::new("places", Span::mixed_site()));
    let inherited = quote!(#rt::base_params::<#ident>());
    let params = exposed.iter().map(|Exposed { part, .. }| quote!(#part.0.as_param()));
    let mut own = exposed.iter();
    let members = object.fields.iter().map(|field| {
        let member = &field.ident;
        let value = if field.base.is_some() {
            quote!(#rt::construct_base::<#ident>(#args, #places)?)
        } else if field.skip.is_some() {
            let span = field.ty.span();
            match &field.default {
                Some(DefaultValue::Expr(expr)) => replace_self(expr, this),
                _ => {
                    let ty = replace_self(field.ty.to_token_stream(), this);
                    quote_spanned!(span=> <#ty as ::core::default::Default>::default())
                }
            }
        } else {
            // As many as the fields that are neither.
            let exposed = own.next()?;
            let (part, index) = (&exposed.part, exposed.index);
            let place = match field.init() {
                Init::Standard => quote!(__FFI_INHERITED.positional),
                Init::KeywordOnly => quote!(#places.keyword_only + __FFI_INHERITED.keyword_only),
                Init::Hidden => quote!(#places.hidden + __FFI_INHERITED.hidden),
            };
            quote!((#part.1)(#args, #place + #index)?)
        };
        Some(quote!(#member: #value))
    });
    let members: Vec<_> = members.collect::<Option<_>>().unwrap_or_default();
    let count = exposed.len();
    quote! {
        const INIT_PARAMS: &'static [#rt::Param] =
            &#rt::concat_params::<{ #inherited.len() + #count }>(#inherited, &[#(#params),*]);

        // Into the one function that calls it, unless another type extends this one.
        #[inline]
        fn from_arguments(
            #args: &#rt::Arguments<'_>,
            #places: #rt::Places,
        ) -> ::core::result::Result<Self, #rt::Error> {
            const __FFI_INHERITED: #rt::Counts = #rt::Counts::of(#inherited);
            let _ = (#args, #places);
            ::core::result::Result::Ok(#ident { #(#members),* })
        }
    }
}
