//! The registry: all that the macros submitted, checked once, in an order that does not depend on the linker.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::OnceLock;

use crate::containers::{ARRAY, LIST, MAP, SET};
use crate::enumeration::EnumInfo;
use crate::error::Error;
use crate::error_class::ErrorType;
use crate::info::{ConstantInfo, Constructor, Entry, FunctionInfo, MethodKind, Source, TypeInfo};
use crate::obj::{FfiObject, Object};
use crate::rust_function::RUST_FUNCTION;
use crate::trace::Reach;

/// A type with what belongs to it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Class {
    /// The type.
    pub info: &'static TypeInfo,
    /// How the frontend makes one: the type's own way, or the one that replaces it.
    pub constructor: Option<&'static Constructor>,
    /// Its methods, getters and setters, by name.
    pub functions: Vec<&'static FunctionInfo>,
    /// Its constants, by name.
    pub constants: Vec<&'static ConstantInfo>,
}

impl Class {
    /// A type that only its descriptor and its constructor belong to.
    pub(crate) fn new(info: &'static TypeInfo, constructor: Option<&'static Constructor>) -> Self {
        Self { info, constructor, functions: Vec::new(), constants: Vec::new() }
    }
}

/// All types and functions of the program.
#[derive(Debug)]
#[non_exhaustive]
pub struct Registry {
    /// Bases before what extends them, otherwise by key.
    pub classes: Vec<Class>,
    /// The functions of the module, by name.
    pub functions: Vec<&'static FunctionInfo>,
    /// The variants of enums with data: the enum, the variant's name, and its type.
    pub variants: Vec<(&'static TypeInfo, &'static str, &'static TypeInfo)>,
    /// The enums without data, by key.
    pub enums: Vec<&'static EnumInfo>,
    /// The types of errors: bases before what extends them, otherwise by key.
    pub errors: Vec<&'static ErrorType>,
}

impl Registry {
    /// A type with what belongs to it.
    #[must_use]
    pub fn class(&self, info: &'static TypeInfo) -> Option<&Class> {
        let order = |class: &Class| (class.info.parents.len(), class.info.key).cmp(&(info.parents.len(), info.key));
        let first = self.classes.partition_point(|class| order(class).is_lt());
        self.classes[first..]
            .iter()
            .take_while(|class| order(class).is_eq())
            .find(|class| std::ptr::eq(class.info, info))
    }
}

/// The registry of this program, made at the first call.
///
/// # Errors
///
/// Two things of one name, or a class without its base, with both places.
pub fn registry() -> Result<&'static Registry, &'static Error> {
    static REGISTRY: OnceLock<Result<Registry, Error>> = OnceLock::new();
    REGISTRY.get_or_init(|| freeze(inventory::iter::<Entry>.into_iter())).as_ref()
}

/// The same, with an error of the caller's own.
pub(crate) fn registered() -> Result<&'static Registry, Error> {
    registry().map_err(|error| Error::type_error(error.to_string()))
}

/// Types that are there without being submitted.
fn builtin() -> [&'static TypeInfo; 6] {
    [Object::TYPE, &ARRAY, &LIST, &MAP, &SET, &RUST_FUNCTION]
}

