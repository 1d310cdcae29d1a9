//! `#[derive(FfiObject)]`: the descriptor of a type, and how it is made from its fields.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned, ToTokens};
use syn::spanned::Spanned;
use syn::Path;

use crate::attr::DefaultValue;
use crate::expand::{default_text, default_value, runtime, source};
use crate::model::{Field, Init, Object, TypeOptions};
use crate::rewrite::replace_self;

/// A field that the frontend sees, with the constant that describes it.
struct Exposed<'a> {
    field: &'a Field,
    part: Ident,
}

pub(crate) fn expand(object: &Object) -> TokenStream {
    let rt = runtime();
    let ident = &object.ident;
    let this = Path::from(ident.clone());
    let exposed: Vec<_> = object
        .fields
        .iter()
        .filter(|f| f.is_exposed())
        .enumerate()
        .map(|(i, field)| Exposed { field, part: format_ident!("__FFI_FIELD_{i}") })
        .collect();
    let parts = exposed.iter().map(|e| part(e, ident, &this));
    let infos = exposed.iter().map(|Exposed { part, .. }| part);
    let base = object.base();
    let base_type = base.map_or_else(|| quote!(#rt::Object), |base| replace_self(&base.ty, &this));
    let first = exposed.iter().find(|e| e.field.init() == Init::Standard);
    let base_checks = base.map(|base| base_checks(base, &base_type, ident, first));
    let options = options(&object.options, ident);
    let (hidden, builder) = builder(object, &this, &quote!(__FFI_HIDDEN));
    let (name, doc, source) = (&object.name.text, &object.doc, source(ident));
    let module = match &object.module {
        Some(module) => quote!(::core::option::Option::Some(#module)),
        None => quote!(::core::option::Option::None),
    };
    let key = quote!(::core::concat!(::core::module_path!(), "::", ::core::stringify!(#ident)));
    let allow = object.deprecated.then(|| quote!(#[allow(deprecated, reason = "only Rust code is warned")]));
    quote! {
        #allow
        const _: () = {
            #base_checks
            #(#parts)*
            const __FFI_HIDDEN: &[#rt::HiddenField] = #hidden;
            static __FFI_CELL: #rt::TypeCell = #rt::TypeCell::new();
            static __FFI_TYPE: #rt::TypeInfo = #rt::TypeInfo {
                key: #key,
                name: #name,
                module: #module,
                doc: #doc,
                source: #source,
                parents: #rt::base_lineage::<#ident>(),
                fields: &[#(#infos),*],
                builder: ::core::option::Option::Some(#builder),
                trace: ::core::option::Option::None,
                options: #options,
                cell: &__FFI_CELL,
                memory: #rt::Memory::of::<#ident>(),
            };

            // SAFETY: the descriptor is that of this type; that the base is at offset 0 is asserted.
            #[automatically_derived]
            unsafe impl #rt::FfiObject for #ident {
                type Base = #base_type;
                const TYPE: &'static #rt::TypeInfo = &__FFI_TYPE;
                const LINEAGE: &'static [&'static #rt::TypeInfo] =
                    &#rt::extend_lineage::<{ #rt::base_lineage::<#ident>().len() + 1 }>(
                        #rt::base_lineage::<#ident>(),
                        &__FFI_TYPE,
                    );
            }

            #[automatically_derived]
            impl #rt::Return for #ident {
                fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    <#rt::Obj<#ident> as #rt::Return>::type_name()
                }
                fn give<'py>(
                    self,
                    out: #rt::Encoder<'py>,
                ) -> ::core::result::Result<#rt::Handle<'py>, #rt::Error> {
                    out.owned_object(#rt::Obj::new(self))
                }
            }

            #rt::inventory::submit!(#rt::Entry::Type(&__FFI_TYPE));
            #rt::interop!(#ident);
        };
    }
}

/// All that asks for `Field`, in one constant, so that a type that is none is reported once.
fn part(exposed: &Exposed<'_>, ident: &Ident, this: &Path) -> TokenStream {
    let rt = runtime();
    let Exposed { field, part, .. } = exposed;
    let member = &field.ident;
    let (described, param, rest) = (described(field, this), param_kind(field), without_repr(field));
    quote! {
        const #part: #rt::FieldInfo = {
            let field = #described;
            // SAFETY: the type and offset are those of the field.
            unsafe { field.at(::core::mem::offset_of!(#ident, #member), #param) } #rest
        };
    }
}

/// What is said of a field, but for where it is.
pub(super) fn described(field: &Field, this: &Path) -> TokenStream {
    let rt = runtime();
    let (name, doc, ty) = (&field.name.text, &field.doc, replace_self(&field.ty, this));
    let default = field.default.as_ref().map(|default| {
        let (text, value) = (default_text(default), default_value(default, this, &quote!(<#ty as #rt::Field>::Inner)));
        let or = Ident::new("or", field.ty.span());
        quote!(.#or(#text, || #value))
    });
    quote!(#rt::FieldInfo::of::<#ty>(#name, #doc) #default)
}

/// What only the compiler can check of a base.
fn base_checks(base: &Field, ty: &TokenStream, ident: &Ident, first: Option<&Exposed<'_>>) -> TokenStream {
    let rt = runtime();
    let member = &base.ident;
    let order = first.filter(|e| e.field.default.is_none()).map(|Exposed { field, .. }| {
        let name = &field.name.text;
        let base = ty.to_string();
        let message = format!("the field `{name}` has no default, but the last field of its base `{base}` has one");
        quote_spanned! {field.ident.span()=>
            const _: () = ::core::assert!(
                !#rt::ends_with_default(#rt::base_lineage::<#ident>()),
                #message
            );
        }
    });
    let text = ty.to_string();
    let closed = format!("`{text}` is final or has no wrapper of its own, so that nothing can extend it");
    let span = base.ty.span();
    quote! {
        const _: () = ::core::assert!(::core::mem::offset_of!(#ident, #member) == 0);
        #order
    }
    .into_iter()
    .chain(quote_spanned! {span=>
        const _: () = ::core::assert!(!#rt::base_is_final::<#ident>(), #closed);
    })
    .collect()
}

/// What the struct says of its class.
pub(super) fn options(options: &TypeOptions, this: &impl ToTokens) -> TokenStream {
    let rt = runtime();
    let traits = [
        ("eq", options.eq),
        ("ord", options.ord),
        ("hash", options.hash),
        ("str", options.str),
        ("repr", options.repr),
    ];
    let traits = traits.into_iter().filter_map(|(name, span)| {
        let (span, name) = (span?, Ident::new(name, span?));
        Some(quote_spanned!(span=> .#name::<#this>()))
    });
    let flags = [("closed", options.is_final), ("dict", options.dict), ("no_wrapper", options.no_wrapper)];
    let flags = flags.into_iter().filter_map(|(name, span)| {
        let name = Ident::new(name, span?);
        Some(quote!(.#name()))
    });
    quote!(#rt::TypeOptions::NONE #(#traits)* #(#flags)*)
}

/// How the constructor takes a field, as its parameter says.
pub(super) fn param_kind(field: &Field) -> TokenStream {
    let rt = runtime();
    match field.init() {
        Init::Standard => quote!(#rt::ParamKind::Standard),
        Init::KeywordOnly => quote!(#rt::ParamKind::KeywordOnly),
        Init::Hidden => quote!(#rt::ParamKind::Hidden),
    }
}

/// What follows the description of a field that the object's text leaves out.
pub(super) fn without_repr(field: &Field) -> Option<TokenStream> {
    field.no_repr.map(|span| quote_spanned!(span=> .without_repr()))
}

/// The fields that only Rust sees, and how a value is made, which names them as `listed`.
pub(super) fn builder(object: &Object, this: &Path, listed: &TokenStream) -> (TokenStream, TokenStream) {
    let rt = runtime();
    let hidden = object.fields.iter().filter(|field| field.skip.is_some()).map(|field| {
        let (member, ty) = (&field.ident, replace_self(&field.ty, this));
        let value = match &field.default {
            Some(DefaultValue::Expr(expr)) => replace_self(expr, this),
            _ => quote_spanned!(field.ty.span()=> <#ty as ::core::default::Default>::default()),
        };
        quote!(#rt::HiddenField::new::<#ty>(::core::mem::offset_of!(#this, #member), || #value))
    });
    let by_anyone = !object.no_init;
    let builder = quote! {
        // SAFETY: these are the fields that are not in the descriptor, but for the base.
        unsafe { #rt::Builder::from_fields(#listed, #by_anyone) }
    };
    (quote!(&[#(#hidden),*]), builder)
}
