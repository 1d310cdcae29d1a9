//! The registry: whatever is submitted, in whatever order, it does not panic, its result does not depend on the order, and
//! it accepts what has no name twice and no base missing.

use std::collections::HashSet;
use std::ptr::NonNull;
use std::sync::OnceLock;

use arbitrary::{Arbitrary, Unstructured};
use ffi_object::__private::{
    freeze, ByFields, Constructor, Entry, FunctionInfo, Memory, MethodKind, Signature, Source, TypeCell, TypeInfo,
    TypeOptions,
};
use ffi_object::{Error, FfiObject, Object, Registry};

use crate::given::Thing;

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
        let constructor = class.constructor.map(|constructor| std::ptr::from_ref(constructor).addr());
        format!("{} {:p} {constructor:?} {functions:?}", class.info.key, class.info)
    };
    let functions = registry.functions.iter().map(|f| format!("{} {}", f.name, f.source));
    Ok(registry.classes.iter().map(class).chain(functions).collect())
}

/// What the documentation says of a valid program, in other words than the registry's.
fn is_valid(entries: &[&Entry]) -> bool {
    let mut names = HashSet::new();
    let mut attributes = HashSet::new();
    let mut constructors = HashSet::new();
    let submitted: HashSet<_> =
        entries.iter().filter_map(|e| if let Entry::Type(t) = e { Some(t.key) } else { None }).collect();
    names.extend([(None, "Object"), (None, "List"), (None, "Map")]);
    entries.iter().all(|entry| match entry {
        Entry::Type(info) => {
            let bases = info.parents.iter().all(|base| base.key == Object::TYPE.key || submitted.contains(base.key));
            bases && names.insert((info.module, info.name))
        }
        Entry::Constructor(info, ..) => !submitted.contains(info.key) || constructors.insert(info.key),
        Entry::Function(function) => match function.owner {
            None => names.insert((None, function.name)),
            Some((owner, _)) if !submitted.contains(owner.key) => true,
            Some((owner, kind)) => attributes.insert((owner.key, function.name, kind == MethodKind::Setter)),
        },
        _ => true,
    })
}

/// All that was submitted is there, bases first.
fn complete(registry: &Registry, entries: &[&Entry]) {
    let types = entries.iter().filter(|entry| matches!(entry, Entry::Type(_))).count();
    assert_eq!(registry.classes.len(), 3 + types);
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

fn a_constructor() -> &'static Constructor {
    let signature = Signature::new("new", &[]);
    Box::leak(Box::new(Constructor::new::<Thing, ByFields>(signature, "")))
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
