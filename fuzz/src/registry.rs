//! The registry: whatever is submitted, in whatever order, it does not panic, its result does not depend on the order, and
//! it accepts what has no name twice and no base missing.

use std::collections::HashSet;
use std::ptr::NonNull;
use std::sync::OnceLock;

use arbitrary::{Arbitrary, Unstructured};
use ffi_object::__private::{
    freeze, Arguments, Build, ConstantInfo, Constructor, Entry, EnumCell, EnumInfo, ErrorBase, ErrorClass, ErrorType,
    FunctionInfo, Memory, MethodKind, Signature, Source, TypeCell, TypeInfo, TypeOptions,
};
use ffi_object::{Error, FfiError, FfiObject, Object, Registry};

use crate::given::Thing;

/// The classes that are there without being submitted.
const BUILTIN: [&str; 6] = ["Object", "Array", "List", "Map", "Set", "RustFunction"];

/// Which entries of the pool are submitted, and in which two orders.
#[derive(Debug)]
pub struct Input {
    chosen: Vec<usize>,
    shuffled: Vec<usize>,
}

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(input: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let len = input.int_in_range(0..=24)?;
        // The pool is large; to have a valid set at all, most of what is chosen is new.
        let chosen = (0..len).map(|_| input.choose_index(pool().len())).collect::<Result<Vec<_>, _>>()?;
        let mut shuffled = chosen.clone();
        for place in (1..len).rev() {
            shuffled.swap(place, input.int_in_range(0..=place)?);
        }
        Ok(Self { chosen, shuffled })
    }
}

/// All properties of the registry.
pub fn check(Input { chosen, shuffled }: Input) {
    let one = freeze(chosen.iter().map(|&place| &pool()[place]));
    let other = freeze(shuffled.iter().map(|&place| &pool()[place]));
    assert_eq!(described(&one), described(&other));
    let entries: Vec<_> = chosen.iter().map(|&place| &pool()[place]).collect();
    assert_eq!(one.is_ok(), is_valid(&entries), "{:?} of {entries:#?}", one.as_ref().err());
    if let Ok(registry) = one {
        complete(&registry, &entries);
    }
}

fn described(result: &Result<Registry, Error>) -> Result<Vec<String>, String> {
    let registry = result.as_ref().map_err(ToString::to_string)?;
    let class = |class: &ffi_object::Class| {
        let functions: Vec<_> = class.functions.iter().map(|f| (f.name, f.source, f.owner.map(|o| o.1))).collect();
        let constants: Vec<_> = class.constants.iter().map(|c| (c.name, c.source)).collect();
        let constructor = class.constructor.map(|constructor| std::ptr::from_ref(constructor).addr());
        format!("{} {:p} {constructor:?} {functions:?} {constants:?}", class.info.key, class.info)
    };
    let classes = registry.classes.iter().map(class);
    let functions = registry.functions.iter().map(|f| format!("{} {}", f.name, f.source));
    let variants = registry.variants.iter().map(|(of, name, info)| format!("{:p} {name} {:p}", *of, *info));
    let enums = registry.enums.iter().map(|info| format!("{:p}", *info));
    let errors = registry.errors.iter().map(|error| format!("{:p}", *error));
    Ok(classes.chain(functions).chain(variants).chain(enums).chain(errors).collect())
}

/// What the documentation says of a valid program, in other words than the registry's.
fn is_valid(entries: &[&Entry]) -> bool {
    let mut names = HashSet::new();
    let mut attributes = HashSet::new();
    let mut constructors = HashSet::new();
    let entries: Vec<_> = entries.iter().flat_map(|entry| entry.each()).collect();
    let submitted: HashSet<_> = entries.iter().filter_map(|entry| submitted_type(entry)).map(|t| t.key).collect();
    let made_by_variants =
        |info: &TypeInfo| entries.iter().any(|entry| matches!(entry, Entry::Variant(of, ..) if of.key == info.key));
    names.extend(BUILTIN.map(|name| (None, name)));
    entries.iter().all(|entry| match entry {
        Entry::Type(info) | Entry::Variant(_, _, info) => {
            let bases = info.parents.iter().all(|base| base.key == Object::TYPE.key || submitted.contains(base.key));
            bases && names.insert((info.module, info.name))
        }
        Entry::Constructor(info, ..) if made_by_variants(info) => false,
        Entry::Constructor(info, ..) => !submitted.contains(info.key) || constructors.insert(info.key),
        Entry::Enum(info) => names.insert((info.module, info.name)),
        Entry::Error(error) => names.insert((error.module, error.class.name)),
        Entry::Constant(constant) => {
            !submitted.contains(constant.owner.key) || attributes.insert((constant.owner.key, constant.name, false))
        }
        Entry::Function(function) => match function.owner {
            None => names.insert((None, function.name)),
            Some((owner, _)) if !submitted.contains(owner.key) => true,
            Some((owner, kind)) => attributes.insert((owner.key, function.name, kind == MethodKind::Setter)),
        },
        _ => unreachable!("the pool has no more kinds"),
    })
}

