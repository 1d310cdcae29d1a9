//! `#[derive(FfiObject)]` on an enum with data: a type for the enum, and one for each variant, which extends it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned, ToTokens};
use syn::spanned::Spanned;
use syn::Path;

use crate::attr::DefaultValue;
use crate::expand::object::{param_kind, without_repr};
use crate::expand::{default_text, default_value, runtime, source};
use crate::model::{Field, Init, Shape, Sum, Variant};
use crate::rewrite::replace_self;

pub(crate) fn expand(sum: &Sum) -> TokenStream {
    let rt = runtime();
    let ident = &sum.ident;
    let this = Path::from(ident.clone());
    let variants = sum.variants.iter().enumerate().map(|(i, variant)| describe(sum, &this, variant, i));
    let type_of = sum.variants.iter().enumerate().map(|(i, variant)| {
        let (own, info) = (&variant.ident, format_ident!("__FFI_VARIANT_{i}"));
        quote!(#ident::#own { .. } => &#info,)
    });
    let (name, doc, source, module) = (&sum.name.text, &sum.doc, source(ident), module(sum));
    let allow = sum.deprecated.then(|| quote!(#[allow(deprecated, reason = "only Rust code is warned")]));
    quote! {
        #allow
        const _: () = {
            static __FFI_CELL: #rt::TypeCell = #rt::TypeCell::new();
            static __FFI_TYPE: #rt::TypeInfo = #rt::TypeInfo {
                key: ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#ident)),
                name: #name,
                module: #module,
                doc: #doc,
                source: #source,
                parents: #rt::base_lineage::<#ident>(),
                fields: &[],
                builder: ::core::option::Option::None,
                trace: ::core::option::Option::None,
                options: #rt::TypeOptions::NONE,
                cell: &__FFI_CELL,
                memory: #rt::Memory::of::<#ident>(),
            };
            #(#variants)*

            // SAFETY: the descriptors are those of this type, which has no base with fields.
            #[automatically_derived]
            unsafe impl #rt::FfiObject for #ident {
                type Base = #rt::Object;
                const TYPE: &'static #rt::TypeInfo = &__FFI_TYPE;
                const LINEAGE: &'static [&'static #rt::TypeInfo] =
                    &[<#rt::Object as #rt::FfiObject>::TYPE, &__FFI_TYPE];

                fn type_of(&self) -> &'static #rt::TypeInfo {
                    match self { #(#type_of)* }
                }
            }

            #[automatically_derived]
            impl #rt::Return for #ident {
                fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    ::std::borrow::Cow::Borrowed(#name)
                }
                fn give<'py>(
                    self,
                    out: #rt::Encoder<'py>,
                ) -> ::core::result::Result<#rt::Handle<'py>, #rt::Error> {
                    out.owned_object(#rt::Obj::new(self))
                }
            }

            #rt::inventory::submit!(#rt::Entry::Type(&__FFI_TYPE));
        };
    }
}

