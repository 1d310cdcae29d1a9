//! Rules that look at several parts of an item, and at what may be where.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{LitStr, ReturnType, Type};

use crate::attr::Name;
use crate::ctxt::Ctxt;
use crate::model::{
    argument_of, is_static, Enumeration, ErrorModel, Field, Function, Init, Kind, Methods, Object, Parameter, Passing,
    Receiver, Sum, Unit, FOR_THE_CALL,
};
use crate::{names, protocol};

/// The rules for a struct.
pub(crate) fn object(cx: &mut Ctxt, object: &Object) {
    name(cx, &object.name, "class");
    module(cx, object.module.as_ref());
    if let Some(span) = object.packed {
        cx.error_at(span, "a type of objects cannot be packed: its fields are borrowed, so they have to be aligned");
    }
    base(cx, object);
    type_options(cx, object);
    for field in &object.fields {
        field_options(cx, field);
        field_type(cx, field);
    }
    exposed_fields(cx, &object.fields);
}

/// The rules for the names and defaults of what the frontend sees.
fn exposed_fields(cx: &mut Ctxt, fields: &[Field]) {
    let exposed = || fields.iter().filter(|f| f.is_exposed());
    distinct(cx, exposed().map(|f| ((), &f.name)), "field");
    for field in exposed() {
        if field.name.text.starts_with("__") {
            let text = &field.name.text;
            let message = "belongs to Python: rename it with `#[ffi(name = \"…\")]`, or hide it with `#[ffi(skip)]`";
            cx.error_at(field.name.span, format_args!("the name `{text}` {message}"));
        } else {
            name(cx, &field.name, "field");
        }
    }
    let positional = exposed().filter(|f| f.init() == Init::Standard);
    defaults_last(cx, positional.map(|f| (&f.name, f.default.is_some())), "field");
}

/// Options of a struct that do not go together.
fn type_options(cx: &mut Ctxt, object: &Object) {
    let options = &object.options;
    if options.eq.is_none() {
        if let Some(span) = options.ord {
            cx.error_at(span, "`ord` goes with `eq`, as an order says what is equal: write `#[ffi(eq, ord)]`");
        }
        if let Some(span) = options.hash {
            let message = "`hash` goes with `eq`: objects that are equal by identity hash by identity already; \
                           write `#[ffi(eq, hash)]`";
            cx.error_at(span, message);
        }
    }
    if let (Some(span), Some(_)) = (options.dict, options.no_wrapper) {
        let message =
            "`dict` keeps attributes on the one wrapper of an object, and `no_wrapper` says that there is none: \
                       leave one of them out";
        cx.error_at(span, message);
    }
    if let (Some(span), Some(_)) = (options.no_wrapper, object.base()) {
        let message = "`no_wrapper` is for small types of their own: one that has a base has wrappers as its base does";
        cx.error_at(span, message);
    }
    if options.repr.is_some() {
        for span in object.fields.iter().filter_map(|f| f.no_repr) {
            cx.error_at(
                span,
                "the struct's `repr` shows it by `Debug`, whatever its fields say: leave one of them out",
            );
        }
    }
}

/// The rules for an enum with data.
pub(crate) fn sum(cx: &mut Ctxt, sum: &Sum) {
    name(cx, &sum.name, "class");
    module(cx, sum.module.as_ref());
    distinct(cx, sum.variants.iter().map(|v| ((), &v.name)), "variant");
    for variant in &sum.variants {
        name(cx, &variant.name, "variant");
        for field in &variant.fields {
            if let Some(span) = field.base {
                cx.error_at(span, "a variant extends its enum, and has no other base");
            }
            field_options(cx, field);
            field_type(cx, field);
        }
        exposed_fields(cx, &variant.fields);
    }
}