fn submitted_type(entry: &Entry) -> Option<&'static TypeInfo> {
    match entry {
        Entry::Type(info) | Entry::Variant(_, _, info) => Some(info),
        _ => None,
    }
}

/// All that was submitted is there, bases first.
fn complete(registry: &Registry, entries: &[&Entry]) {
    let entries: Vec<_> = entries.iter().flat_map(|entry| entry.each()).collect();
    let count = |is: fn(&Entry) -> bool| entries.iter().filter(|entry| is(entry)).count();
    assert_eq!(registry.classes.len(), BUILTIN.len() + count(|entry| submitted_type(entry).is_some()));
    assert_eq!(registry.variants.len(), count(|entry| matches!(entry, Entry::Variant(..))));
    assert_eq!(registry.enums.len(), count(|entry| matches!(entry, Entry::Enum(_))));
    assert_eq!(registry.errors.len(), count(|entry| matches!(entry, Entry::Error(_))));
    for (place, error) in registry.errors.iter().enumerate() {
        if let Some(ErrorBase::Error(base)) = error.class.base {
            assert!(!registry.errors[place..].iter().any(|after| std::ptr::eq(*after, base)));
        }
    }
    for (place, class) in registry.classes.iter().enumerate() {
        for base in class.info.parents {
            assert!(registry.classes[..place].iter().any(|before| std::ptr::eq(before.info, *base)));
        }
    }
}

/// The entries that sets are made of: made once, since descriptors live for good.
fn pool() -> &'static [Entry] {
    static POOL: OnceLock<Vec<Entry>> = OnceLock::new();
    POOL.get_or_init(|| {
        let mut pool = Vec::new();
        let mut types: Vec<&'static TypeInfo> = Vec::new();
        for number in 0..12_u32 {
            // Names meet, keys do not; every third type extends an earlier one.
            let base = if number % 3 == 2 { types[number as usize / 2] } else { Object::TYPE };
            let module = [None, Some("m"), None][number as usize % 3];
            types.push(a_type(number, base, module));
        }
        for &info in &types {
            pool.push(Entry::Type(info));
            for line in 1..3 {
                pool.push(Entry::Constructor(info, a_constructor(), Source { file: "new.rs", line }));
            }
        }
        for (number, &of) in types.iter().enumerate().filter(|(number, _)| number % 4 == 1) {
            for (place, name) in ["V", "W"].into_iter().enumerate() {
                let number = u32::try_from(100 + 2 * number + place).unwrap_or_default();
                pool.push(Entry::Variant(of, name, a_type(number, of, of.module)));
            }
        }
        let mut errors: Vec<&'static ErrorType> = Vec::new();
        for number in 0..6_u32 {
            pool.push(Entry::Enum(an_enum(number)));
            errors.push(an_error(number, errors.get(number as usize / 2).copied()));
        }
        pool.extend(errors.into_iter().map(Entry::Error));
        for (number, &owner) in types.iter().enumerate() {
            let line = u32::try_from(number).unwrap_or_default();
            pool.push(Entry::Constant(a_constant(owner, ["f", "C"][number % 2], line)));
        }
        let method = |info, name| Entry::Function(a_function(Some((info, MethodKind::Instance)), name, 50));
        pool.push(Entry::All(vec![method(types[0], "h"), method(types[0], "g")].leak()));
        // An enum with its variant, which must not have a constructor as well.
        for number in 200..204 {
            let sum = a_type(2 * number, Object::TYPE, Some("sums"));
            let variant = Entry::Variant(sum, "V", a_type(2 * number + 1, sum, Some("variants")));
            pool.push(Entry::All(vec![Entry::Type(sum), variant].leak()));
            pool.push(Entry::Constructor(sum, a_constructor(), Source { file: "sums.rs", line: number }));
        }
        let owners = types.iter().map(|info| Some(*info)).chain([None, None]);
        for (number, owner) in owners.enumerate() {
            for (name, kind) in [
                ("f", MethodKind::Instance),
                ("f", MethodKind::Getter),
                ("f", MethodKind::Setter),
                ("g", MethodKind::Static),
            ] {
                let line = u32::try_from(number).unwrap_or_default();
                pool.push(Entry::Function(a_function(owner.map(|owner| (owner, kind)), name, line)));
            }
        }
        pool
    })
}