fn module(sum: &Sum) -> TokenStream {
    match &sum.module {
        Some(module) => quote!(::core::option::Option::Some(#module)),
        None => quote!(::core::option::Option::None),
    }
}

/// The type of a variant: its fields, and how it is made from them.
fn describe(sum: &Sum, this: &Path, variant: &Variant, place: usize) -> TokenStream {
    let rt = runtime();
    let ident = &sum.ident;
    let own = &variant.ident;
    let (info, build) = (format_ident!("__FFI_VARIANT_{place}"), format_ident!("__FfiBuild{place}"));
    let exposed: Vec<_> = variant.fields.iter().enumerate().filter(|(_, f)| f.is_exposed()).collect();
    let projections = exposed.iter().map(|(i, field)| projection(this, variant, field, place, *i));
    let infos = exposed.iter().map(|(i, field)| {
        let (name, doc, project) = (&field.name.text, &field.doc, format_ident!("__FfiField{place}_{i}"));
        let (param, rest) = (param_kind(field), without_repr(field));
        let default = field.default.as_ref().map(default_text).map(|text| quote!(.with_default(#text)));
        // SAFETY of what is generated: the descriptor that lists the field is that of the projection's type.
        quote!(unsafe { #rt::FieldInfo::projected::<#project>(#name, #doc, #param) } #default #rest)
    });
    let args = Ident::new("args", Span::mixed_site());
    // As the runtime sorts the parameters.
    let of_kind = |kind| exposed.iter().filter(move |(_, f)| f.init() == kind).map(|(i, _)| *i);
    let order: Vec<usize> = [Init::Standard, Init::KeywordOnly, Init::Hidden].into_iter().flat_map(of_kind).collect();
    let members = variant.fields.iter().enumerate().map(|(i, field)| {
        let member = member(variant.shape, field, i);
        let value =
            value(this, field, &format_ident!("__FfiField{place}_{i}"), &args, order.iter().position(|o| *o == i));
        quote!(#member: #value)
    });
    let (name, public, doc) = (format!("{}_{}", sum.name.text, variant.name.text), &variant.name.text, &variant.doc);
    let (source, module) = (source(own), module(sum));
    quote! {
        #(#projections)*
        struct #build;
        impl #rt::Build<#ident> for #build {
            fn build(#args: &#rt::Arguments<'_>) -> ::core::result::Result<#ident, #rt::Error> {
                let _ = #args;
                ::core::result::Result::Ok(#ident::#own { #(#members),* })
            }
        }
        static #info: #rt::TypeInfo = {
            static CELL: #rt::TypeCell = #rt::TypeCell::new();
            static FIELDS: &[#rt::FieldInfo] = &[#(#infos),*];
            #rt::TypeInfo {
                key: ::core::concat!(
                    ::core::module_path!(), "::", ::core::stringify!(#ident), "::", ::core::stringify!(#own)
                ),
                name: #name,
                module: #module,
                doc: #doc,
                source: #source,
                parents: <#ident as #rt::FfiObject>::LINEAGE,
                fields: FIELDS,
                builder: ::core::option::Option::Some(#rt::Builder::of::<#ident, #build>()),
                trace: ::core::option::Option::None,
                options: #rt::TypeOptions::NONE,
                cell: &CELL,
                memory: #rt::Memory::of::<#ident>(),
            }
        };
        #rt::inventory::submit!(#rt::Entry::Variant(&__FFI_TYPE, #public, &#info));
    }
}

/// A field's name as patterns and expressions have it.
fn member(shape: Shape, field: &Field, index: usize) -> TokenStream {
    if matches!(shape, Shape::Named) {
        field.ident.to_token_stream()
    } else {
        syn::Index::from(index).to_token_stream()
    }
}

/// How a field of a variant is found.
fn projection(this: &Path, variant: &Variant, field: &Field, place: usize, index: usize) -> TokenStream {
    let rt = runtime();
    let own = &variant.ident;
    let (project, member) = (format_ident!("__FfiField{place}_{index}"), member(variant.shape, field, index));
    let ty = replace_self(field.ty.to_token_stream(), this);
    quote! {
        struct #project;
        impl #rt::Projection for #project {
            type Of = #this;
            type Field = #ty;
            fn project(of: &#this) -> ::core::option::Option<&#ty> {
                match of {
                    #this::#own { #member: field, .. } => ::core::option::Option::Some(field),
                    #[allow(unreachable_patterns, reason = "the enum may have one variant")]
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

/// The value that a field begins with; `place` is its parameter's, if it has one.
fn value(this: &Path, field: &Field, project: &Ident, args: &Ident, place: Option<usize>) -> TokenStream {
    let rt = runtime();
    let ty = replace_self(field.ty.to_token_stream(), this);
    let Some(place) = place else {
        return match &field.default {
            Some(DefaultValue::Expr(expr)) => replace_self(expr, this),
            _ => quote_spanned!(field.ty.span()=> <#ty as ::core::default::Default>::default()),
        };
    };
    match &field.default {
        None => quote!(#rt::read_projected::<#project>(#args, #place)?),
        Some(default) => {
            let value = default_value(default, this, &quote!(<#ty as #rt::Field>::Inner));
            quote!(#rt::read_projected_or::<#project>(#args, #place, || #value)?)
        }
    }
}
