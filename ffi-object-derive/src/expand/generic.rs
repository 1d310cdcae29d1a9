//! `#[ffi_methods]` for all instantiations of a generic struct: a constant of the type, in which `register!` finds for each
//! of them what it has.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{parse_quote, Attribute, Generics, Path};

use crate::expand::call::{self, local};
use crate::expand::function::{self, allow_deprecated};
use crate::expand::methods::{class_name, into_new};
use crate::expand::{runtime, source};
use crate::model::{Constant, Function, Kind, Methods};
use crate::rewrite::replace_self;

/// What stands for a function or constant: a type with the same parameters, which has its descriptor as a constant.
struct Part<'a> {
    conditions: &'a [Attribute],
    /// Its items.
    items: TokenStream,
    /// Its entry in the inventory.
    entry: TokenStream,
}

pub(crate) fn expand(methods: &Methods) -> TokenStream {
    let rt = runtime();
    let this = &methods.this;
    let generics = registered(methods);
    let (with, _, when) = generics.split_for_impl();
    let functions = methods.functions.iter().enumerate().map(|(i, method)| {
        let marker = format_ident!("__FfiMethod{i}");
        match method.kind {
            Kind::New => constructor(method, this, &generics, &marker),
            _ => method_of(method, this, &generics, &marker),
        }
    });
    let constants = methods.constants.iter().enumerate().map(|(i, constant)| {
        let marker = format_ident!("__FfiConstant{i}");
        constant_of(constant, this, &generics, &marker)
    });
    let parts: Vec<_> = functions.chain(constants).collect();
    let items = parts.iter().map(|part| &part.items);
    let entries = parts.iter().map(|Part { conditions, entry, .. }| quote!(#(#conditions)* #entry));
    quote! {
        const _: () = {
            #(#items)*
            #[automatically_derived]
            impl #with #this #when {
                #[doc(hidden)]
                #[allow(dead_code, reason = "`register!` reads it")]
                pub(crate) const METHODS_OF_A_GENERIC_STRUCT_STAND_IN_ONE_BLOCK: &'static [#rt::Entry] =
                    &[#(#entries),*];
            }
        };
    }
}

/// The block's parameters, and what holds for all that `register!` has seen.
fn registered(methods: &Methods) -> Generics {
    let rt = runtime();
    let this = &methods.this;
    let mut generics = methods.generics.clone();
    let given = generics.make_where_clause();
    for predicate in &mut given.predicates {
        let predicate_of_this = replace_self(&*predicate, this);
        *predicate = parse_quote!(#predicate_of_this);
    }
    given.predicates.push(parse_quote!(#this: #rt::FfiObject + #rt::Return));
    generics
}

fn method_of<'a>(method: &'a Function, this: &Path, generics: &Generics, marker: &Ident) -> Part<'a> {
    let rt = runtime();
    let (with, _, when) = generics.split_for_impl();
    let (conditions, allow) = (&method.conditions, allow_deprecated(method));
    let info = function::info(method, Some(this), &quote!(#rt::trampoline::<Self>));
    Part {
        conditions,
        items: quote! {
            #(#conditions)*
            struct #marker<T>(::core::marker::PhantomData<T>);
            #(#conditions)*
            #allow
            #[automatically_derived]
            impl #with #rt::GenericMethod for #marker<#this> #when {
                const INFO: &'static #rt::FunctionInfo = &#info;
            }
        },
        entry: quote!(#rt::Entry::Function(<#marker<Self> as #rt::GenericMethod>::INFO)),
    }
}

fn constructor<'a>(method: &'a Function, this: &Path, generics: &Generics, marker: &Ident) -> Part<'a> {
    let rt = runtime();
    let (with, _, when) = generics.split_for_impl();
    let (conditions, allow) = (&method.conditions, allow_deprecated(method));
    let call::Call { params, read, call, output } = call::call(method, Some(this));
    let (doc, class, into_new) = (&method.doc, class_name(this), into_new(method, this, &output));
    let (args, source) = (local("args"), source(&method.ident));
    Part {
        conditions,
        items: quote! {
            #(#conditions)*
            struct #marker<T>(::core::marker::PhantomData<T>);
            #(#conditions)*
            #allow
            #[automatically_derived]
            impl #with #rt::Build<#this> for #marker<#this> #when {
                fn build(#args: &#rt::Arguments<'_>) -> ::core::result::Result<#this, #rt::Error> {
                    let _ = #args;
                    #read
                    #into_new(#call)
                }
            }
            #(#conditions)*
            #allow
            #[automatically_derived]
            impl #with #marker<#this> #when {
                const CONSTRUCTOR: &'static #rt::Constructor =
                    &#rt::Constructor::new::<#this, Self>(#rt::Signature::new(#class, &#params), #doc);
            }
        },
        entry: quote! {
            #rt::Entry::Constructor(<Self as #rt::FfiObject>::TYPE, <#marker<Self>>::CONSTRUCTOR, #source)
        },
    }
}

fn constant_of<'a>(constant: &'a Constant, this: &Path, generics: &Generics, marker: &Ident) -> Part<'a> {
    let rt = runtime();
    let (with, _, when) = generics.split_for_impl();
    let conditions = &constant.conditions;
    let allow = constant.deprecated.then(|| quote!(#[allow(deprecated, reason = "the constant is deprecated")]));
    let info = function::constant_info(constant, this);
    Part {
        conditions,
        items: quote! {
            #(#conditions)*
            struct #marker<T>(::core::marker::PhantomData<T>);
            #(#conditions)*
            #allow
            #[automatically_derived]
            impl #with #marker<#this> #when {
                const INFO: &'static #rt::ConstantInfo = &#info;
            }
        },
        entry: quote!(#rt::Entry::Constant(<#marker<Self>>::INFO)),
    }
}
