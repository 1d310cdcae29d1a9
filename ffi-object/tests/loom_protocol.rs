//! Models of the ownership protocol: loom runs each with every interleaving, and every value that a weak memory may show.
//!
//! The numbers in the models' docs are those of the invariants in `state`. `loom_world` is the language side. Run with
//!
//! ```sh
//! RUSTFLAGS="--cfg loom" cargo test --release --test loom_protocol
//! ```
#![cfg(loom)]

mod loom_world;

use ffi_object::state::{Look, Upgrade};
use loom_world::{Setting, World};

fn model(run: impl Fn(Setting) + Send + Sync + Copy + 'static) {
    check(true, 4, run);
    check(false, 4, run);
}

/// For what no wrapper has a part in: one kind of interpreter stands for both.
fn rust_model(run: impl Fn(Setting) + Send + Sync + Copy + 'static) {
    check(false, 4, run);
}

fn check(gil: bool, preemptions: u8, run: impl Fn(Setting) + Send + Sync + Copy + 'static) {
    for swap in [false, true] {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(preemptions.into());
        builder.check(move || run(Setting { gil, swap }));
    }
}

// Owners.

fn clone_and_drop(world: &World) {
    world.clone_owner();
    world.drop_owner(None);
    world.drop_owner(None);
}

fn drop_last(world: &World) {
    world.drop_owner(None);
}

/// Uses the wrapper to become an owner, lets the wrapper go, and then the owner.
fn gain_and_drop(world: &World) {
    let attached = world.attach();
    world.gain(&attached, world.wrapper(0));
    world.decref(&attached, world.wrapper(0));
    drop(attached);
    world.drop_owner(None);
}

/// Wraps, and lets the owner go but not the wrapper, whose index is the result.
fn wrap_and_keep(world: &World, new: usize) -> usize {
    let attached = world.attach();
    let wrapper = world.wrap(&attached, new);
    world.drop_owner(Some(&attached));
    world.index_of(wrapper)
}

fn let_wrapper_go(world: &World, index: usize) {
    world.value.look();
    world.decref(&world.attach(), world.wrapper(index));
}

/// Invariant 1: while anyone counts the object lives; the last one destroys it, once, after all uses by others.
#[test]
fn clone_and_drop_against_clone_and_drop() {
    rust_model(|setting| {
        let world = World::bare(setting, 2, 0);
        world.race(clone_and_drop, clone_and_drop);
        world.finish();
    });
}

/// Invariant 1, with three who drop at once.
#[test]
fn three_drops() {
    rust_model(|setting| {
        let world = World::bare(setting, 3, 0);
        world.race_3(drop_last, drop_last, drop_last);
        world.finish();
    });
}

// Wrapping.

/// Invariants 3 and 5: one wrapper wins and is seen whole, the other is discarded, one pin is taken and given back.
#[test]
fn wrap_against_wrap() {
    model(|setting| {
        let world = World::bare(setting, 2, 0);
        let (a, b) = world.race(|world| wrap_and_keep(world, 0), |world| wrap_and_keep(world, 1));
        assert_eq!(a, b);
        let_wrapper_go(&world, a);
        let_wrapper_go(&world, b);
        world.finish();
    });
}

/// Invariants 2, 3 and 5: whoever drops the last owner knows whether there is a wrapper, also if another made it.
#[test]
fn clone_and_drop_against_wrap() {
    model(|setting| {
        let world = World::bare(setting, 2, 0);
        world.race(clone_and_drop, |world| wrap_and_keep(world, 0));
        let_wrapper_go(&world, 0);
        world.finish();
    });
}

/// Invariant 2: the word of the last owner's dropper is not taken for the same when an owner came, wrapped and went.
#[test]
fn drop_against_upgrade_and_wrap() {
    model(|setting| {
        let world = World::bare(setting, 1, 1);
        let ((), wrapper) = world.race(drop_last, |world| {
            let gained = world.upgrade(Some(&world.attach()));
            gained.then(|| wrap_and_keep(world, 0))
        });
        if let Some(wrapper) = wrapper {
            let_wrapper_go(&world, wrapper);
        }
        world.drop_weak();
        world.finish();
    });
}