/// The rules for an enum without data.
pub(crate) fn enumeration(cx: &mut Ctxt, item: &Enumeration) {
    name(cx, &item.name, "class");
    module(cx, item.module.as_ref());
    let seen = || item.variants.iter().filter(|v| v.skip.is_none());
    for variant in &item.variants {
        if let (Some(_), Some(span)) = (variant.skip, variant.renamed) {
            cx.error_at(span, "a variant that is skipped has no name in the frontend");
        }
    }
    distinct(cx, seen().map(|v| ((), &v.name)), "member");
    for Unit { name: own, .. } in seen() {
        let text = &own.text;
        // Python's `enum` keeps these names for itself.
        if text == "mro" || (text.starts_with('_') && text.ends_with('_')) {
            let message = format_args!("the name `{text}` belongs to Python: rename it with `#[ffi(name = \"…\")]`");
            cx.error_at(own.span, message);
        } else {
            name(cx, own, "member");
        }
    }
}

/// The rules for `module = "…"`.
fn module(cx: &mut Ctxt, module: Option<&LitStr>) {
    let Some(module) = module else { return };
    let text = module.value();
    if let Some(part) = text.split('.').find(|part| names::objection(part).is_some()) {
        let why = names::objection(part).unwrap_or_default();
        cx.error(module, format_args!("`{part}` {why}"));
    }
}

fn base(cx: &mut Ctxt, object: &Object) {
    let mut bases = object.fields.iter().enumerate().filter_map(|(i, f)| Some((i, f.base?)));
    let Some((index, span)) = bases.next() else { return };
    if index > 0 {
        cx.error_at(span, "the base has to be the first field");
    }
    for (_, second) in bases {
        cx.error_at(second, "a type has one base");
    }
    if object.is_generic() {
        cx.error_at(span, "a generic struct has no base: make the struct with the base a plain one");
    }
    if !object.repr_c {
        let message = "a struct with a base needs `#[repr(C)]`, so that the base stands at its start";
        cx.error_at(object.ident.span(), message);
    }
}

fn field_options(cx: &mut Ctxt, field: &Field) {
    if let Some(span) = field.base {
        let others = [field.skip, field.renamed, field.kw_only, field.no_init, field.no_repr];
        if others.iter().any(Option::is_some) || field.default.is_some() {
            cx.error_at(span, "`base` goes with no other option");
        }
        return;
    }
    if field.skip.is_some() {
        if let Some(name) = field.renamed {
            cx.error_at(name, "a field that is skipped has no name in the frontend");
        }
        for span in [field.kw_only, field.no_init, field.no_repr].into_iter().flatten() {
            cx.error_at(span, "the frontend does not see a field that is skipped: leave this option out, or `skip`");
        }
        return;
    }
    let Some(span) = field.no_init else { return };
    if field.kw_only.is_some() {
        let message =
            "a field that the constructor does not take has no keyword: leave `kw_only` out, or `init = false`";
        cx.error_at(span, message);
    }
    if field.default.is_none() {
        let message = "a field that the constructor does not take needs a value: add `default`, or `default = expr`";
        cx.error_at(span, message);
    }
}

/// Types of fields that cannot work, with better words than the compiler's.
fn field_type(cx: &mut Ctxt, field: &Field) {
    if field.base.is_some() {
        return;
    }
    if let Some(objection) = unshareable(&field.ty) {
        cx.error(&field.ty, objection);
    }
}

/// Why no object can have a field of this type, if that can be seen.
pub(crate) fn unshareable(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Reference(_) => Some("an object owns what it holds: use `Obj<…>` for an object, `String` for a text"),
        Type::Ptr(_) => Some("objects are shared between threads: use `Obj<…>` or `WeakObj<…>` instead of a pointer"),
        _ if argument_of(ty, "Cell").is_some() || argument_of(ty, "RefCell").is_some() => {
            Some("objects are shared between threads: use `Mut<…>` for what changes")
        }
        _ if argument_of(ty, "Rc").is_some() => Some("objects are shared between threads: use `Obj<…>`, or `Arc<…>`"),
        _ => None,
    }
}

