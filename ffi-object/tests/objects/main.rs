//! Objects without any frontend: owners, weak references, cells, containers, values.
//!
//! The types are described by hand, so that these tests need no macro to be right.
#![cfg(not(loom))]

mod any;
mod arrays;
mod cells;
mod census;
mod container_changes;
mod containers;
mod destruction;
mod errors;
mod layout;
mod ordered_map;
mod owners;
mod rust_functions;
mod sets;
mod support;
mod threads;
mod weak;
