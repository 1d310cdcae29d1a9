//! The macros of [ffi-object](https://docs.rs/ffi-object), which exports them: structs become types of objects, `impl`
//! blocks their methods, functions those of the module.
//!
//! All three go the same way: `attr` parses the options, `model` the item, `check` looks at the whole, `expand`
//! writes tokens. Mistakes gather in a `ctxt`, so that all of an item are reported at once, and after one
//! `fallback` stands in for the expansion, so that one mistake gives one message. What is generated is data and thin
//! shims; it compiles under `#![forbid(unsafe_code)]`, and without a prelude.

#![forbid(unsafe_code)]

mod attr;
mod check;
mod ctxt;
mod expand;
mod fallback;
mod model;
mod names;
mod protocol;
mod rewrite;

use ctxt::Ctxt;
use proc_macro::TokenStream;
use quote::{quote, ToTokens};
use syn::{parse_macro_input, Data, DeriveInput, ItemFn, ItemImpl};

/// Makes a struct, or an enum with data, a type of objects.
///
/// ```
/// use ffi_object::{FfiObject, List, Mut, Obj};
///
/// /// A point in the plane.
/// #[derive(FfiObject)]
/// struct Point {
///     /// Horizontal coordinate.
///     x: Mut<f64>,
///     y: Mut<f64>,
/// }
///
/// #[derive(FfiObject)]
/// #[ffi(name = "Line", module = "geometry.lines")]
/// struct Polyline {
///     points: Obj<List<Obj<Point>>>,
///     #[ffi(default = String::from("unnamed"))]
///     label: Mut<String>,
///     #[ffi(skip)]
///     length: std::sync::OnceLock<f64>,
/// }
///
/// let info = Polyline::TYPE;
/// assert_eq!(info.name, "Line");
/// assert_eq!(info.fields.iter().map(|f| f.name).collect::<Vec<_>>(), ["points", "label"]);
/// assert_eq!(Point::TYPE.doc, "A point in the plane.");
/// ```
///
/// The struct has named fields or none, and is `Send` and `Sync`. Of a generic struct, each instantiation that is used as an
/// object is registered with `ffi_object::register!`. Every field is exposed under its own
/// name, whatever its visibility, and is as mutable as its type: see `ffi_object::Field`. Documentation comments go
/// along. The fields are also the parameters of the constructor, in order.
///
/// # Options of the struct
///
/// | `#[ffi(…)]` | |
/// |---|---|
/// | `name = "…"` | the name of the class, if it is not the struct's |
/// | `module = "…"` | the module of the class, if it is not the one that the frontend builds |
/// | `no_init` | only Rust makes objects of this type |
/// | `eq` | objects are equal by `PartialEq`, if both are of exactly this type; without `hash` they are unhashable, as in Python |
/// | `eq, ord` | objects are ordered by `PartialOrd` too |
/// | `eq, hash` | objects are hashed by `Hash` too |
/// | `str` | their text for users is that of `Display` |
/// | `repr` | their text for programmers is that of `Debug`, instead of the fields' |
/// | `final` | nothing can extend the type, in Rust or in the frontend |
/// | `dict` | objects have a `__dict__`, in which the frontend can keep any attributes |
/// | `no_wrapper` | objects have no identity in the frontend: every way to one gives a new wrapper, and wrappers of one object are equal. `final` too |
///
/// These hold for the type that says so, not for the types that extend it (`dict` does): what these add would have no part
/// in an equality or a text of their base. By default objects are equal when they are the same.
///
/// ```
/// use ffi_object::{FfiObject, Mut};
///
/// #[derive(FfiObject, Debug, PartialEq, PartialOrd, Hash)]
/// #[ffi(eq, ord, hash, repr, final)]
/// struct Version {
///     major: u32,
///     #[ffi(default)]
///     minor: u32,
/// }
///
/// #[derive(FfiObject)]
/// struct Download {
///     url: String,
///     #[ffi(kw_only, default = 3)]
///     retries: u32,
///     #[ffi(kw_only, repr = false, default)]
///     password: String,
///     #[ffi(init = false, default)]
///     progress: Mut<f64>,
/// }
///
/// let params = Download::TYPE.constructor().unwrap().signature.params;
/// assert_eq!(params[1].name, "retries");
/// assert_eq!(params[1].kind, ffi_object::info::ParamKind::KeywordOnly);
/// ```
///
/// # Options of a field
///
/// | `#[ffi(…)]` | |
/// |---|---|
/// | `skip` | only Rust sees the field; the constructor takes its `Default` |
/// | `name = "…"` | its name, if it is not the field's |
/// | `default` | the constructor's argument may be left out, and is `Default::default()` then |
/// | `default = expr` | the same with this value, of the type that the field *holds* (`String` for a `Mut<String>`); for a field with `skip`, of the field's own type |
/// | `kw_only` | the constructor takes it by name alone, and so after those that it takes by position |
/// | `init = false` | the constructor does not take it: it starts as its default, which it has to have. Copies keep its value |
/// | `repr = false` | it is not part of the object's text |
/// | `base` | the field is the type that this one extends |
///
/// # Inheritance
///
/// The first field may be a base. It has to stand at the start of the struct, which takes `#[repr(C)]`.
///
/// ```
/// use ffi_object::{FfiObject, Obj};
///
/// #[derive(FfiObject)]
/// struct Shape {
///     name: String,
/// }
///
/// #[derive(FfiObject)]
/// #[repr(C)]
/// struct Circle {
///     #[ffi(base)]
///     shape: Shape,
///     #[ffi(default = 1.0)]
///     radius: f64,
/// }
///
/// let circle = Obj::new(Circle { shape: Shape { name: "unit".into() }, radius: 1.0 });
/// let shape: Obj<Shape> = circle.upcast();
/// assert_eq!(shape.name, "unit");
/// assert!(shape.is::<Circle>());
/// ```
///
/// # Enums with data
///
/// Each variant becomes a class of its own, which extends that of the enum and is its attribute: `Shape.Circle` in Python.
/// They are told apart there by `match`, as in Rust. Fields without a name are called `_0`, `_1` and so on; all options of
/// fields can be used. An enum without any data is a value: see [`FfiEnum`](macro@FfiEnum).
///
/// ```
/// use ffi_object::{ffi_methods, FfiObject, Mut, Obj};
///
/// /// A figure in the plane.
/// #[derive(FfiObject)]
/// enum Shape {
///     Circle { radius: Mut<f64> },
///     Rectangle(f64, f64),
///     Empty,
/// }
///
/// #[ffi_methods]
/// impl Shape {
///     fn area(&self) -> f64 {
///         match self {
///             Self::Circle { radius } => std::f64::consts::PI * radius.get().powi(2),
///             Self::Rectangle(width, height) => width * height,
///             Self::Empty => 0.0,
///         }
///     }
/// }
///
/// let shape = Obj::new(Shape::Rectangle(2.0, 3.0));
/// assert_eq!(shape.area(), 6.0);
/// assert_eq!(shape.type_info().name, "Shape_Rectangle");
/// assert!(shape.type_info().is_a(Shape::TYPE));
/// ```
#[proc_macro_derive(FfiObject, attributes(ffi))]
pub fn derive_ffi_object(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut cx = Ctxt::default();
    if let Data::Enum(_) = input.data {
        let sum = model::Sum::parse(&mut cx, &input);
        check::sum(&mut cx, &sum);
        let expansion = match cx.into_errors() {
            None => expand::sum::expand(&sum),
            Some(errors) => [errors, fallback::object(&input)].into_iter().collect(),
        };
        return expansion.into();
    }
    let object = model::Object::parse(&mut cx, &input);
    check::object(&mut cx, &object);
    let expansion = match cx.into_errors() {
        None if object.is_generic() => expand::template::expand(&object),
        None => expand::object::expand(&object),
        Some(errors) => [errors, fallback::object(&input)].into_iter().collect(),
    };
    expansion.into()
}

