//! `#[ffi_methods]`: the descriptors of all functions of an `impl` block.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Ident, ImplItem, ItemImpl, Path, ReturnType};

use crate::expand::call::{self, local};
use crate::expand::function::{self, allow_deprecated};
use crate::expand::{generic, runtime, source};
use crate::model::{Function, Kind, Methods, Receiver};
use crate::rewrite::rename_self;

pub(crate) fn expand(methods: &Methods) -> TokenStream {
    if !methods.generics.params.is_empty() {
        return generic::expand(methods);
    }
    let each = methods.functions.iter().map(|method| match method.kind {
        Kind::New => constructor(method, &methods.this),
        _ => function::expand(method, Some(&methods.this)),
    });
    let constants = methods.constants.iter().map(|constant| function::constant(constant, &methods.this));
    quote!(#(#each)* #(#constants)*)
}

/// Stable Rust knows no `self: &Obj<Self>`: it becomes a first parameter of another name.
pub(crate) fn rewrite_owners(methods: &Methods, block: &mut ItemImpl) {
    let this = Ident::new("this", Span::mixed_site());
    let owners = methods.functions.iter().filter(|m| m.receiver == Receiver::Owner);
    let owners: Vec<_> = owners.map(|m| &m.ident).collect();
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        if !owners.contains(&&method.sig.ident) {
            continue;
        }
        if let Some(first @ FnArg::Receiver(_)) = method.sig.inputs.first_mut() {
            let FnArg::Receiver(receiver) = &*first else { continue };
            let (attributes, ty) = (&receiver.attrs, &receiver.ty);
            *first = syn::parse_quote!(#(#attributes)* #this: #ty);
            rename_self(&mut method.block, &this);
        }
    }
}

fn constructor(function: &Function, owner: &Path) -> TokenStream {
    let rt = runtime();
    let call::Call { params, read, call, output } = call::call(function, Some(owner));
    let doc = &function.doc;
    let source = source(&function.ident);
    let class = class_name(owner);
    let into_new = into_new(function, owner, &output);
    let args = local("args");
    let conditions = &function.conditions;
    let allow = allow_deprecated(function);
    quote! {
        #(#conditions)*
        #allow
        const _: () = {
            const __FFI_NEW: (
                &'static [#rt::Param],
                fn(&#rt::Arguments<'_>) -> ::core::result::Result<#owner, #rt::Error>,
            ) = (
                &#params,
                |#args| {
                    let _ = #args;
                    #read
                    #into_new(#call)
                },
            );
            struct __FfiNew;
            #[automatically_derived]
            impl #rt::Build<#owner> for __FfiNew {
                fn build(args: &#rt::Arguments<'_>) -> ::core::result::Result<#owner, #rt::Error> {
                    (__FFI_NEW.1)(args)
                }
            }
            static __FFI_CONSTRUCTOR: #rt::Constructor = #rt::Constructor::new::<#owner, __FfiNew>(
                #rt::Signature::new(#class, __FFI_NEW.0),
                #doc,
            );
            #rt::inventory::submit!(#rt::Entry::Constructor(
                <#owner as #rt::FfiObject>::TYPE,
                &__FFI_CONSTRUCTOR,
                #source
            ));
        };
    }
}

/// The name of a type's class, as an expression.
pub(super) fn class_name(owner: &Path) -> TokenStream {
    let rt = runtime();
    match function::class_of(owner) {
        Some(class) => quote!(#class),
        None => quote!(<#owner as #rt::FfiObject>::TYPE.name),
    }
}

/// What takes the value out of a constructor's result.
pub(super) fn into_new(function: &Function, owner: &Path, output: &TokenStream) -> TokenStream {
    let rt = runtime();
    let span = match &function.output {
        ReturnType::Default => function.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    quote_spanned!(span=> <#output as #rt::NewResult<#owner>>::into_new)
}