// Pins.

/// Invariant 3: the wrapper dies once neither side refers to the object, in whatever order they let go.
#[test]
fn last_owner_against_last_reference() {
    model(|setting| {
        let world = World::shared(setting, 1);
        world.race(drop_last, |world| let_wrapper_go(world, 0));
        world.finish();
    });
}

/// Invariants 3 and 4: two pins may be on their way, the one that goes and the one that comes, but never none.
#[test]
fn last_owner_against_gain() {
    model(|setting| {
        let world = World::shared(setting, 1);
        world.race(drop_last, gain_and_drop);
        world.finish();
    });
}

/// Invariants 3 and 4: of two who gain the first owner, one gives the pin, and the other's reference is spare.
#[test]
fn gain_against_gain() {
    model(|setting| {
        let world = World::python(setting, 2, 0);
        world.race(gain_and_drop, gain_and_drop);
        world.finish();
    });
}

/// Invariants 3 and 4: the same for a weak reference that takes the wrapper, and a third thread that lets it go.
#[test]
fn gain_against_upgrade_and_last_reference() {
    for gil in [true, false] {
        check(gil, 2, |setting| {
            let world = World::python(setting, 2, 1);
            world.race_3(gain_and_drop, upgrade_and_drop, |world| world.decref(&world.attach(), world.wrapper(0)));
            world.finish();
        });
    }
}

// Weak references.

/// Upgrades while attached, and lets everything go.
fn upgrade_and_drop(world: &World) {
    let attached = world.attach();
    let gained = world.upgrade(Some(&attached));
    drop(attached);
    if gained {
        world.drop_owner(None);
    }
    world.drop_weak();
}

/// Invariants 1, 6 and 7: an upgrade gives an owner or finds the object dead; memory is freed once, by the last.
#[test]
fn upgrade_against_death_of_a_bare_object() {
    rust_model(|setting| {
        let world = World::bare(setting, 1, 1);
        world.race(drop_last, |world| {
            if world.upgrade(None) {
                world.drop_owner(None);
            }
            world.drop_weak();
        });
        world.finish();
    });
}

/// Invariants 4, 6 and 7: an upgrade takes the wrapper while its count is above 0, or not at all.
#[test]
fn upgrade_against_death_of_the_wrapper() {
    model(|setting| {
        let world = World::python(setting, 1, 1);
        world.race(|world| world.decref(&world.attach(), world.wrapper(0)), upgrade_and_drop);
        world.finish();
    });
}

/// Invariants 3 and 5: an object that never was without an owner or a wrapper is never found dead.
#[test]
fn upgrade_against_wrap_and_drop() {
    model(|setting| {
        let world = World::bare(setting, 1, 1);
        world.race(
            |world| wrap_and_keep(world, 0),
            |world| {
                let attached = world.attach();
                let upgrade = world.header().upgrade();
                assert_ne!(upgrade, Upgrade::Dead);
                if upgrade == Upgrade::Gained {
                    world.drop_owner(Some(&attached));
                }
                world.drop_weak();
            },
        );
        let_wrapper_go(&world, 0);
        world.finish();
    });
}

/// Invariant 6: of the destruction and three weak references, the last frees the memory, after all uses of the header.
#[test]
fn weak_references_against_destruction() {
    rust_model(|setting| {
        let world = World::bare(setting, 1, 2);
        let clone_weak = |world: &World| {
            world.clone_weak();
            world.drop_weak();
            world.drop_weak();
        };
        world.race_3(drop_last, clone_weak, World::drop_weak);
        world.finish();
    });
}

// Exclusive access.

fn change_if_exclusive(world: &World) {
    if world.header().is_exclusive() {
        world.value.change();
    }
    world.drop_owner(None);
}