/// Makes an enum without data an enumeration of the frontend's language: in Python, an `enum.Enum`.
///
/// ```
/// use ffi_object::{Any, FfiEnum, FfiObject, Mut};
///
/// /// What a light shows.
/// #[derive(FfiEnum, Clone, Copy, Debug, Default, PartialEq)]
/// #[ffi(rename_all = "SCREAMING_SNAKE_CASE")]
/// enum Light {
///     /// Stop.
///     #[default]
///     Red,
///     RedAndYellow,
///     Green = 10,
///     #[ffi(skip)]
///     Broken,
/// }
///
/// #[derive(FfiObject)]
/// struct Crossing {
///     #[ffi(default)]
///     light: Mut<Light>,
/// }
///
/// let names: Vec<_> = Light::INFO.members.iter().map(|m| (m.name, m.value)).collect();
/// assert_eq!(names, [("RED", 0), ("RED_AND_YELLOW", 1), ("GREEN", 10)]);
/// assert_eq!(Any::of(&Light::Green)?.to::<Light>()?, Light::Green);
/// # Ok::<(), ffi_object::Error>(())
/// ```
///
/// The enum is a value: a field, argument, result, element or key. Its variants are the members, each of which is one
/// Python object for as long as the process lives, and the discriminants are their values. Documentation comments go
/// along.
///
/// # Options of the enum
///
/// | `#[ffi(…)]` | |
/// |---|---|
/// | `name = "…"` | the name of the class, if it is not the enum's |
/// | `module = "…"` | the module of the class, if it is not the one that the frontend builds |
/// | `int` | an `enum.IntEnum`, whose members are numbers too |
/// | `rename_all = "…"` | how the members' names are written: `"SCREAMING_SNAKE_CASE"` or `"snake_case"` |
///
/// # Options of a variant
///
/// | `#[ffi(…)]` | |
/// |---|---|
/// | `name = "…"` | the name of the member |
/// | `skip` | only Rust sees it; giving it to the frontend is an error |
#[proc_macro_derive(FfiEnum, attributes(ffi))]
pub fn derive_ffi_enum(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut cx = Ctxt::default();
    let item = model::Enumeration::parse(&mut cx, &input);
    check::enumeration(&mut cx, &item);
    let expansion = match cx.into_errors() {
        None => expand::enumeration::expand(&item),
        Some(errors) => [errors, expand::enumeration::fallback(&input)].into_iter().collect(),
    };
    expansion.into()
}

