//! Reflection by name: fields that are read and written, types that are found, and objects that are made.

use std::fmt::Write as _;

use crate::any::Any;
use crate::args::Arguments;
use crate::defined::defined_types;
use crate::error::Error;
use crate::info::{Constructor, FieldInfo, ParamKind, TypeInfo};
use crate::obj::{AnyObj, Obj};
use crate::raw;
use crate::reflect;
use crate::registry::registered;
use crate::value::Value;

impl AnyObj {
    /// Reads a field by its name in the frontend.
    ///
    /// # Errors
    ///
    /// No such field, or a value that no [`Any`] can hold.
    ///
    /// ```
    /// use ffi_object::{Any, FfiObject, Mut, Obj};
    ///
    /// #[derive(FfiObject)]
    /// struct Point {
    ///     x: Mut<f64>,
    ///     name: String,
    /// }
    ///
    /// let point = Obj::new(Point { x: Mut::new(1.5), name: "p".into() }).into_any();
    /// assert_eq!(point.field("x")?, Any::from(1.5));
    /// assert_eq!(point.field("name")?.to::<String>()?, "p");
    /// assert_eq!(point.field("y").unwrap_err().to_string(), "'Point' objects have no field 'y'");
    /// # Ok::<(), ffi_object::Error>(())
    /// ```
    pub fn field(&self, name: &str) -> Result<Any, Error> {
        let (owner, field) = self.type_info().field(name)?;
        // SAFETY: this owner keeps the object alive, and its type lists the field.
        let value = unsafe { field.get(self.as_raw(), reflect::encoder()) };
        let value = value.and_then(|value| Any::decode(value.decoder()));
        value.map_err(|error| error.at(format_args!("{}.{name}", owner.name)))
    }

    /// Writes a field by its name in the frontend, with the checks that an assignment there goes through.
    ///
    /// # Errors
    ///
    /// No such field, one that is read-only, or a value that it cannot hold; nothing was written then.
    ///
    /// ```
    /// # use ffi_object::{FfiObject, Mut, Obj};
    /// # #[derive(FfiObject)]
    /// # struct Point { x: Mut<f64>, name: String }
    /// let point = Obj::new(Point { x: Mut::new(1.5), name: "p".into() });
    /// let any = point.as_any();
    /// any.set_field("x", &2)?;
    /// assert_eq!(point.x.get(), 2.0);
    /// let wrong = |field, value: &str| any.set_field(field, &value.to_owned()).unwrap_err().to_string();
    /// assert_eq!(wrong("x", "2"), "Point.x: expected float, got str");
    /// assert_eq!(wrong("name", "q"), "attribute 'name' of 'Point' objects is not writable");
    /// # Ok::<(), ffi_object::Error>(())
    /// ```
    pub fn set_field(&self, name: &str, value: &impl Value) -> Result<(), Error> {
        let (owner, field) = self.type_info().field(name)?;
        if field.is_read_only() {
            let class = owner.name;
            return Err(Error::attribute(format!("attribute '{name}' of '{class}' objects is not writable")));
        }
        let value = value.encode(reflect::encoder())?;
        // SAFETY: this owner keeps the object alive, and its type lists the field.
        let set = unsafe { field.set(self.as_raw(), value.decoder()) };
        set.map_err(|error| error.at(format_args!("{}.{name}", owner.name)))
    }
}