/// Invariants 1 and 6: no one else has a way to the object while `is_exclusive` says so, nor uses still under way.
#[test]
fn exclusive_against_downgrade_and_upgrade() {
    rust_model(|setting| {
        let world = World::bare(setting, 2, 0);
        world.race(change_if_exclusive, |world| {
            world.clone_weak();
            world.drop_owner(None);
            let gained = world.upgrade(None);
            world.drop_weak();
            if gained {
                world.drop_owner(None);
            }
        });
        world.finish();
    });
}

/// Invariant 6: a weak reference that was made while `is_exclusive` looked finds what its owner then changed.
#[test]
fn exclusive_against_upgrade() {
    rust_model(|setting| {
        let world = World::bare(setting, 1, 1);
        world.race(change_if_exclusive, |world| {
            let gained = world.upgrade(None);
            world.drop_weak();
            if gained {
                world.clone_weak();
                world.drop_owner(None);
                world.drop_weak();
            }
        });
        world.finish();
    });
}

/// Invariants 1 and 5: a wrapper keeps others from exclusive access, also when its maker is gone.
#[test]
fn exclusive_against_wrap() {
    model(|setting| {
        let world = World::bare(setting, 2, 0);
        world.race(change_if_exclusive, |world| {
            let wrapper = wrap_and_keep(world, 0);
            // What the wrapper's user does with the object comes before it goes.
            let_wrapper_go(world, wrapper);
        });
        world.finish();
    });
}

// Moves.

/// Moves the object out, and lets wrapper and owner go. False: another mover was first.
fn move_and_drop(world: &World) -> bool {
    let attached = world.attach();
    let moved = world.move_out(&attached, world.wrapper(0));
    if moved {
        world.drop_owner(Some(&attached));
    }
    world.decref(&attached, world.wrapper(0));
    moved
}

/// Invariants 2, 3 and 5: whoever drops the last other owner gives the pin back, or the mover does, but not both.
#[test]
fn move_against_last_other_owner() {
    model(|setting| {
        let world = World::shared(setting, 1);
        assert!(world.race(drop_last, move_and_drop).1);
        world.finish();
    });
}

/// Invariants 2 to 4: a wrapper that was moved from still keeps the object, so whoever has it may still gain.
#[test]
fn move_against_gain() {
    model(|setting| {
        let world = World::python(setting, 2, 0);
        assert!(world.race(gain_and_drop, move_and_drop).1);
        world.finish();
    });
}

/// Invariant 5: of two movers one wins.
#[test]
fn move_against_move() {
    model(|setting| {
        let world = World::python(setting, 2, 0);
        let (a, b) = world.race(move_and_drop, move_and_drop);
        assert_ne!(a, b);
        world.finish();
    });
}

/// Invariants 3 and 5: another owner's wrap gives the wrapper before the move, or makes one after it.
#[test]
fn move_against_wrap() {
    model(|setting| {
        let world = World::shared(setting, 1);
        let wrap = |world: &World| {
            let attached = world.attach();
            let wrapper = world.wrap_locked(&attached, 1);
            world.drop_owner(Some(&attached));
            world.decref(&attached, wrapper);
        };
        assert!(world.race(wrap, move_and_drop).1);
        world.finish();
    });
}

/// Why a frontend without a GIL needs a lock for moves: the look at the slot and the increment are two steps, and only
/// an owner's pin, which a move gives back, keeps the wrapper in between.
#[test]
#[should_panic(expected = "Causality violation")]
fn move_against_wrap_needs_the_lock() {
    rust_model(|setting| {
        let world = World::shared(setting, 1);
        world.race(
            |world| {
                let wrapper = wrap_and_keep(world, 1);
                let_wrapper_go(world, wrapper);
            },
            move_and_drop,
        );
        world.finish();
    });
}

/// Invariants 2, 4 and 5: an upgrade that finds no wrapper any more, as the object was moved out of it, finds an owner.
#[test]
fn move_against_upgrade() {
    model(|setting| {
        let world = World::python(setting, 1, 1);
        world.race(
            |world| {
                let attached = world.attach();
                assert!(world.upgrade(Some(&attached)), "the object lived all the time");
                world.drop_owner(Some(&attached));
                world.drop_weak();
            },
            |world| {
                let attached = world.attach();
                assert!(world.move_out(&attached, world.wrapper(0)));
                world.decref(&attached, world.wrapper(0));
            },
        );
        world.drop_owner(None);
        world.finish();
    });
}

