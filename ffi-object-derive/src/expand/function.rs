//! `#[ffi_function]`, and what it shares with methods: the descriptor of a function and its entry point.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned, ToTokens};
use syn::spanned::Spanned;
use syn::{Path, ReturnType};

use crate::expand::call::{self, local};
use crate::expand::{runtime, source};
use crate::model::{Constant, Function, Kind, Receiver};
use crate::rewrite::detach_type;

/// The descriptor of a function of the module, or of a method of `owner`.
pub(crate) fn expand(function: &Function, owner: Option<&Path>) -> TokenStream {
    let rt = runtime();
    let info = info(function, owner, &quote!(__ffi_trampoline));
    let conditions = &function.conditions;
    let allow = allow_deprecated(function);
    quote! {
        #(#conditions)*
        #allow
        const _: () = {
            static __FFI_FUNCTION: #rt::FunctionInfo = #info;
            unsafe extern "C" fn __ffi_trampoline(
                this: *mut (),
                args: *const *mut (),
                count: ::core::primitive::isize,
                names: *mut (),
            ) -> *mut () {
                // SAFETY: these are the trampoline's own arguments.
                unsafe { #rt::call(this, args, count, names, &__FFI_FUNCTION) }
            }
            #rt::inventory::submit!(#rt::Entry::Function(&__FFI_FUNCTION));
        };
    }
}

/// The descriptor alone.
pub(super) fn info(function: &Function, owner: Option<&Path>, trampoline: &TokenStream) -> TokenStream {
    let rt = runtime();
    let call::Call { params, read, call, output } = call::call(function, owner);
    let (name, doc, cached) = (&function.name.text, &function.doc, function.cached);
    let source = source(&function.ident);
    let (owner_info, call_name) = match owner {
        None => (quote!(::core::option::Option::None), quote!(#name)),
        Some(owner) => {
            let kind = match (function.kind, function.receiver) {
                (Kind::Getter, _) => quote!(Getter),
                (Kind::Setter, _) => quote!(Setter),
                (Kind::Deleter, _) => quote!(Deleter),
                (Kind::Class, _) => quote!(Class),
                (_, Receiver::None) => quote!(Static),
                _ => quote!(Instance),
            };
            let info = quote!((<#owner as #rt::FfiObject>::TYPE, #rt::MethodKind::#kind));
            let call_name = match class_of(owner) {
                Some(class) => format!("{class}.{name}").to_token_stream(),
                // The class of an instantiation has the name that it was registered with.
                None => quote! {
                    const { &#rt::Joined::new(<#owner as #rt::FfiObject>::TYPE.name, #name) }.as_str()
                },
            };
            (quote!(::core::option::Option::Some(#info)), call_name)
        }
    };
    let (this, args, out) = (local("this"), local("args"), local("out"));
    let span = match &function.output {
        ReturnType::Default => function.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let type_name = quote_spanned!(span=> <#output as #rt::Return>::type_name);
    let give = quote_spanned!(span=> <#output as #rt::Return>::give);
    quote! {
        #rt::FunctionInfo {
            owner: #owner_info,
            name: #name,
            doc: #doc,
            source: #source,
            signature: #rt::Signature::new(#call_name, &#params),
            result: #type_name,
            cached: #cached,
            trampoline: #trampoline,
            call: |#this, #args, #out| {
                let _ = (#this, #args);
                #read
                #give(#call, #out).map(#rt::Handle::into_raw)
            },
        }
    }
}

/// The name of a type's class, if it is that of the type.
pub(super) fn class_of(owner: &Path) -> Option<String> {
    let last = owner.segments.last()?;
    last.arguments.is_none().then(|| crate::attr::Name::of(&last.ident).text)
}

/// Calling a function that is deprecated is what it is deprecated for to others.
pub(super) fn allow_deprecated(function: &Function) -> Option<TokenStream> {
    let reason = "the frontend's callers are who should stop";
    function.deprecated.then(|| quote!(#[allow(deprecated, reason = #reason)]))
}

/// The descriptor of a class's constant.
pub(crate) fn constant(constant: &Constant, owner: &Path) -> TokenStream {
    let rt = runtime();
    let info = constant_info(constant, owner);
    let conditions = &constant.conditions;
    let allow = constant.deprecated.then(|| quote!(#[allow(deprecated, reason = "the constant is deprecated")]));
    quote! {
        #(#conditions)*
        #allow
        const _: () = {
            static __FFI_CONSTANT: #rt::ConstantInfo = #info;
            #rt::inventory::submit!(#rt::Entry::Constant(&__FFI_CONSTANT));
        };
    }
}

/// The descriptor alone.
pub(super) fn constant_info(constant: &Constant, owner: &Path) -> TokenStream {
    let rt = runtime();
    let (name, doc, source) = (&constant.name.text, &constant.doc, source(&constant.ident));
    let (ident, span) = (&constant.ident, constant.ty.span());
    let ty = detach_type(&constant.ty, owner);
    let type_name = quote_spanned!(span=> <#ty as #rt::Return>::type_name);
    let give = quote_spanned!(span=> <#ty as #rt::Return>::give);
    let out = local("out");
    quote! {
        #rt::ConstantInfo {
            owner: <#owner as #rt::FfiObject>::TYPE,
            name: #name,
            doc: #doc,
            source: #source,
            type_name: #type_name,
            value: |#out| #give(<#owner>::#ident, #out),
        }
    }
}
