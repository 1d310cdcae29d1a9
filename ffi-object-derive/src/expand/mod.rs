//! From model to tokens: data and thin shims. All names are paths inside the private module of the runtime.

mod call;
pub(crate) mod enumeration;
pub(crate) mod error;
pub(crate) mod function;
mod generic;
pub(crate) mod methods;
pub(crate) mod object;
pub(crate) mod sum;
pub(crate) mod template;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned, ToTokens};
use syn::Path;

use crate::attr::DefaultValue;
use crate::rewrite::{replace_self, respan};

/// Where everything is that an expansion names.
pub(crate) fn runtime() -> TokenStream {
    quote!(::ffi_object::__private)
}

/// The place of an item, for messages about it.
fn source(tokens: impl ToTokens) -> TokenStream {
    let rt = runtime();
    let span = tokens.into_token_stream().into_iter().next().map(|t| t.span());
    let line = quote_spanned!(span.unwrap_or_else(proc_macro2::Span::call_site)=> ::core::line!());
    quote!(#rt::Source { file: ::core::file!(), line: #line })
}

/// A default as an expression. `of_type` names the type that it is of.
fn default_value(default: &DefaultValue, this: &Path, of_type: &TokenStream) -> TokenStream {
    match default {
        DefaultValue::Expr(expr) => replace_self(expr, this),
        DefaultValue::OfType(span) => {
            let of_type = respan(of_type.clone(), *span);
            quote_spanned!(*span=> <#of_type as ::core::default::Default>::default())
        }
    }
}

/// A default as a signature shows it.
fn default_text(default: &DefaultValue) -> String {
    match default {
        DefaultValue::OfType(_) => "Default::default()".to_owned(),
        DefaultValue::Expr(expr) => crate::names::source(expr),
    }
}
