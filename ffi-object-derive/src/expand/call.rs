//! What functions, methods and constructors share: reading the arguments and making the call.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Path, ReturnType, Type};

use crate::expand::{default_text, default_value, runtime};
use crate::model::{Function, Parameter, Passing, Receiver};
use crate::rewrite::detach_type;

/// The parts of a call. They belong into one body, so that a type that does not cross is reported once.
pub(super) struct Call {
    /// An array of `Param`.
    pub(super) params: TokenStream,
    /// Statements that read receiver and arguments.
    pub(super) read: TokenStream,
    /// The call, as an expression.
    pub(super) call: TokenStream,
    /// The type of the result.
    pub(super) output: TokenStream,
}

/// A name that the user's expressions cannot see.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// `owner` is the type whose methods these are. `this` and `args` are in scope where the statements go.
pub(super) fn call(function: &Function, owner: Option<&Path>) -> Call {
    let rt = runtime();
    // A function has no `Self` to be replaced.
    let nothing = Path::from(Ident::new("Self", Span::call_site()));
    let this_type = owner.unwrap_or(&nothing);
    let parts: Vec<_> = function.parameters.iter().enumerate().map(|(i, p)| parameter(p, i, this_type)).collect();
    let params = parts.iter().map(|p| &p.description);
    let reads = parts.iter().map(|p| &p.read);
    let passes = parts.iter().map(|p| &p.pass);
    let this = local("this");
    let (receiver, first) = match function.receiver {
        Receiver::None if function.class.is_some() => {
            let ty = function.class.as_ref().map(|ty| (detach_type(ty, this_type), ty.span()));
            let read = ty.map(|(ty, span)| quote_spanned!(span=> <#ty as #rt::Value>::decode(#this.decoder())?));
            (quote!(let #this = #read;), quote!(#this,))
        }
        Receiver::None => (quote!(), quote!()),
        Receiver::Borrowed => (
            // SAFETY: the frontend has checked the receiver's type.
            quote!(let #this = unsafe { #this.decoder().receiver::<#this_type>() }?;),
            quote!(#this,),
        ),
        Receiver::Owner => {
            (quote!(let #this = <#rt::Obj<#this_type> as #rt::RefArg>::hold(#this.decoder())?;), quote!(&#this,))
        }
    };
    let path = match owner {
        Some(owner) => quote!(#owner::),
        None => quote!(),
    };
    let ident = &function.ident;
    let output = match &function.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => detach_type(ty, this_type),
    };
    Call {
        params: quote!([#(#params),*]),
        read: quote!(#receiver #(#reads)*),
        call: quote!(#path #ident(#first #(#passes),*)),
        output,
    }
}

struct Argument {
    description: TokenStream,
    read: TokenStream,
    pass: TokenStream,
}

fn parameter(parameter: &Parameter, index: usize, this: &Path) -> Argument {
    let rt = runtime();
    let args = local("args");
    let slot = format_ident!("argument_{index}", span = Span::mixed_site());
    let name = &parameter.name.text;
    let default = match parameter.default.as_ref().map(default_text) {
        None => quote!(::core::option::Option::None),
        Some(text) => quote!(::core::option::Option::Some(#text)),
    };
    let (own, by_reference) = match &parameter.ty {
        Type::Reference(reference) => (&*reference.elem, true),
        ty => (ty, false),
    };
    let (ty, span) = (detach_type(own, this), own.span());
    let bound = if by_reference { quote!(RefArg) } else { quote!(Value) };
    let read = match (&parameter.default, by_reference) {
        (None, true) => quote_spanned!(span=> #args.hold::<#ty>(#index)?),
        (None, false) => quote!(#args.value::<#ty>(#index)?),
        (Some(default), true) => {
            let value = default_value(default, this, &quote!(<#ty as #rt::RefArg>::Held<'_>));
            let hold_or = Ident::new("hold_or", span);
            quote!(#args.#hold_or::<#ty>(#index, || #value)?)
        }
        (Some(default), false) => {
            let value = default_value(default, this, &ty);
            quote!(#args.value_or::<#ty>(#index, || #value)?)
        }
    };
    let type_name = quote_spanned!(span=> <#ty as #rt::#bound>::type_name);
    let kind = match parameter.passing {
        Passing::PositionalOnly => quote!(PositionalOnly),
        Passing::Standard => quote!(Standard),
        Passing::Args => quote!(Args),
        Passing::KeywordOnly => quote!(KeywordOnly),
        Passing::Kwargs => quote!(Kwargs),
    };
    let kind = quote!(#rt::ParamKind::#kind);
    Argument {
        description: quote!(#rt::Param { name: #name, kind: #kind, default: #default, type_name: #type_name }),
        read: quote!(let #slot = #read;),
        pass: if by_reference { quote!(::core::borrow::Borrow::<#ty>::borrow(&#slot)) } else { quote!(#slot) },
    }
}
