//! Annotated structs in a plain Rust program: objects are made, shared among threads, looked at by name and dropped,
//! with no Python in the dependency tree or on the machine.
#![forbid(unsafe_code)]

use std::thread;

use ffi_object::{live_objects, registry, FfiObject, List, Map, Mut, Obj, WeakObj};

/// A part of a machine.
#[derive(FfiObject)]
struct Part {
    name: String,
    grams: Mut<u32>,
    whole: Mut<WeakObj<Machine>>,
}

/// A machine made of parts.
#[derive(FfiObject)]
struct Machine {
    parts: Obj<List<Obj<Part>>>,
    notes: Obj<Map<String, String>>,
}

impl Machine {
    fn grams(&self) -> u32 {
        self.parts.iter().map(|part| part.grams.get()).sum()
    }
}

fn main() {
    let machine = Obj::new(Machine { parts: Obj::default(), notes: Obj::default() });
    let makers: Vec<_> = ["frame", "motor", "wheel"]
        .into_iter()
        .map(|name| {
            let machine = machine.clone();
            thread::spawn(move || {
                let whole = Mut::new(machine.downgrade());
                machine.parts.push(Obj::new(Part { name: name.into(), grams: Mut::new(100), whole }));
            })
        })
        .collect();
    for maker in makers {
        maker.join().expect("a maker does not panic");
    }
    machine.notes.insert("made by".into(), "three threads".into());
    machine.parts.iter().for_each(|part| part.grams.with(|grams| *grams += 11));
    println!("{} parts, {} g, {:?}", machine.parts.len(), machine.grams(), machine.notes.iter().next());

    let part = machine.parts.get(0).expect("there are three");
    println!("{:?} belongs to {:?}", part.name, part.whole.get().upgrade().map(|whole| whole.type_info().name));

    let types: Vec<_> =
        registry().expect("no name is used twice").classes.iter().map(|class| class.info.name).collect();
    println!("registered: {}", types.join(", "));

    drop(machine);
    assert!(part.whole.get().upgrade().is_none(), "a part does not keep its machine");
    assert_eq!(live_objects(Part::TYPE), 1, "the one that is still owned here");
}
