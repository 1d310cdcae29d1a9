//! `#[derive(FfiError)]`: the descriptor of a type of errors.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::DeriveInput;

use crate::expand::{runtime, source};
use crate::model::{Base, Class, ErrorModel};

pub(crate) fn expand(error: &ErrorModel) -> TokenStream {
    let rt = runtime();
    let ident = &error.ident;
    let type_class = class(&error.class, Some("Exception"));
    let classes = error.variants.iter().flatten().map(|variant| class(variant, None));
    let count = error.variants.as_ref().map_or(0, Vec::len);
    let arms = match &error.variants {
        None => vec![arm(&error.class, &quote!(#ident), &quote!(&__FFI_ERROR.class))],
        Some(variants) => {
            let one = |(index, variant): (usize, &Class)| {
                let name = &variant.ident;
                arm(variant, &quote!(#ident::#name), &quote!(&__FFI_VARIANTS[#index]))
            };
            variants.iter().enumerate().map(one).collect()
        }
    };
    let (class_arms, value_arms): (Vec<_>, Vec<_>) = arms.into_iter().unzip();
    let module = match &error.module {
        Some(module) => quote!(::core::option::Option::Some(#module)),
        None => quote!(::core::option::Option::None),
    };
    let source = source(ident);
    quote! {
        const _: () = {
            static __FFI_VARIANTS: [#rt::ErrorClass; #count] = [#(#classes),*];
            static __FFI_ERROR: #rt::ErrorType = #rt::ErrorType::new::<#ident>(
                ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#ident)),
                #module,
                #source,
                #type_class,
                &__FFI_VARIANTS,
            );

            #[automatically_derived]
            impl #rt::FfiError for #ident {
                const TYPE: &'static #rt::ErrorType = &__FFI_ERROR;

                fn class(&self) -> &'static #rt::ErrorClass {
                    match *self {
                        #(#class_arms)*
                    }
                }

                fn values<'py>(
                    &self,
                    out: #rt::Encoder<'py>,
                ) -> ::core::result::Result<::std::vec::Vec<#rt::Handle<'py>>, #rt::Error> {
                    let _ = out;
                    match *self {
                        #(#value_arms)*
                    }
                }
            }

            #rt::inventory::submit!(#rt::Entry::Error(&__FFI_ERROR));
        };
    }
}

fn class(class: &Class, base: Option<&str>) -> TokenStream {
    let rt = runtime();
    let (name, doc) = (&class.name.text, &class.doc);
    let builtin = |name: &dyn quote::ToTokens| quote!(::core::option::Option::Some(#rt::ErrorBase::Builtin(#name)));
    let base = match (&class.base, base) {
        (Some(Base::Builtin(name)), _) => builtin(name),
        (Some(Base::Error(path)), _) => {
            let ty = quote_spanned!(path.span()=> <#path as #rt::FfiError>::TYPE);
            quote!(::core::option::Option::Some(#rt::ErrorBase::Error(#ty)))
        }
        (None, Some(name)) => builtin(&name),
        (None, None) => quote!(::core::option::Option::None),
    };
    let fields = class.fields.iter().map(|field| &field.name.text);
    quote!(#rt::ErrorClass { name: #name, doc: #doc, base: #base, fields: &[#(#fields),*] })
}

/// What a value matches: with its class, and with the values of its fields.
fn arm(class: &Class, path: &TokenStream, is: &TokenStream) -> (TokenStream, TokenStream) {
    let rt = runtime();
    let bindings = class.fields.iter().enumerate().map(|(i, field)| {
        let (member, name) = (&field.member, format_ident!("__ffi_field_{i}"));
        quote!(#member: ref #name)
    });
    let values = class.fields.iter().enumerate().map(|(i, field)| {
        let (ty, name) = (&field.ty, format_ident!("__ffi_field_{i}"));
        quote_spanned!(ty.span()=> <#ty as #rt::ErrorField>::attribute(#name, out)?)
    });
    let class_arm = quote!(#path { .. } => #is,);
    let value_arm = quote! {
        #path { #(#bindings,)* .. } => ::core::result::Result::Ok(::std::vec![#(#values),*]),
    };
    (class_arm, value_arm)
}

/// An implementation that says nothing, after an error.
pub(crate) fn fallback(input: &DeriveInput) -> TokenStream {
    let rt = runtime();
    let ident = &input.ident;
    let (with, of, when) = input.generics.split_for_impl();
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let source = source(ident);
    quote! {
        const _: () = {
            static __FFI_ERROR: #rt::ErrorType = #rt::ErrorType::new::<#ident>(
                "",
                ::core::option::Option::None,
                #source,
                #rt::ErrorClass { name: "", doc: "", base: ::core::option::Option::None, fields: &[] },
                &[],
            );
            #[automatically_derived]
            impl #with #rt::FfiError for #ident #of #when {
                const TYPE: &'static #rt::ErrorType = &__FFI_ERROR;
                fn class(&self) -> &'static #rt::ErrorClass {
                    loop {}
                }
                fn values<'py>(
                    &self,
                    _: #rt::Encoder<'py>,
                ) -> ::core::result::Result<::std::vec::Vec<#rt::Handle<'py>>, #rt::Error> {
                    loop {}
                }
            }
        };
    }
}
