//! What stands in for an expansion after an error, so that one mistake gives one message.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, GenericParam, Generics};

use crate::check;
use crate::expand::runtime;

/// Implementations that say nothing, for a struct whose derive failed: uses of it elsewhere still compile.
pub(crate) fn object(input: &DeriveInput) -> TokenStream {
    let rt = runtime();
    let ident = &input.ident;
    let generics = with_static(&input.generics);
    let (with, of, when) = generics.split_for_impl();
    let shared = has_unshareable_field(input).then(|| {
        quote! {
            unsafe impl #with ::core::marker::Send for #ident #of #when {}
            unsafe impl #with ::core::marker::Sync for #ident #of #when {}
        }
    });
    quote! {
        const _: () = {
            #shared
            #[automatically_derived]
            unsafe impl #with #rt::FfiObject for #ident #of #when {
                type Base = #rt::Object;
                const TYPE: &'static #rt::TypeInfo = <#rt::Object as #rt::FfiObject>::TYPE;
                const LINEAGE: &'static [&'static #rt::TypeInfo] = <#rt::Object as #rt::FfiObject>::LINEAGE;
            }
            #[automatically_derived]
            impl #with #rt::Return for #ident #of #when {
                fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    loop {}
                }
                fn give<'py>(
                    self,
                    _: #rt::Encoder<'py>,
                ) -> ::core::result::Result<#rt::Handle<'py>, #rt::Error> {
                    loop {}
                }
            }
        };
    }
}

/// Objects are shared between threads; the compiler need not say again what was said of the field.
fn has_unshareable_field(input: &DeriveInput) -> bool {
    let Data::Struct(data) = &input.data else { return true };
    data.fields.iter().any(|f| check::unshareable(&f.ty).is_some()) || !input.generics.params.is_empty()
}

fn with_static(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for parameter in &mut generics.params {
        match parameter {
            GenericParam::Type(ty) => ty.bounds.push(syn::parse_quote!('static)),
            GenericParam::Lifetime(lifetime) => lifetime.bounds.push(syn::parse_quote!('static)),
            GenericParam::Const(_) => {}
        }
    }
    generics
}