/// Checks what was submitted, and sorts it.
///
/// # Errors
///
/// Two things of one name, or a class without its base, with both places.
pub fn freeze<'a>(entries: impl Iterator<Item = &'a Entry>) -> Result<Registry, Error> {
    let mut types = Vec::from(builtin());
    let mut constructors = Vec::new();
    let mut functions = Vec::new();
    let mut enums = Vec::new();
    let mut variants = Vec::new();
    let mut errors = Vec::new();
    let mut constants = Vec::new();
    for entry in entries.flat_map(Entry::each) {
        match *entry {
            Entry::Type(info) => types.push(info),
            Entry::Constructor(info, constructor, source) => constructors.push((info, constructor, source)),
            Entry::Function(function) => functions.push(function),
            Entry::Variant(of, name, info) => {
                types.push(info);
                variants.push((of, name, info));
            }
            Entry::Enum(info) => enums.push(info),
            Entry::Error(error) => errors.push(error),
            Entry::Constant(constant) => constants.push(constant),
            Entry::All(_) => unreachable!("it stands for what is in it"),
        }
    }
    // What reads alike is told apart by its place, so that errors do not depend on the linker either.
    sort(&mut enums, |e: &&EnumInfo| Key::new(0, [e.key], e.source));
    sort(&mut variants, |(_, _, t)| Key::new(0, [t.key], t.source));
    sort(&mut errors, |e: &&ErrorType| Key::new(e.depth(), [e.key], e.source));
    sort(&mut types, |t| Key::new(t.parents.len(), [t.key], t.source));
    sort(&mut constructors, |(t, _, source)| Key::new(0, [t.key], *source));
    sort(&mut functions, |f: &&FunctionInfo| {
        // Those of the module come first.
        let owner = f.owner.map_or("", |(t, _)| t.key);
        let kind = f.owner.map_or(0, |(_, kind)| kind as usize);
        Key { last: kind, ..Key::new(usize::from(f.owner.is_some()), [owner, f.name], f.source) }
    });
    sort(&mut constants, |c: &&ConstantInfo| Key::new(0, [c.owner.key, c.name], c.source));

    let mut places = HashMap::new();
    for info in &types {
        let is_there = |base: &&TypeInfo| {
            let before = |t: &&TypeInfo| (t.parents.len(), t.key) < (base.parents.len(), base.key);
            types[types.partition_point(before)..]
                .iter()
                .take_while(|t| t.key == base.key)
                .any(|t| std::ptr::eq(*t, *base))
        };
        if let Some(base) = info.parents.iter().find(|base| !is_there(base)) {
            return Err(Error::type_error(format!(
                "class '{}', at {}, extends '{}', at {}, which was not submitted",
                info.name, info.source, base.name, base.source
            )));
        }
        let name = format!("{}.{}", info.module.unwrap_or(""), info.name);
        unique(&mut places, name, format_args!("class '{}'", info.name), info.source)?;
    }
    if let Some((of, _, source)) = constructors.iter().find(|(t, ..)| variants.iter().any(|v| std::ptr::eq(v.0, *t))) {
        return Err(Error::type_error(format!(
            "'{}' is made by its variants, and cannot have a constructor, as at {source}: make it a static method",
            of.name
        )));
    }
    for info in &enums {
        let name = format!("{}.{}", info.module.unwrap_or(""), info.name);
        unique(&mut places, name, format_args!("class '{}'", info.name), info.source)?;
    }
    for error in &errors {
        let name = format!("{}.{}", error.module.unwrap_or(""), error.class.name);
        unique(&mut places, name, format_args!("class '{}'", error.class.name), error.source)?;
    }
    mark_traced(&types);
    let class = |info: &&'static TypeInfo| class(info, &constructors, &functions, &constants);
    let classes = types.iter().map(class).collect::<Result<_, _>>()?;
    functions.retain(|f| f.owner.is_none());
    for function in &functions {
        let name = format!(".{}", function.name);
        unique(&mut places, name, format_args!("function '{}'", function.name), function.source)?;
    }
    Ok(Registry { classes, functions, variants, enums, errors })
}

