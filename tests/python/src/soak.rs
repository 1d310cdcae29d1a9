//! The Rust half of `tests/python/soak.py`: threads that never saw Python and turn a shared graph over.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ffi_object::{ffi_function, FfiObject, List, Map, Mut, Obj, WeakObj};

/// A knot owns knots of the level below its own only, so that there are neither cycles nor long chains: what no one refers
/// to goes at once, and the graph's size stays about what it is.
#[derive(FfiObject)]
pub(crate) struct Knot {
    level: i64,
    #[ffi(default)]
    tag: Mut<i64>,
    #[ffi(default)]
    next: Mut<Option<Obj<Knot>>>,
    #[ffi(default)]
    seen: Mut<WeakObj<Knot>>,
    #[ffi(default)]
    list: Obj<List<Obj<Knot>>>,
    #[ffi(default)]
    map: Obj<Map<i64, Obj<Knot>>>,
}

/// How many elements a knot's containers have at most.
const ROOM: usize = 3;

/// Levels of knots: the place of a knot in the graph says its level.
const LEVELS: usize = 3;

impl Knot {
    fn new(level: usize, tag: i64) -> Obj<Self> {
        Obj::new(Self {
            level: level as i64,
            tag: Mut::new(tag),
            next: Mut::default(),
            seen: Mut::default(),
            list: Obj::default(),
            map: Obj::default(),
        })
    }
}

/// The numbers that a thread draws.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// One change to the graph, or one look at it.
fn turn(graph: &List<Obj<Knot>>, draw: &mut Draw) {
    let place = draw.below(graph.len());
    let Some(knot) = graph.get(place) else { return };
    let below = || graph.get((place / LEVELS * LEVELS) + (place % LEVELS).checked_sub(1)?);
    match draw.below(10) {
        0 => {
            let new = Knot::new(place % LEVELS, draw.below(1 << 20) as i64);
            new.seen.set(knot.downgrade());
            // What comes out, and what it alone owned, is dropped here.
            drop(graph.replace(place, new));
        }
        1 => knot.next.set(below()),
        2 => knot.next.set(None),
        3 => {
            if let Some(below) = below() {
                knot.list.push(below);
                knot.list
                    .with(|items| items.len().checked_sub(ROOM).map(|extra| items.drain(..extra).collect::<Vec<_>>()));
            }
        }
        4 => drop(knot.list.pop()),
        5 => {
            if let Some(below) = below() {
                drop(knot.map.insert(draw.below(ROOM) as i64, below));
            }
        }
        6 => drop(knot.map.remove(&(draw.below(ROOM) as i64))),
        7 => {
            if let Some(seen) = knot.seen.get().upgrade() {
                seen.tag.with(|tag| *tag ^= 1);
            }
        }
        8 => knot.seen.set(graph.get(draw.below(graph.len())).map(|knot| knot.downgrade()).unwrap_or_default()),
        _ => {
            let owners: Vec<_> = (0..8).map(|_| knot.clone()).collect();
            assert!(owners.iter().all(|owner| owner.level == knot.level));
        }
    }
}

static RUNNING: AtomicBool = AtomicBool::new(false);
static THREADS: Mutex<Vec<JoinHandle<u64>>> = Mutex::new(Vec::new());

/// A graph of some knots, which stand in the places of a list.
#[ffi_function]
fn soak_graph(places: usize) -> List<Obj<Knot>> {
    (0..places).map(|place| Knot::new(place % LEVELS, 0)).collect()
}

/// Starts threads that turn the graph over until they are stopped.
#[ffi_function]
fn start_soak(graph: Obj<List<Obj<Knot>>>, threads: usize) {
    RUNNING.store(true, Ordering::SeqCst);
    let run = |seed: usize| {
        let graph = graph.clone();
        thread::spawn(move || {
            let (mut draw, mut turns) = (Draw(seed as u64 + 1), 0);
            while RUNNING.load(Ordering::Relaxed) {
                turn(&graph, &mut draw);
                turns += 1;
                if turns % 1024 == 0 {
                    // So that the threads that need the interpreter get on too, on a small machine.
                    thread::sleep(Duration::from_millis(1));
                }
            }
            turns
        })
    };
    *THREADS.lock().unwrap() = (0..threads).map(run).collect();
}

/// Stops them and says how many turns they made.
#[ffi_function]
fn stop_soak() -> u64 {
    RUNNING.store(false, Ordering::SeqCst);
    let threads = std::mem::take(&mut *THREADS.lock().unwrap());
    threads.into_iter().map(|thread| thread.join().expect("a turn does not panic")).sum()
}
