//! The model of functions, and of `impl` blocks full of them.

use proc_macro2::{Span, TokenStream};
use syn::{
    Attribute, FnArg, GenericParam, Generics, Ident, ImplItem, ImplItemConst, ImplItemFn, ItemFn, ItemImpl, Pat, Path,
    PathArguments, ReturnType, Signature, Type, TypeReference,
};

use crate::attr::{self, is_ffi, DefaultValue, Name, Options};
use crate::ctxt::Ctxt;
use crate::model::{argument_of, is_deprecated};
use crate::names;
use crate::protocol;

/// An `impl` block with `#[ffi_methods]`.
pub(crate) struct Methods {
    /// The type, as an expression has it: `Pair::<A, B>`.
    pub(crate) this: Path,
    /// The parameters of a block that is for all instantiations of a generic struct.
    pub(crate) generics: Generics,
    pub(crate) functions: Vec<Function>,
    pub(crate) constants: Vec<Constant>,
}

/// A constant with `#[ffi(const)]`.
pub(crate) struct Constant {
    pub(crate) ident: Ident,
    pub(crate) name: Name,
    pub(crate) doc: TokenStream,
    pub(crate) ty: Type,
    /// `#[cfg]` and the like, which what is generated needs too.
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) deprecated: bool,
}

/// What a function is to its class.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// Of a module, or a method without a receiver.
    Plain,
    /// Has a receiver.
    Instance,
    Getter,
    Setter,
    Deleter,
    /// Has the class for its receiver.
    Class,
    New,
}

/// How a method takes its object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receiver {
    None,
    /// `&self`
    Borrowed,
    /// `self: &Obj<Self>`
    Owner,
}

/// A function or method.
pub(crate) struct Function {
    pub(crate) ident: Ident,
    pub(crate) name: Name,
    pub(crate) doc: TokenStream,
    pub(crate) kind: Kind,
    pub(crate) receiver: Receiver,
    /// What a class method takes its class as.
    pub(crate) class: Option<Type>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: ReturnType,
    pub(crate) cached: bool,
    /// `#[cfg]` and the like, which what is generated needs too.
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) deprecated: bool,
}

/// A parameter of it.
pub(crate) struct Parameter {
    pub(crate) name: Name,
    pub(crate) ty: Type,
    pub(crate) default: Option<DefaultValue>,
    pub(crate) passing: Passing,
}

/// How arguments reach a parameter, in the order of a signature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Passing {
    /// `#[ffi(pos_only)]`
    PositionalOnly,
    Standard,
    /// `#[ffi(args)]`
    Args,
    /// `#[ffi(kw_only)]`, and all after `args`
    KeywordOnly,
    /// `#[ffi(kwargs)]`
    Kwargs,
}

impl Methods {
    /// Parses the block and takes what only the macro understands out of it.
    pub(crate) fn parse(cx: &mut Ctxt, arguments: TokenStream, block: &mut ItemImpl) -> Option<Self> {
        let mut options = Options::of_arguments(cx, arguments, &attr::BLOCK);
        let cached = options.flag(cx, "cached").is_some();
        if let Some((_, path, _)) = &block.trait_ {
            cx.error(path, "`#[ffi_methods]` goes on an inherent `impl` block, not on that of a trait");
        }
        if let Some(lifetime) = block.generics.lifetimes().next() {
            cx.error(lifetime, "objects live as long as they are owned: a type with a lifetime cannot be one");
        }
        let this = match &*block.self_ty {
            Type::Path(ty) if ty.qself.is_none() => Some(as_expression(ty.path.clone())),
            other => {
                cx.error(other, "`#[ffi_methods]` goes on the `impl` block of a struct with `#[derive(FfiObject)]`");
                None
            }
        };
        let (mut functions, mut constants) = (Vec::new(), Vec::new());
        for item in &mut block.items {
            match item {
                ImplItem::Fn(item) => functions.extend(method(cx, item, cached, this.as_ref())),
                ImplItem::Const(item) => constants.extend(constant(cx, item)),
                _ => {}
            }
        }
        Some(Self { this: this?, generics: block.generics.clone(), functions, constants })
    }
}

/// The path of a type as it stands in expressions, which types may have too: `Pair::<A, B>`.
fn as_expression(mut path: Path) -> Path {
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            arguments.colon2_token.get_or_insert_with(Default::default);
        }
    }
    path
}

/// A constant is Rust's alone, unless it says otherwise.
fn constant(cx: &mut Ctxt, item: &mut ImplItemConst) -> Option<Constant> {
    let own = item.attrs.iter().find(|a| is_ffi(a)).cloned()?;
    let mut options = Options::of_attributes(cx, &item.attrs, &attr::CONSTANT);
    item.attrs.retain(|a| !is_ffi(a));
    if options.flag(cx, "const").is_none() {
        cx.error(own, "a constant becomes an attribute of the class with `#[ffi(const)]`");
    }
    Some(Constant {
        name: options.string(cx, "name").map_or_else(|| Name::of(&item.ident), Name::from),
        ident: item.ident.clone(),
        doc: names::doc(&item.attrs),
        ty: item.ty.clone(),
        conditions: conditions(&item.attrs),
        deprecated: is_deprecated(&item.attrs),
    })
}