/// The rules for an `impl` block.
pub(crate) fn methods(cx: &mut Ctxt, methods: &Methods) {
    let mut new = None;
    for method in &methods.functions {
        function(cx, method, "method");
        let text = &method.name.text;
        match method.kind {
            Kind::New => {
                if new.replace(method).is_some() {
                    cx.error(&method.ident, "a type has one `#[ffi(new)]`; another way to make one is a static method");
                }
                if method.receiver != Receiver::None {
                    cx.error(&method.ident, "a constructor has no receiver");
                }
                if matches!(method.output, ReturnType::Default) {
                    cx.error(&method.ident, "a constructor gives back `Self` or `Result<Self, E>`");
                }
            }
            Kind::Class if method.receiver != Receiver::None => {
                cx.error(&method.ident, "a class method has its class instead of an object: leave `self` out");
            }
            Kind::Getter | Kind::Setter | Kind::Deleter if method.receiver == Receiver::None => {
                cx.error(&method.ident, format_args!("the attribute `{text}` belongs to an object: take `&self`"));
            }
            Kind::Getter => {
                if let Some(parameter) = method.parameters.first() {
                    cx.error_at(parameter.name.span, "a getter has no parameter but its receiver");
                }
            }
            Kind::Setter if method.parameters.len() != 1 || method.parameters[0].default.is_some() => {
                cx.error(&method.ident, "a setter has one parameter, the value, without a default");
            }
            Kind::Deleter => {
                if let Some(parameter) = method.parameters.first() {
                    cx.error_at(parameter.name.span, "a deleter has no parameter but its receiver");
                }
            }
            Kind::Instance | Kind::Plain => {
                if let Some(objection) = protocol::objection(method) {
                    cx.error(&method.ident, objection);
                }
            }
            _ => {}
        }
    }
    for constant in &methods.constants {
        name(cx, &constant.name, "constant");
    }
    // A method that exists under conditions may be one of several.
    let names = methods.functions.iter().filter(|m| m.kind != Kind::New && m.conditions.is_empty());
    let names = names.map(|m| {
        // Getter, setter and deleter share the name of their attribute.
        let role = if matches!(m.kind, Kind::Setter | Kind::Deleter) { m.kind } else { Kind::Plain };
        (role, &m.name)
    });
    let constants = methods.constants.iter().filter(|c| c.conditions.is_empty()).map(|c| (Kind::Plain, &c.name));
    distinct(cx, names.chain(constants), "method");
}

/// The rules for a function or method, which is `what`.
pub(crate) fn function(cx: &mut Ctxt, function: &Function, what: &str) {
    if function.kind != Kind::New {
        name(cx, &function.name, what);
    }
    for parameter in &function.parameters {
        name(cx, &parameter.name, "parameter");
        parameter_type(cx, &parameter.ty);
    }
    distinct(cx, function.parameters.iter().map(|p| ((), &p.name)), "parameter");
    let by_position = function.parameters.iter().filter(|p| p.passing < Passing::Args);
    defaults_last(cx, by_position.map(|p| (&p.name, p.default.is_some())), "parameter");
    in_order(cx, &function.parameters);
    if let ReturnType::Type(_, ty) = &function.output {
        no_impl(cx, ty, "a function that a frontend calls names the type of its result");
    }
}

/// The rules for a type of errors.
pub(crate) fn error(cx: &mut Ctxt, error: &ErrorModel) {
    let variants = error.variants.iter().flatten();
    for class in variants.clone().chain([&error.class]) {
        name(cx, &class.name, "class");
        class.fields.iter().for_each(|field| name(cx, &field.name, "field"));
        distinct(cx, class.fields.iter().map(|field| ((), &field.name)), "field");
    }
    distinct(cx, variants.map(|class| ((), &class.name)), "variant");
}