/// Makes an error an exception class of the module.
///
/// ```
/// use ffi_object::{ffi_function, FfiError};
///
/// /// What goes wrong with an account.
/// #[derive(Debug, thiserror::Error, FfiError)]
/// enum AccountError {
///     #[error("{missing} more needed")]
///     #[ffi(base = "ValueError")]
///     TooLittle { missing: u64 },
///     #[error("the books cannot be read")]
///     Books(#[from] std::io::Error),
/// }
///
/// /// The account may not be used.
/// #[derive(Debug, thiserror::Error, FfiError)]
/// #[error("locked by {by}")]
/// #[ffi(base = AccountError)]
/// struct Locked {
///     by: String,
/// }
///
/// #[ffi_function]
/// fn withdraw(amount: u64) -> Result<(), AccountError> {
///     Err(AccountError::TooLittle { missing: amount })
/// }
/// # let _ = (withdraw(1), Locked { by: String::new() });
/// ```
///
/// A struct is one class. An enum is one, and its variants are classes that extend it, found there: `except
/// AccountError.TooLittle as error`. The exception's text is that of `Display`; what `Error::source` gives is its
/// `__cause__`; fields with names are attributes, but not those marked `#[source]`, `#[from]` or `#[backtrace]`, nor those
/// called `source` or `backtrace`.
///
/// # Options
///
/// | `#[ffi(…)]` | on | |
/// |---|---|---|
/// | `base = "ValueError"` | a type | the class of Python that it extends, if it is not `Exception` |
/// | `base = OtherError` | a type | the type of errors that it extends |
/// | `base = "KeyError"` | a variant | a class of Python that it extends besides its enum |
/// | `name = "…"` | a type, a variant | the name of the class |
/// | `name = "…"` | a field | the name of the attribute; a field without a name gets one |
/// | `module = "…"` | a type | the module of the class |
/// | `skip` | a field | it is no attribute |
#[proc_macro_derive(FfiError, attributes(ffi))]
pub fn derive_ffi_error(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut cx = Ctxt::default();
    let error = model::ErrorModel::parse(&mut cx, &input);
    check::error(&mut cx, &error);
    let expansion = match cx.into_errors() {
        None => expand::error::expand(&error),
        Some(errors) => [errors, expand::error::fallback(&input)].into_iter().collect(),
    };
    expansion.into()
}