fn method(cx: &mut Ctxt, item: &mut ImplItemFn, cached: bool, this: Option<&Path>) -> Option<Function> {
    let mut options = Options::of_attributes(cx, &item.attrs, &attr::METHOD);
    item.attrs.retain(|a| !is_ffi(a));
    if let Some(span) = options.flag(cx, "skip") {
        for other in ["cached", "classmethod", "deleter", "getter", "name", "new", "setter"] {
            if options.flag_or_string(cx, other).is_some() {
                cx.error_at(span, format_args!("`skip` and `{other}` do not go together"));
            }
        }
        return None;
    }
    let mut kinds = Vec::new();
    let mut names = Vec::from_iter(options.string(cx, "name"));
    for (key, kind) in [("getter", Kind::Getter), ("setter", Kind::Setter), ("deleter", Kind::Deleter)] {
        if let Some((span, name)) = options.flag_or_string(cx, key) {
            kinds.push((key, kind, span));
            names.extend(name);
        }
    }
    if let Some(span) = options.flag(cx, "new") {
        kinds.push(("new", Kind::New, span));
        if let Some(name) = names.first() {
            cx.error(name, "a constructor has the name of its class");
        }
    }
    if let Some(span) = options.flag(cx, "classmethod") {
        kinds.push(("classmethod", Kind::Class, span));
    }
    if let [(first, ..), (second, _, span), ..] = kinds[..] {
        cx.error_at(span, format_args!("a method cannot be both `{first}` and `{second}`"));
    }
    if let [_, name, ..] = &names[..] {
        cx.error(name, "the name is given twice");
    }
    let name = names.into_iter().next();

    let receiver = receiver(cx, &item.sig, this);
    let mut parameters = signature(cx, &mut item.sig);
    let own_cached = options.flag(cx, "cached").is_some();
    let kind = kinds.first().map_or(if receiver == Receiver::None { Kind::Plain } else { Kind::Instance }, |k| k.1);
    let ident = item.sig.ident.clone();
    let mut default_name = Name::of(&ident);
    let prefix = match kind {
        Kind::Setter => "set_",
        Kind::Deleter => "delete_",
        _ => "",
    };
    if let Some(rest) = default_name.text.strip_prefix(prefix) {
        default_name.text = rest.to_owned();
    }
    let class = (kind == Kind::Class && !parameters.is_empty()).then(|| parameters.remove(0).ty);
    if kind == Kind::Class && class.is_none() {
        let types = "`Function` to call it, `PyValue` to give it back";
        cx.error(&ident, format_args!("a class method takes its class as the first parameter: {types}"));
    }
    Some(Function {
        cached: cached || own_cached || kind == Kind::Getter || protocol::is_cached(&ident.to_string()),
        name: name.map_or(default_name, Name::from),
        ident,
        doc: names::doc(&item.attrs),
        kind,
        receiver,
        class,
        parameters,
        output: item.sig.output.clone(),
        conditions: conditions(&item.attrs),
        deprecated: is_deprecated(&item.attrs),
    })
}

impl Function {
    /// Parses a function and takes what only the macro understands out of it.
    pub(crate) fn parse(cx: &mut Ctxt, arguments: TokenStream, item: &mut ItemFn) -> Self {
        let mut options = Options::of_arguments(cx, arguments, &attr::FUNCTION);
        for attribute in item.attrs.iter().filter(|a| is_ffi(a)) {
            cx.error(attribute, "options of a function go into `#[ffi_function(…)]`");
        }
        item.attrs.retain(|a| !is_ffi(a));
        if let Some(receiver) = item.sig.receiver() {
            cx.error(receiver, "a function has no receiver: for methods, put `#[ffi_methods]` on their `impl` block");
            // The compiler need not say it again.
            item.sig.inputs = item.sig.inputs.iter().filter(|i| matches!(i, FnArg::Typed(_))).cloned().collect();
            *item.block = syn::parse_quote!({ loop {} });
        }
        let ident = item.sig.ident.clone();
        Self {
            name: options.string(cx, "name").map_or_else(|| Name::of(&ident), Name::from),
            ident,
            doc: names::doc(&item.attrs),
            kind: Kind::Plain,
            receiver: Receiver::None,
            class: None,
            parameters: signature(cx, &mut item.sig),
            output: item.sig.output.clone(),
            cached: options.flag(cx, "cached").is_some(),
            conditions: conditions(&item.attrs),
            deprecated: is_deprecated(&item.attrs),
        }
    }
}

