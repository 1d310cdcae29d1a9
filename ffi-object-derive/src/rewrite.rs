//! Rewriting of the user's tokens where they move out of their context: `Self`, named lifetimes, `self`.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Item, Lifetime, Macro, Type, TypeBareFn, TypeTraitObject};

/// A type with `Self` replaced by the path that it stands for, and named lifetimes by `'_`.
pub(crate) fn detach_type(ty: &Type, this: &syn::Path) -> TokenStream {
    struct Anonymous;
    impl VisitMut for Anonymous {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                *lifetime = Lifetime::new("'_", lifetime.span());
            }
        }
        // These bind lifetimes of their own.
        fn visit_type_bare_fn_mut(&mut self, _: &mut TypeBareFn) {}
        fn visit_type_trait_object_mut(&mut self, _: &mut TypeTraitObject) {}
    }
    let mut ty = ty.clone();
    Anonymous.visit_type_mut(&mut ty);
    replace_self(ty, this)
}

/// The same tokens with `Self` replaced by the path that it stands for.
pub(crate) fn replace_self(tokens: impl ToTokens, this: &syn::Path) -> TokenStream {
    let replace = |token: TokenTree| -> TokenStream {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => respan(this.to_token_stream(), ident.span()),
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace_self(group.stream(), this));
                inner.set_span(group.span());
                inner.into_token_stream()
            }
            other => other.into(),
        }
    };
    tokens.into_token_stream().into_iter().flat_map(replace).collect()
}

/// The same tokens as if they were all written at `span`.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    let at = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), respan(group.stream(), span)).into();
        }
        token.set_span(span);
        token
    };
    tokens.into_iter().map(at).collect()
}

/// Replaces `self` in a function's body by another name.
pub(crate) fn rename_self(body: &mut Block, name: &Ident) {
    struct Rename<'a>(&'a Ident);
    impl VisitMut for Rename<'_> {
        fn visit_ident_mut(&mut self, ident: &mut Ident) {
            if *ident == "self" {
                let span = self.0.span().located_at(ident.span());
                *ident = Ident::new(&self.0.to_string(), span);
            }
        }
        fn visit_macro_mut(&mut self, mac: &mut Macro) {
            mac.tokens = rename_tokens(mac.tokens.clone(), self.0);
            visit_mut::visit_macro_mut(self, mac);
        }
        // Items have a `self` of their own, and paths such as `self::f` inside them stay as they are.
        fn visit_item_mut(&mut self, _: &mut Item) {}
        fn visit_path_mut(&mut self, path: &mut syn::Path) {
            if path.segments.len() == 1 {
                visit_mut::visit_path_mut(self, path);
            } else {
                path.segments.iter_mut().for_each(|s| self.visit_path_arguments_mut(&mut s.arguments));
            }
        }
        fn visit_lifetime_mut(&mut self, _: &mut Lifetime) {}
    }
    Rename(name).visit_block_mut(body);
}

fn rename_tokens(tokens: TokenStream, name: &Ident) -> TokenStream {
    let rename = |token| match token {
        TokenTree::Ident(ident) if ident == "self" => {
            Ident::new(&name.to_string(), name.span().located_at(ident.span())).into()
        }
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), rename_tokens(group.stream(), name));
            inner.set_span(group.span());
            inner.into()
        }
        other => other,
    };
    tokens.into_iter().map(rename).collect()
}
