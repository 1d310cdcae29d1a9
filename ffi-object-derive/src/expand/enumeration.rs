//! `#[derive(FfiEnum)]`: the descriptor of an enum, and which member stands for which variant.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::{runtime, source};
use crate::model::Enumeration;

pub(crate) fn expand(item: &Enumeration) -> TokenStream {
    let rt = runtime();
    let ident = &item.ident;
    let (name, doc, source, int) = (&item.name.text, &item.doc, source(ident), item.int);
    let module = match &item.module {
        Some(module) => quote!(::core::option::Option::Some(#module)),
        None => quote!(::core::option::Option::None),
    };
    let seen = || item.variants.iter().filter(|v| v.skip.is_none());
    let members = seen().map(|variant| {
        let (own, name, doc) = (&variant.ident, &variant.name.text, &variant.doc);
        quote!(#rt::Member { name: #name, doc: #doc, value: #ident::#own as ::core::primitive::i128 })
    });
    let to_index = seen().enumerate().map(|(i, variant)| {
        let own = &variant.ident;
        quote!(#ident::#own => ::core::option::Option::Some(#i),)
    });
    let hidden = item.variants.iter().filter(|v| v.skip.is_some()).map(|variant| {
        let own = &variant.ident;
        quote!(#ident::#own => ::core::option::Option::None,)
    });
    let from_index = seen().enumerate().map(|(i, variant)| {
        let own = &variant.ident;
        quote!(#i => ::core::option::Option::Some(#ident::#own),)
    });
    let allow = item.deprecated.then(|| quote!(#[allow(deprecated, reason = "only Rust code is warned")]));
    quote! {
        #allow
        const _: () = {
            static __FFI_ENUM: #rt::EnumInfo = #rt::EnumInfo {
                key: ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#ident)),
                name: #name,
                module: #module,
                doc: #doc,
                source: #source,
                int: #int,
                members: &[#(#members),*],
                cell: #rt::EnumCell::new(),
            };

            #[automatically_derived]
            impl #rt::FfiEnum for #ident {
                const INFO: &'static #rt::EnumInfo = &__FFI_ENUM;
                fn index(&self) -> ::core::option::Option<::core::primitive::usize> {
                    match self { #(#to_index)* #(#hidden)* }
                }
                fn from_index(index: ::core::primitive::usize) -> ::core::option::Option<Self> {
                    match index { #(#from_index)* _ => ::core::option::Option::None }
                }
            }

            #[automatically_derived]
            impl #rt::Value for #ident {
                fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    ::std::borrow::Cow::Borrowed(#name)
                }
                fn encode<'py>(
                    &self,
                    out: #rt::Encoder<'py>,
                ) -> ::core::result::Result<#rt::Handle<'py>, #rt::Error> {
                    #rt::encode_member(self, out)
                }
                fn decode(from: #rt::Decoder<'_>) -> ::core::result::Result<Self, #rt::Error> {
                    #rt::decode_member(from)
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
                    #rt::encode_member(&self, out)
                }
            }

            #rt::inventory::submit!(#rt::Entry::Enum(&__FFI_ENUM));
        };
    }
}

/// What stands in after an error: uses of the enum elsewhere still compile.
pub(crate) fn fallback(input: &syn::DeriveInput) -> TokenStream {
    let rt = runtime();
    let ident = &input.ident;
    let (with, of, when) = input.generics.split_for_impl();
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #with #rt::Value for #ident #of #when {
                fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    loop {}
                }
                fn encode<'py>(&self, _: #rt::Encoder<'py>) -> ::core::result::Result<#rt::Handle<'py>, #rt::Error> {
                    loop {}
                }
                fn decode(_: #rt::Decoder<'_>) -> ::core::result::Result<Self, #rt::Error> {
                    loop {}
                }
            }
            #[automatically_derived]
            impl #with #rt::Return for #ident #of #when {
                fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    loop {}
                }
                fn give<'py>(self, _: #rt::Encoder<'py>) -> ::core::result::Result<#rt::Handle<'py>, #rt::Error> {
                    loop {}
                }
            }
        };
    }
}