fn a_type(number: u32, base: &'static TypeInfo, module: Option<&'static str>) -> &'static TypeInfo {
    let key: &'static str = format!("k{number}").leak();
    let parents: Vec<_> = base.parents.iter().copied().chain([base]).collect();
    Box::leak(Box::new(TypeInfo {
        key,
        name: ["A", "B", "C", "D", "E"][number as usize % 5],
        module,
        doc: "",
        source: Source { file: "types.rs", line: number },
        parents: parents.leak(),
        fields: &[],
        builder: None,
        trace: None,
        options: TypeOptions::NONE,
        cell: Box::leak(Box::new(TypeCell::new())),
        memory: Memory::of::<()>(),
    }))
}

/// Keys meet, as those of enums in two functions do, and so do names.
fn an_enum(number: u32) -> &'static EnumInfo {
    Box::leak(Box::new(EnumInfo {
        key: ["e0", "e1", "e2"][number as usize % 3],
        name: ["A", "F", "G", "H"][number as usize % 4],
        module: None,
        doc: "",
        source: Source { file: "enums.rs", line: number },
        int: false,
        members: &[],
        cell: EnumCell::new(),
    }))
}

/// What the descriptors of errors are made with.
#[derive(Debug, FfiError)]
struct Failure;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for Failure {}

fn an_error(number: u32, base: Option<&'static ErrorType>) -> &'static ErrorType {
    let class = ErrorClass {
        name: ["A", "I", "J", "K", "L"][number as usize % 5],
        doc: "",
        base: base.map(ErrorBase::Error),
        fields: &[],
    };
    let key = ["r0", "r1", "r2", "r3"][number as usize % 4];
    let source = Source { file: "errors.rs", line: number };
    Box::leak(Box::new(ErrorType::new::<Failure>(key, None, source, class, &[])))
}

fn a_constant(owner: &'static TypeInfo, name: &'static str, line: u32) -> &'static ConstantInfo {
    Box::leak(Box::new(ConstantInfo {
        owner,
        name,
        doc: "",
        source: Source { file: "constants.rs", line },
        type_name: || "None".into(),
        value: |_| Err(Error::type_error("not to be read")),
    }))
}

fn a_constructor() -> &'static Constructor {
    struct Never;
    impl Build<Thing> for Never {
        fn build(_: &Arguments<'_>) -> Result<Thing, Error> {
            Err(Error::type_error("not to be called"))
        }
    }
    let signature = Signature::new("new", &[]);
    Box::leak(Box::new(Constructor::new::<Thing, Never>(signature, "")))
}

fn a_function(owner: Option<(&'static TypeInfo, MethodKind)>, name: &'static str, line: u32) -> &'static FunctionInfo {
    unsafe extern "C" fn trampoline(_: *mut (), _: *const *mut (), _: isize, _: *mut ()) -> *mut () {
        NonNull::dangling().as_ptr()
    }
    Box::leak(Box::new(FunctionInfo {
        owner,
        name,
        doc: "",
        source: Source { file: "functions.rs", line },
        signature: Signature::new(name, &[]),
        result: || "None".into(),
        cached: false,
        trampoline,
        call: |_, _, _| Err(Error::type_error("not to be called")),
    }))
}