/// Exposes the functions of an `impl` block.
///
/// ```
/// use ffi_object::{ffi_methods, Error, FfiObject, Mut, Obj};
///
/// #[derive(FfiObject)]
/// struct Node {
///     label: Mut<String>,
///     parent: Mut<Option<Obj<Node>>>,
/// }
///
/// #[ffi_methods]
/// impl Node {
///     /// A node without a parent.
///     #[ffi(new)]
///     fn new(label: &str) -> Result<Self, Error> {
///         if label.is_empty() {
///             return Err(Error::value("a node needs a label"));
///         }
///         Ok(Self { label: Mut::new(label.into()), parent: Mut::new(None) })
///     }
///
///     /// How far away the root is.
///     fn depth(&self, #[ffi(default = 0)] start: usize) -> usize {
///         self.parent.get().map_or(start, |parent| parent.depth(start + 1))
///     }
///
///     /// A new node below this one, which it owns.
///     fn child(self: &Obj<Self>, label: &str) -> Result<Self, Error> {
///         let child = Self::new(label)?;
///         child.parent.set(Some(self.clone()));
///         Ok(child)
///     }
///
///     #[ffi(getter)]
///     fn is_root(&self) -> bool {
///         self.parent.get().is_none()
///     }
///
///     #[ffi(skip)]
///     fn only_in_rust(&self, action: impl Fn(&Self)) {
///         action(self);
///     }
/// }
///
/// let root = Obj::new(Node::new("root")?);
/// let leaf = Node::child(&root, "leaf")?;
/// assert_eq!(leaf.depth(0), 1);
/// # Ok::<(), Error>(())
/// ```
///
/// The block is an inherent one. Every function in it is exposed, whatever its visibility:
///
/// - with `&self`, as a method. `&mut self` is not possible, since objects are shared: what changes is in a `Mut<…>`;
/// - with `self: &Obj<Self>`, as a method that can keep an owner of its object. Rust knows no such receiver yet, so
///   there it is an ordinary argument: `Node::child(&root, "leaf")`;
/// - without a receiver, as a static method; with `#[ffi(classmethod)]` as a class method, whose first parameter is the
///   class: a `Function`, to call it, or a `PyValue`.
///
/// A constant is exposed if it says so. Parameters can be all that they can in Python:
///
/// ```
/// use ffi_object::{ffi_methods, Error, FfiObject, Function, Iter, Mut, Obj};
///
/// #[derive(FfiObject)]
/// struct Vector {
///     parts: Vec<f64>,
/// }
///
/// #[ffi_methods]
/// impl Vector {
///     /// The most that there can be.
///     #[ffi(const)]
///     const LIMIT: usize = 16;
///
///     /// `Vector(*parts, scale=1.0)`
///     #[ffi(new)]
///     fn new(#[ffi(args)] parts: Vec<f64>, #[ffi(default = 1.0)] scale: f64) -> Result<Self, Error> {
///         if parts.len() > Self::LIMIT {
///             return Err(Error::value("too many parts"));
///         }
///         Ok(Self { parts: parts.into_iter().map(|part| part * scale).collect() })
///     }
///
///     /// `Vector.parse(text, /, *, separator=",")`: an object of the class that it is called on.
///     #[ffi(classmethod)]
///     fn parse(
///         class: Function,
///         #[ffi(pos_only)] text: &str,
///         #[ffi(kw_only, default = ',')] separator: char,
///     ) -> Result<Obj<Self>, Error> {
///         match text.split(separator).map(str::parse).collect::<Result<Vec<f64>, _>>()?[..] {
///             [x, y] => class.call((x, y)),
///             _ => Err(Error::value("a vector has two parts")),
///         }
///     }
///
///     /// An operand of another type is the other side's turn.
///     fn __add__(&self, other: &Vector) -> Vector {
///         Vector { parts: self.parts.iter().zip(&other.parts).map(|(a, b)| a + b).collect() }
///     }
///
///     fn __iter__(&self) -> Iter<f64> {
///         Iter::new(self.parts.clone())
///     }
/// }
///
/// let sum = Vector::new(vec![1.0, 2.0], 2.0)?.__add__(&Vector::new(vec![1.0, 1.0], 1.0)?);
/// assert_eq!(sum.__iter__().collect::<Vec<_>>(), [3.0, 5.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// The methods of a generic struct stand in one block, and belong to all of its instantiations that are registered and meet
/// the block's bounds; one instantiation can have a block of its own.
///
/// ```
/// use ffi_object::{ffi_methods, register, FfiObject, Obj, Return, Value};
///
/// #[derive(FfiObject)]
/// struct Pair<A, B> {
///     first: A,
///     second: B,
/// }
///
/// register!(Pair<i64, f64> as "PairIF");
///
/// #[ffi_methods]
/// impl<A: Value + Return + Clone, B: Value + Return + Clone> Pair<A, B>
/// where
///     Self: FfiObject,
/// {
///     fn both(&self) -> (A, B) {
///         (self.first.clone(), self.second.clone())
///     }
///
///     fn itself(self: &Obj<Self>) -> Obj<Self> {
///         self.clone()
///     }
/// }
///
/// #[ffi_methods]
/// impl Pair<i64, f64> {
///     fn sum(&self) -> f64 {
///         self.first as f64 + self.second
///     }
/// }
///
/// let registry = ffi_object::registry()?;
/// let pair = registry.classes.iter().find(|class| class.info.name == "PairIF").unwrap();
/// let names: Vec<_> = pair.functions.iter().map(|function| function.signature.name).collect();
/// assert_eq!(names, ["PairIF.both", "PairIF.itself", "PairIF.sum"]);
/// # Ok::<(), &ffi_object::Error>(())
/// ```
///
/// A parameter or result of a type that is a parameter of the struct asks for `Value` or `Return`; what speaks of `Obj<Self>`
/// asks for `Self: FfiObject`, which every registered instantiation is.
///
/// Arguments are taken by value, or borrowed for the call: `&str`, `&[u8]`, and `&T` and `&Obj<T>` of an object. What
/// is given back is a value, a new object, an `Obj<T>`, or a `Result` whose error becomes an exception.
///
/// # Options of a function
///
/// | `#[ffi(…)]` | |
/// |---|---|
/// | `skip` | only Rust sees it |
/// | `name = "…"` | its name, if it is not the function's |
/// | `new` | makes the object; no receiver; gives back `Self` or `Result<Self, E>` |
/// | `getter`, `getter = "…"` | reads an attribute |
/// | `setter`, `setter = "…"` | writes an attribute, of the function's name without `set_` |
/// | `deleter`, `deleter = "…"` | deletes an attribute, of the function's name without `delete_` |
/// | `classmethod` | takes the class as its first parameter |
/// | `cached` | objects come back as their canonical wrappers; `#[ffi_methods(cached)]` says so for the whole block |
///
/// # Options of a parameter
///
/// | `#[ffi(…)]` | |
/// |---|---|
/// | `default`, `default = expr` | it may be left out, and is `Default::default()` or the expression's value then |
/// | `name = "…"` | its name, if it is not the parameter's |
/// | `pos_only` | by position only; these come first |
/// | `args` | the positional arguments that are left, as a `Vec<T>`; what follows is by name only |
/// | `kw_only` | by name only |
/// | `kwargs` | the named arguments that are left, as a map from `String`; comes last |
///
/// # Options of a constant
///
/// | `#[ffi(…)]` | |
/// |---|---|
/// | `const` | it is an attribute of the class |
/// | `name = "…"` | its name, if it is not the constant's |
#[proc_macro_attribute]
pub fn ffi_methods(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut block = parse_macro_input!(item as ItemImpl);
    let mut cx = Ctxt::default();
    let methods = model::Methods::parse(&mut cx, arguments.into(), &mut block);
    if let Some(methods) = &methods {
        check::methods(&mut cx, methods);
        expand::methods::rewrite_owners(methods, &mut block);
    }
    let errors = cx.into_errors();
    let rest = match (&errors, &methods) {
        (None, Some(methods)) => expand::methods::expand(methods),
        _ => errors.into_token_stream(),
    };
    quote!(#block #rest).into()
}

/// Exposes a function in the module.
///
/// ```
/// use ffi_object::{ffi_function, FfiObject};
///
/// #[derive(FfiObject)]
/// struct Point {
///     x: f64,
///     y: f64,
/// }
///
/// /// The distance between two points.
/// #[ffi_function]
/// fn distance(a: &Point, b: &Point, #[ffi(default = 1.0)] scale: f64) -> f64 {
///     (a.x - b.x).hypot(a.y - b.y) * scale
/// }
///
/// let functions = &ffi_object::registry()?.functions;
/// assert_eq!(functions[0].name, "distance");
/// assert_eq!(functions[0].signature.params[2].default, Some("1.0"));
/// # Ok::<(), &ffi_object::Error>(())
/// ```
///
/// Arguments, results and the options of parameters are those of [`macro@ffi_methods`]. Options of the function are
/// `#[ffi_function(name = "…")]` and `#[ffi_function(cached)]`.
#[proc_macro_attribute]
pub fn ffi_function(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut item = parse_macro_input!(item as ItemFn);
    let mut cx = Ctxt::default();
    let function = model::Function::parse(&mut cx, arguments.into(), &mut item);
    check::function(&mut cx, &function, "function");
    let rest = cx.into_errors().unwrap_or_else(|| expand::function::expand(&function, None));
    quote!(#item #rest).into()
}