// An iterator that has seen a wrapper ahead, and holds no reference on it.

/// Detaches between the look and the use.
fn look_ahead_and_take(world: &World) {
    let seen = world.look_ahead(&world.attach());
    let attached = world.attach();
    if let Some(wrapper) = seen.and_then(|seen| world.take_ahead(&attached, seen)) {
        assert!(world.header().wrapper().is_some(), "taken off");
        world.value.look();
        world.decref(&attached, wrapper);
    }
}

fn take_and_drop(world: &World) {
    world.take_from_cell();
    world.drop_owner(None);
}

/// Invariant 3: as long as no change is counted the wrapper is pinned, also if a change comes between the look at the count
/// and the increment.
#[test]
fn look_ahead_against_a_change() {
    check(true, 4, |setting| {
        let world = World::shared(setting, 0);
        world.put_into_cell();
        world.race(look_ahead_and_take, take_and_drop);
        world.finish();
    });
}

/// What gives the pin back must wait for who is attached.
#[test]
#[should_panic(expected = "Causality violation")]
fn look_ahead_against_a_change_needs_a_gil() {
    check(false, 4, |setting| {
        let world = World::shared(setting, 0);
        world.put_into_cell();
        world.race(look_ahead_and_take, take_and_drop);
        world.finish();
    });
}

/// Invariant 5: as long as no wrapper was taken off, what was seen is the canonical one.
#[test]
fn look_ahead_against_move() {
    check(true, 4, |setting| {
        let world = World::shared(setting, 1);
        world.put_into_cell();
        world.race(look_ahead_and_take, move_and_drop);
        take_and_drop(&world);
        world.finish();
    });
}

// The collector of cycles. It runs while no other thread is attached, but detached ones go on.

/// A field's owner goes while the collector sees through the object: whoever has the last one destroys it, and the
/// collector never does so itself.
#[test]
fn collect_against_drop() {
    rust_model(|setting| {
        let world = World::bare(setting, 1, 0);
        world.put_into_cell();
        let (late, ()) = world.race(World::collect, |world| {
            world.take_from_cell();
            world.drop_owner(None);
        });
        if late {
            world.drop_owner(None);
        }
        world.finish();
    });
}

/// The same with an owner more for a while: the collector sees through the object or leaves it alone.
#[test]
fn collect_against_clone_and_drop() {
    rust_model(|setting| {
        let world = World::bare(setting, 1, 0);
        world.put_into_cell();
        let (late, ()) = world.race(World::collect, |world| {
            world.take_from_cell();
            clone_and_drop(world);
        });
        if late {
            world.drop_owner(None);
        }
        world.finish();
    });
}

/// Invariant 3: the pin that the collector is told of is there while the owner is in its field.
#[test]
fn collect_against_drop_of_wrapped() {
    check(true, 4, |setting| {
        let world = World::shared(setting, 0);
        world.put_into_cell();
        world.race(
            |world| {
                let _attached = world.attach();
                assert!(!world.collect(), "no owner of its own");
            },
            |world| {
                world.take_from_cell();
                world.drop_owner(None);
            },
        );
        world.finish();
    });
}

/// A weak reference may become an owner on another thread, so the collector leaves the object alone.
#[test]
fn collect_against_upgrade() {
    rust_model(|setting| {
        let world = World::bare(setting, 1, 1);
        world.put_into_cell();
        assert_eq!(world.header().look(true), Look::Nothing);
        let (late, ()) = world.race(World::collect, |world| {
            assert!(world.upgrade(None), "the owner in the cell stays");
            world.drop_owner(None);
            world.drop_weak();
        });
        assert!(!late);
        world.take_from_cell();
        world.drop_owner(None);
        world.finish();
    });
}