fn conditions(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|a| a.path().is_ident("cfg") || a.path().is_ident("cfg_attr")).cloned().collect()
}

fn receiver(cx: &mut Ctxt, signature: &Signature, this: Option<&Path>) -> Receiver {
    const SHARED: &str = "objects are shared: take `&self`, and put what changes into a `Mut<…>` field";
    let Some(receiver) = signature.receiver() else { return Receiver::None };
    match &*receiver.ty {
        Type::Reference(r) if r.mutability.is_some() => cx.error(receiver, SHARED),
        Type::Reference(r) if is_static(r) => cx.error(receiver, FOR_THE_CALL),
        Type::Reference(r) if is_this(&r.elem, this) => return Receiver::Borrowed,
        Type::Reference(r) if is_owner(&r.elem, this) => return Receiver::Owner,
        ty if is_this(ty, this) => {
            cx.error(receiver, "an object cannot be moved out of its owners: take `&self`");
        }
        ty if is_owner(ty, this) => {
            cx.error(receiver, "take `self: &Obj<Self>`; cloning it makes an owner to keep");
            return Receiver::Owner;
        }
        _ => cx.error(receiver, "the receiver of a method is `&self` or `self: &Obj<Self>`"),
    }
    Receiver::Borrowed
}

/// What is wrong with a reference that [is static](is_static).
pub(crate) const FOR_THE_CALL: &str =
    "arguments are borrowed for the call: leave `'static` out, and take `&Obj<…>` to keep an owner";

/// Whether this is `&'static …`.
pub(crate) fn is_static(reference: &TypeReference) -> bool {
    reference.lifetime.as_ref().is_some_and(|l| l.ident == "static")
}

/// Whether this is `Self`, or the type by its name.
fn is_this(ty: &Type, this: Option<&Path>) -> bool {
    let Type::Path(ty) = ty else { return false };
    let name = this.and_then(|path| path.segments.last()).map(|segment| &segment.ident);
    ty.path.is_ident("Self") || ty.path.segments.last().is_some_and(|s| Some(&s.ident) == name)
}

/// Whether this is `Obj<Self>`.
fn is_owner(ty: &Type, this: Option<&Path>) -> bool {
    argument_of(ty, "Obj").is_some_and(|argument| is_this(argument, this))
}

fn signature(cx: &mut Ctxt, signature: &mut Signature) -> Vec<Parameter> {
    if let Some(token) = &signature.asyncness {
        cx.error(token, "a function that a frontend calls cannot be `async`");
    }
    if let Some(token) = &signature.unsafety {
        cx.error(token, "a function that a frontend calls cannot be `unsafe`: nothing there can promise anything");
    }
    if let Some(abi) = &signature.abi {
        cx.error(abi, "the macro makes the entry point: leave the ABI out");
    }
    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            cx.error(parameter, "a function that a frontend calls cannot be generic: name the types it is for");
        }
    }
    let parameters = signature.inputs.iter_mut().filter_map(|argument| match argument {
        FnArg::Receiver(_) => None,
        FnArg::Typed(argument) => {
            let mut options = Options::of_attributes(cx, &argument.attrs, &attr::PARAMETER);
            argument.attrs.retain(|a| !is_ffi(a));
            let name = options.string(cx, "name").map(Name::from);
            let own = match &*argument.pat {
                Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => Some(Name::of(&pat.ident)),
                Pat::Wild(_) if name.is_some() => None,
                other => {
                    cx.error(other, "a parameter needs a name: take it apart in the body");
                    None
                }
            };
            let default = options.default();
            let passing = passing(cx, &mut options);
            name.or(own).map(|name| Parameter { name, ty: (*argument.ty).clone(), default, passing })
        }
    });
    let mut parameters: Vec<_> = parameters.collect();
    // As in Python, what comes after `*args` is reached by name only.
    let rest = parameters.iter().position(|p| p.passing == Passing::Args).unwrap_or(parameters.len());
    for parameter in parameters.iter_mut().skip(rest).filter(|p| p.passing == Passing::Standard) {
        parameter.passing = Passing::KeywordOnly;
    }
    parameters
}

fn passing(cx: &mut Ctxt, options: &mut Options) -> Passing {
    let all = [
        ("pos_only", Passing::PositionalOnly),
        ("args", Passing::Args),
        ("kw_only", Passing::KeywordOnly),
        ("kwargs", Passing::Kwargs),
    ];
    let mut given: Vec<(&str, Passing, Span)> = Vec::new();
    for (key, passing) in all {
        given.extend(options.flag(cx, key).map(|span| (key, passing, span)));
    }
    if let [(first, ..), (second, _, span), ..] = given[..] {
        cx.error_at(span, format_args!("a parameter cannot be both `{first}` and `{second}`"));
    }
    given.first().map_or(Passing::Standard, |(_, passing, _)| *passing)
}