/// The order that Python's signatures have.
fn in_order(cx: &mut Ctxt, parameters: &[Parameter]) {
    for parameter in parameters.iter().filter(|p| matches!(p.passing, Passing::Args | Passing::Kwargs)) {
        let (what, ty) = match parameter.passing {
            Passing::Args => ("args", "Vec<…>"),
            _ => ("kwargs", "HashMap<String, …>"),
        };
        if parameter.default.is_some() {
            let message = format_args!("`{what}` is empty when there is nothing for it: leave `default` out");
            cx.error_at(parameter.name.span, message);
        }
        if let Type::Reference(_) = &parameter.ty {
            cx.error(&parameter.ty, format_args!("`{what}` are collected for the call: take `{ty}`"));
        }
    }
    for pair in parameters.windows(2) {
        let [before, this] = pair else { continue };
        let message = match (before.passing, this.passing) {
            (Passing::Args, Passing::Args) => "there is one parameter with `args`",
            (Passing::Kwargs, Passing::Kwargs) => "there is one parameter with `kwargs`",
            (Passing::Kwargs, _) => "the parameter with `kwargs` is the last one",
            (Passing::KeywordOnly, Passing::Standard) => "what follows a parameter with `kw_only` needs `kw_only` too",
            (Passing::KeywordOnly, Passing::Args) => "the parameter with `args` comes before those with `kw_only`",
            (_, Passing::PositionalOnly) if before.passing > Passing::PositionalOnly => {
                "the parameters with `pos_only` are the first ones"
            }
            _ => continue,
        };
        cx.error_at(this.name.span, message);
    }
}

fn parameter_type(cx: &mut Ctxt, ty: &Type) {
    const SHARED: &str = "objects are shared, and values are copied: nothing can be borrowed mutably";
    no_impl(cx, ty, "a function that a frontend calls cannot be generic: name the type");
    match ty {
        Type::Reference(r) if r.mutability.is_some() => cx.error(ty, SHARED),
        Type::Reference(r) if is_static(r) => cx.error(ty, FOR_THE_CALL),
        Type::Ptr(_) => cx.error(ty, "a pointer cannot cross: take `&…` of an object"),
        _ => {
            if let Some(Type::Reference(inner)) = argument_of(ty, "Option") {
                let message = match &*inner.elem {
                    Type::Path(path) if path.path.is_ident("str") => "take `Option<String>`",
                    Type::Slice(_) => "take `Option<Bytes>`",
                    _ => "take `Option<Obj<…>>`",
                };
                cx.error(ty, format_args!("only a whole argument can be borrowed: {message}"));
            }
        }
    }
}

fn no_impl(cx: &mut Ctxt, ty: &Type, message: &'static str) {
    struct Find<'a>(&'a mut Ctxt, &'static str);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_type_impl_trait(&mut self, ty: &'ast syn::TypeImplTrait) {
            self.0.error(ty, self.1);
        }
    }
    visit::visit_type(&mut Find(cx, message), ty);
}

fn name(cx: &mut Ctxt, name: &Name, what: &str) {
    if let Some(why) = names::objection(&name.text) {
        let text = &name.text;
        let attribute = if what == "function" { "ffi_function" } else { "ffi" };
        let message = format_args!("`{text}` {why}: name the {what} otherwise with `#[{attribute}(name = \"…\")]`");
        cx.error_at(name.span, message);
    }
}

fn distinct<'a, K: std::hash::Hash + Eq>(cx: &mut Ctxt, names: impl Iterator<Item = (K, &'a Name)>, what: &str) {
    let mut seen: HashMap<(K, &str), Span> = HashMap::new();
    for (kind, name) in names {
        if seen.insert((kind, &name.text), name.span).is_some() {
            cx.error_at(name.span, format_args!("another {what} is called `{}` already", name.text));
        }
    }
}

/// As Python: what comes after a parameter with a default has one too.
fn defaults_last<'a>(cx: &mut Ctxt, all: impl Iterator<Item = (&'a Name, bool)>, what: &str) {
    let mut with_default: Option<&Name> = None;
    for (name, default) in all {
        match with_default {
            _ if default => with_default = Some(name),
            Some(before) => {
                let (text, before) = (&name.text, &before.text);
                let message = format!("the {what} `{text}` has no default, but follows `{before}`, which has one");
                cx.error_at(name.span, message);
            }
            None => {}
        }
    }
}
