//! Types that are defined while the program runs: the base's part, and behind it storage for fields, at offsets that are
//! computed here.
//!
//! A defined type has a descriptor as any other, which is never freed, and its objects come from the same funnel. They
//! are built field by field, as those of Rust's structs are (`build`), and dropped so, too. A field is written by its
//! [`Rule`], which makes what its storage takes of a value of any type.
//!
//! Whether a hierarchy is traced is decided at its root (`trace`). A type that extends `Object` alone is the root of a
//! hierarchy of its own, which is traced, since whoever extends it may add fields of any kind. A type that extends one
//! of Rust's belongs to that one's hierarchy; if that is not traced, no field may lead to values of the frontend's
//! language, or cycles through it could never be collected.

mod rule;
mod store;

use parking_lot::RwLock;

use crate::any::Any;
use crate::census::TypeCell;
use crate::error::Error;
use crate::foreign::Function;
use crate::header::RawObject;
use crate::info::{Builder, FieldInfo, FieldType, Memory, ParamKind, Source, TypeInfo, TypeOptions};
use crate::registry::{registered, Class};

pub use rule::{ForeignClass, Later, Resolve, Rule};
pub(crate) use store::Held;

/// A field of a type to be defined.
#[derive(Debug)]
pub struct NewField {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub doc: String,
    /// What it may hold.
    pub rule: Rule,
    /// Whether it can be written after the object is made.
    pub mutable: bool,
    /// How the constructor takes it.
    pub param: ParamKind,
    /// Whether it is part of the object's text.
    pub repr: bool,
    /// Its default.
    pub default: Option<NewDefault>,
}

/// The default of a field.
#[derive(Debug)]
pub struct NewDefault {
    /// As signatures show it.
    pub text: String,
    /// What it is.
    pub value: DefaultValue,
}

/// What the default of a field is.
#[derive(Debug)]
pub enum DefaultValue {
    /// This value, which is checked when it is used.
    Value(Any),
    /// What a function gives.
    Factory(Function),
}

/// A type to be defined.
#[derive(Debug)]
pub struct NewType {
    /// Unique among those that are there at a time; another one of this key hides the former.
    pub key: String,
    /// The name of the class.
    pub name: String,
    /// The module of the class.
    pub module: String,
    /// The documentation.
    pub doc: String,
    /// Where it is defined.
    pub source: (String, u32),
    /// The type that it extends.
    pub base: &'static TypeInfo,
    /// Its own fields.
    pub fields: Vec<NewField>,
    /// What fields mean by [`Rule::This`].
    pub this: std::sync::Arc<std::sync::OnceLock<&'static TypeInfo>>,
}

/// The defined types that can be found by name, the latest last.
static DEFINED: RwLock<Vec<&'static Class>> = RwLock::new(Vec::new());

/// The types that were defined since the program runs.
#[must_use]
pub fn defined_types() -> Vec<&'static Class> {
    DEFINED.read().clone()
}

/// Makes a defined type known by name.
pub fn publish(class: &'static Class) {
    DEFINED.write().push(class);
}

fn leak<T: ?Sized>(text: Box<T>) -> &'static T {
    Box::leak(text)
}

fn leak_text(text: String) -> &'static str {
    leak(text.into_boxed_str())
}

/// Defines a type. Nobody finds it by name before it is [published](publish).
///
/// # Errors
///
/// A base that cannot be extended, two fields of one name, or fields that the base's hierarchy cannot have.
pub fn define(new: NewType) -> Result<&'static Class, Error> {
    let base = new.base;
    // It decides which hierarchies are traced.
    registered()?;
    check(&new)?;
    let traced = base.base().is_none() || base.is_traced();
    let too_large = || Error::value(format!("class '{}' is larger than an object can be", new.name));
    let mut layout = base.layout();
    let mut fields = Vec::new();
    for field in new.fields {
        let (text, default) = field.default.map(|default| (leak_text(default.text), default.value)).unzip();
        let held: &'static Held = leak(Box::new(Held::new(field.rule, field.mutable, default)));
        let (extended, offset) = layout.extend(held.layout()).map_err(|_| too_large())?;
        layout = extended;
        let ty: &'static FieldType = leak(Box::new(FieldType { held: Some(held), ..held.field_type() }));
        fields.push(FieldInfo {
            name: leak_text(field.name),
            doc: leak_text(field.doc),
            default: text,
            default_value: None,
            ty,
            offset: u32::try_from(offset).map_err(|_| Error::value("a field beyond the first 4 GiB of its object"))?,
            param: field.param,
            repr: field.repr,
        });
    }
    let fields = leak(fields.into_boxed_slice());
    // SAFETY: a value consists of its base, and of the fields just described, which have their offsets from the layout.
    let builder = unsafe { Builder::from_fields(&[], true) };
    // SAFETY: as above.
    let memory = unsafe { Memory::defined(layout.pad_to_align()) }.ok_or_else(too_large)?;
    let info: &'static TypeInfo = leak(Box::new(TypeInfo {
        key: leak_text(new.key),
        name: leak_text(new.name),
        module: Some(leak_text(new.module)),
        doc: leak_text(new.doc),
        source: Source { file: leak_text(new.source.0), line: new.source.1 },
        parents: leak(base.parents.iter().copied().chain([base]).collect::<Box<[_]>>()),
        fields,
        builder: Some(builder),
        trace: None,
        options: TypeOptions::NONE,
        cell: leak(Box::new(TypeCell::new())),
        memory,
    }));
    if traced {
        info.cell.set_traced();
    }
    // The first: `this` is the caller's own.
    let _ = new.this.set(info);
    Ok(leak(Box::new(Class::new(info, info.constructor()))))
}

fn check(new: &NewType) -> Result<(), Error> {
    let (base, name) = (new.base, &new.name);
    if base.options.is_final() || (base.base().is_some() && !base.builder.as_ref().is_some_and(Builder::is_from_fields))
    {
        return Err(Error::type_error(format!("class '{name}' cannot add fields to '{}'", base.name)));
    }
    let inherited = |name: &str| base.all_fields().find(|(_, field)| field.name == name);
    for (place, field) in new.fields.iter().enumerate() {
        let full = format!("{name}.{}", field.name);
        if let Some((owner, _)) = inherited(&field.name) {
            return Err(Error::type_error(format!("{full}: '{}' has a field of this name already", owner.name)));
        }
        if new.fields[..place].iter().any(|other| other.name == field.name) {
            return Err(Error::type_error(format!("{full}: there are two fields of this name")));
        }
        if base.base().is_some() && !base.is_traced() && field.rule.leads_outside() {
            return Err(Error::type_error(format!(
                "{full}: a class that extends '{}' cannot have a field of type {}: Python's garbage collector does not \
                 look into objects of '{}'",
                base.name,
                field.rule.name(),
                base.name
            )));
        }
    }
    Ok(())
}

/// Takes what may own other objects out of the fields of an object that a collector has found to be garbage, so that a
/// cycle which leads through it ends. Other objects than those of defined types are left as they are.
///
/// # Safety
///
/// The object is alive during the call, and not borrowed mutably.
pub unsafe fn clear(object: RawObject) {
    // SAFETY: by the caller.
    let info = unsafe { object.info() };
    for (_, field) in info.all_fields() {
        if let Some(held) = field.ty().held {
            // SAFETY: the object's type lists the field.
            let place = unsafe { field.place(object) };
            // SAFETY: the field's storage and place.
            unsafe { held.clear(place) };
        }
    }
}