impl TypeInfo {
    /// The type that users know by this name, or the one with this key.
    ///
    /// A name is `Point`, or `geometry.Point` for a type that says in which module it is; a key is the Rust path. Types that
    /// were defined while the program runs are in the module that defines them; of one name, a type of Rust's comes first,
    /// and then the latest.
    ///
    /// # Errors
    ///
    /// No such type; more than one; or a program whose types contradict each other (see [`registry`](crate::registry)).
    ///
    /// ```
    /// use ffi_object::{Any, FfiObject, Mut, TypeInfo};
    ///
    /// #[derive(FfiObject)]
    /// struct Point {
    ///     x: Mut<f64>,
    ///     #[ffi(default = 2.0)]
    ///     y: Mut<f64>,
    /// }
    ///
    /// let info = TypeInfo::find("Point")?;
    /// assert_eq!(info.all_fields().map(|(_, field)| field.name).collect::<Vec<_>>(), ["x", "y"]);
    ///
    /// let point = info.make(&[("x", Any::from(1.0))])?;
    /// assert_eq!(point.downcast_ref::<Point>().unwrap().y.get(), 2.0);
    /// let wrong = info.make(&[("y", Any::from(1.0))]).unwrap_err();
    /// assert_eq!(wrong.to_string(), "Point() missing required argument: 'x'");
    /// # Ok::<(), ffi_object::Error>(())
    /// ```
    pub fn find(name: &str) -> Result<&'static Self, Error> {
        let has_name = |info: &&'static Self| {
            info.key == name
                || match name.rsplit_once('.') {
                    Some((module, name)) => info.name == name && info.module == Some(module),
                    None => info.name == name,
                }
        };
        let mut found = registered()?.classes.iter().map(|class| class.info).filter(has_name);
        let Some(first) = found.next() else {
            // Of the types that were defined since the program runs, the latest one hides others.
            let defined = defined_types().iter().rev().map(|class| class.info).find(has_name);
            return defined.ok_or_else(|| Error::value(format!("there is no type of objects '{name}'")));
        };
        let mut keys = String::new();
        for other in found {
            let _ = write!(keys, ", {}", other.key);
        }
        if keys.is_empty() {
            return Ok(first);
        }
        Err(Error::value(format!("'{name}' is the name of several types, tell them apart by key: {}{keys}", first.key)))
    }

    /// A field of this type or of one that it extends, by its name in the frontend, and the type that lists it.
    ///
    /// # Errors
    ///
    /// No such field.
    pub fn field(&'static self, name: &str) -> Result<(&'static Self, &'static FieldInfo), Error> {
        // What a type declares hides what its base does.
        let lineage = std::iter::once(self).chain(self.parents.iter().rev().copied());
        let mut found = lineage.filter_map(|info| Some((info, info.fields.iter().find(|field| field.name == name)?)));
        found.next().ok_or_else(|| Error::attribute(format!("'{}' objects have no field '{name}'", self.name)))
    }

    /// Makes an object of this type from named values, as a call of its class in the frontend does.
    ///
    /// # Errors
    ///
    /// Values that are missing, that no parameter takes, or that do not fit; a type that cannot be made so; what its own
    /// constructor says.
    pub fn make(&'static self, values: &[(&str, Any)]) -> Result<AnyObj, Error> {
        let constructor = self.callable_constructor()?;
        let signature = &constructor.signature;
        let (class, params) = (signature.name, signature.params);
        let nothing = Any::from(Vec::new());
        let mut slots: Vec<Option<&Any>> = params
            .iter()
            .map(|param| matches!(param.kind, ParamKind::Args | ParamKind::Kwargs).then_some(&nothing))
            .collect();
        for (name, value) in values {
            let takes = |kind| matches!(kind, ParamKind::PositionalOnly | ParamKind::Standard | ParamKind::KeywordOnly);
            let place = params
                .iter()
                .position(|param| param.name == *name && takes(param.kind))
                .ok_or_else(|| Error::type_error(format!("{class}() got an unexpected keyword argument '{name}'")))?;
            if slots[place].replace(value).is_some() {
                return Err(Error::type_error(format!("{class}() got multiple values for argument '{name}'")));
            }
        }
        let make = |arguments: &Arguments<'_>| {
            // SAFETY: the constructor is one of this type.
            let object = unsafe { raw::build(self, constructor, arguments, None) }?;
            // SAFETY: the state was born with one owner, which this is; every object is an `Object`.
            Ok(unsafe { Obj::from_raw(object) })
        };
        reflect::with_arguments(signature, &slots, make)
    }

    /// What a call of the class in the frontend runs.
    fn callable_constructor(&'static self) -> Result<&'static Constructor, Error> {
        let constructor = match registered()?.class(self) {
            Some(class) => class.constructor,
            None => self.constructor(),
        };
        constructor.ok_or_else(|| Error::type_error(format!("cannot create '{}' instances", self.name)))
    }

    /// The bytes that an object of this type takes: its header, itself, and what its alignment costs. What its fields own
    /// elsewhere, and items that follow it in its block, are not counted.
    #[must_use]
    pub fn size(&self) -> usize {
        self.plain_block().size()
    }
}