/// What entries are sorted by, of all kinds alike. What reads alike is told apart by its place, so that errors do not depend
/// on the linker either.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    first: usize,
    names: [&'static str; 2],
    place: (&'static str, u32),
    last: usize,
}

impl Key {
    fn new<const N: usize>(first: usize, given: [&'static str; N], source: Source) -> Self {
        let mut names = [""; 2];
        names[..N].copy_from_slice(&given);
        Self { first, names, place: (source.file, source.line), last: 0 }
    }
}

/// Sorts entries of any kind. Only keys are moved about, so that the code is there once.
fn sort<T: Copy>(items: &mut Vec<T>, key: impl FnMut(&T) -> Key) {
    let mut keys: Vec<_> = items.iter().map(key).zip(0_usize..).collect();
    keys.sort_unstable();
    *items = keys.into_iter().map(|(_, place)| items[place]).collect();
}

/// Marks the types that may lead to values of the frontend's language: through their own fields, or those of objects that
/// these may hold. All that extend one root are marked or none, so that a field of a base type need not know.
fn mark_traced(types: &[&'static TypeInfo]) {
    /// The type below `Object` that a type extends, or the type itself.
    fn root(info: &'static TypeInfo) -> &'static TypeInfo {
        info.parents.get(1).copied().unwrap_or(info)
    }
    // By key, as the types of each depth are.
    let mut roots: Vec<(&str, Reach, Vec<&'static TypeInfo>)> = Vec::new();
    for info in types {
        let key = root(info).key;
        let place = roots.partition_point(|(there, ..)| *there < key);
        if roots.get(place).is_none_or(|(there, ..)| *there != key) {
            roots.insert(place, (key, Reach::default(), Vec::new()));
        }
        let (_, reach, family) = &mut roots[place];
        // What Python puts into an instance's own dict may be anything.
        reach.anything |= info.trace.is_some() || info.options.has_dict();
        info.fields.iter().for_each(|field| field.reach(reach));
        family.push(info);
    }
    loop {
        let leads = |(_, reach, family): &&(&str, Reach, Vec<&'static TypeInfo>)| {
            !family.iter().any(|info| info.is_traced())
                && (reach.anything || reach.types.iter().any(|info| info.is_traced()))
        };
        let Some((.., family)) = roots.iter().find(leads) else { return };
        family.iter().for_each(|info| info.cell.set_traced());
    }
}

fn class(
    info: &'static TypeInfo,
    constructors: &[(&'static TypeInfo, &'static Constructor, Source)],
    functions: &[&'static FunctionInfo],
    constants: &[&'static ConstantInfo],
) -> Result<Class, Error> {
    let mut constructor = info.constructor();
    let mut places = HashMap::new();
    for (_, own, source) in constructors.iter().filter(|(t, ..)| std::ptr::eq(*t, info)) {
        unique(&mut places, "new".into(), format_args!("constructor of '{}'", info.name), *source)?;
        constructor = Some(own);
    }
    let mut places: HashMap<_, _> = info.fields.iter().map(|f| (f.name.to_owned(), info.source)).collect();
    places.extend(info.options.special_methods().map(|name| (name.to_owned(), info.source)));
    let mut own = Vec::new();
    for function in functions {
        let Some((owner, kind)) = function.owner else { continue };
        if !std::ptr::eq(owner, info) {
            continue;
        }
        // A getter, a setter and a deleter share the name of their attribute.
        let name = match kind {
            MethodKind::Setter => format!("{} (setter)", function.name),
            MethodKind::Deleter => format!("{} (deleter)", function.name),
            _ => function.name.to_owned(),
        };
        unique(&mut places, name, format_args!("attribute '{}' of '{}'", function.name, info.name), function.source)?;
        own.push(*function);
    }
    let constants: Vec<_> = constants.iter().copied().filter(|c| std::ptr::eq(c.owner, info)).collect();
    for constant in &constants {
        let what = format_args!("attribute '{}' of '{}'", constant.name, info.name);
        unique(&mut places, constant.name.to_owned(), what, constant.source)?;
    }
    Ok(Class { info, constructor, functions: own, constants })
}

fn unique(places: &mut HashMap<String, Source>, name: String, what: impl Display, source: Source) -> Result<(), Error> {
    match places.insert(name, source) {
        None => Ok(()),
        Some(first) => Err(Error::type_error(format!("{what} is defined twice, at {first} and at {source}"))),
    }
}
