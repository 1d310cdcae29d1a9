//! Functions and methods with all kinds of parameters. Each gives back what it got, in order.

use std::collections::BTreeMap;

use ffi_object::{ffi_function, ffi_methods, Error, FfiObject, Function, Mut, Obj, PyValue};

/// How often a method got as far as its body.
#[derive(FfiObject)]
#[ffi(name = "Signatures")]
pub(crate) struct Signatures {
    #[ffi(default = 0)]
    calls: Mut<i64>,
    #[ffi(default = 0, name = "last")]
    last: Mut<i64>,
}

/// A function of the module and a method, of the same parameters.
macro_rules! signatures {
    ($($name:ident($($(#[$option:meta])* $parameter:ident: $ty:ty),*);)*) => {
        mod functions {
            use super::*;
            $(
                #[ffi_function]
                fn $name($($(#[$option])* $parameter: $ty),*) -> ($($ty,)*) {
                    ($($parameter,)*)
                }
            )*
        }

        #[ffi_methods]
        impl Signatures {
            $(
                fn $name(&self, $($(#[$option])* $parameter: $ty),*) -> ($($ty,)*) {
                    self.calls.with(|calls| *calls += 1);
                    ($($parameter,)*)
                }
            )*
        }
    };
}

signatures! {
    sig_one(a: i64);
    sig_two(a: i64, b: i64);
    sig_three(a: i64, b: i64, c: i64);
    sig_default(#[ffi(default = 1)] a: i64);
    sig_defaults(a: i64, #[ffi(default = 2)] b: i64, #[ffi(default = 3)] c: i64);
    sig_pos(#[ffi(pos_only)] a: i64);
    sig_pos_two(#[ffi(pos_only)] a: i64, #[ffi(pos_only)] b: i64, c: i64);
    sig_pos_default(#[ffi(pos_only)] a: i64, #[ffi(pos_only, default = 2)] b: i64);
    sig_kw(#[ffi(kw_only)] a: i64);
    sig_kw_two(a: i64, #[ffi(kw_only)] b: i64, #[ffi(kw_only)] c: i64);
    sig_kw_default(#[ffi(kw_only, default = 1)] a: i64, #[ffi(kw_only)] b: i64);
    sig_mixed(#[ffi(pos_only)] a: i64, b: i64, #[ffi(kw_only)] c: i64);
    sig_mixed_default(#[ffi(pos_only)] a: i64, #[ffi(default = 2)] b: i64, #[ffi(kw_only, default = 3)] c: i64);
    sig_args(#[ffi(args)] rest: Vec<i64>);
    sig_args_after(a: i64, #[ffi(args)] rest: Vec<i64>);
    sig_args_kw(a: i64, #[ffi(args)] rest: Vec<i64>, b: i64);
    sig_args_default(#[ffi(default = 1)] a: i64, #[ffi(args)] rest: Vec<i64>, #[ffi(default = 2)] b: i64);
    sig_kwargs(#[ffi(kwargs)] named: BTreeMap<String, i64>);
    sig_kwargs_after(a: i64, #[ffi(kwargs)] named: BTreeMap<String, i64>);
    sig_kwargs_pos(#[ffi(pos_only)] a: i64, #[ffi(kwargs)] named: BTreeMap<String, i64>);
    sig_kwargs_kw(#[ffi(kw_only)] a: i64, #[ffi(kwargs)] named: BTreeMap<String, i64>);
    sig_all(
        #[ffi(pos_only)] a: i64,
        #[ffi(default = 2)] b: i64,
        #[ffi(args)] rest: Vec<i64>,
        #[ffi(default = 3)] c: i64,
        #[ffi(kwargs)] named: BTreeMap<String, i64>
    );
}

/// No arguments, and no tuple of them either.
#[ffi_function]
fn sig_none() {}

/// Arguments as they come.
#[ffi_function]
fn sig_opaque(#[ffi(args)] rest: PyValue, #[ffi(kwargs)] named: PyValue) -> (PyValue, PyValue) {
    (rest, named)
}

type FirstLiterals = (i64, f64, bool, String);

/// Defaults of many kinds.
#[ffi_function]
#[expect(clippy::too_many_arguments, reason = "one for each kind of default")]
fn sig_literals(
    #[ffi(default = 1_000)] a: i64,
    #[ffi(default = -2.5)] b: f64,
    #[ffi(default = true)] c: bool,
    #[ffi(default = String::from("x"))] d: String,
    #[ffi(default = None)] e: Option<i64>,
    #[ffi(default = 7)] f: u8,
    #[ffi(default = vec![])] g: Vec<i64>,
    #[ffi(default = "a".to_owned() + "b")] h: String,
) -> (FirstLiterals, (Option<i64>, u8, Vec<i64>, String)) {
    ((a, b, c, d), (e, f, g, h))
}

/// Made from all kinds of arguments.
#[derive(FfiObject)]
pub(crate) struct Made {
    parts: Vec<i64>,
}

#[ffi_methods]
impl Made {
    /// What every class knows.
    #[ffi(const)]
    const LIMIT: i64 = 3;

    /// An object.
    #[ffi(const, name = "EMPTY")]
    const NONE: Made = Made { parts: Vec::new() };

    #[ffi(new)]
    fn new(
        #[ffi(pos_only)] a: i64,
        #[ffi(default = 2)] b: i64,
        #[ffi(args)] rest: Vec<i64>,
        #[ffi(kw_only, default = 3)] c: i64,
    ) -> Result<Self, Error> {
        if rest.len() as i64 > Self::LIMIT {
            return Err(Error::value("too many parts"));
        }
        Ok(Self { parts: [a, b, c].into_iter().chain(rest).collect() })
    }

    /// Another of the class that this is called on.
    #[ffi(classmethod)]
    fn of(class: Function, parts: &str, #[ffi(default = 9)] c: i64) -> Result<Obj<Self>, Error> {
        let numbers: Vec<i64> = parts.split(',').map(str::parse).collect::<Result<_, _>>()?;
        match numbers[..] {
            [a, b] => class.call((a, b)),
            _ => class.call((c,)),
        }
    }

    /// The class itself.
    #[ffi(classmethod, name = "kind")]
    fn class_of(class: PyValue) -> PyValue {
        class
    }
}

/// An attribute that can be deleted.
#[derive(FfiObject)]
pub(crate) struct Labelled {
    #[ffi(skip)]
    tag: Mut<Option<String>>,
}

#[ffi_methods]
impl Labelled {
    /// The tag.
    #[ffi(getter)]
    fn tag(&self) -> Result<String, Error> {
        self.tag.get().ok_or_else(|| Error::attribute("no tag"))
    }

    #[ffi(setter)]
    fn set_tag(&self, tag: String) {
        self.tag.set(Some(tag));
    }

    #[ffi(deleter)]
    fn delete_tag(&self) -> Result<(), Error> {
        self.tag.replace(None).map(drop).ok_or_else(|| Error::attribute("no tag"))
    }

    /// Can only be deleted.
    #[ffi(deleter = "cache")]
    fn clear(&self) {
        self.tag.set(None);
    }
}
