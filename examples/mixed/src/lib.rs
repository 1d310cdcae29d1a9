//! One module of both: objects of ffi-object's, and PyO3's classes and functions that use them.
//!
//! The tracks and the library are objects, which Rust owns and Python edits in place. The player is a `#[pyclass]` that
//! holds them, since it needs what only PyO3 offers.
#![forbid(unsafe_code)]

mod calls;
mod errors;
mod long_work;
mod player;

use ffi_object::{ffi_methods, FfiObject, List, Mut, Obj};
use pyo3::prelude::*;

pub use calls::Picker;
pub use errors::{LibraryError, Locked};
pub use player::Player;

/// A piece of music.
#[derive(Debug, FfiObject)]
pub struct Track {
    /// Its title.
    pub title: Mut<String>,
    /// Its length in seconds.
    #[ffi(default)]
    pub seconds: Mut<f64>,
}

/// All there is to play.
#[derive(Debug, FfiObject)]
pub struct Library {
    #[ffi(default)]
    tracks: Obj<List<Obj<Track>>>,
}

impl Library {
    pub(crate) fn tracks(&self) -> &List<Obj<Track>> {
        &self.tracks
    }
}

#[ffi_methods]
impl Library {
    /// The track of this title.
    #[ffi(cached)]
    pub fn find(&self, title: &str) -> Result<Obj<Track>, LibraryError> {
        let found = self.tracks.iter().find(|track| track.title.with(|t| t == title));
        found.ok_or_else(|| LibraryError::NoTrack { title: title.to_owned(), of: self.tracks.len() })
    }
}

/// PyO3's functions take and give objects as any other type.
#[pyfunction]
fn longest(library: &Library) -> Option<Obj<Track>> {
    library.tracks.iter().max_by(|a, b| a.seconds.get().total_cmp(&b.seconds.get()))
}

/// `&Obj<T>` is for what keeps an owner; it is taken as `Obj<T>` here, since PyO3 knows no borrowed owners.
#[pyfunction]
fn add(library: &Library, track: Obj<Track>) -> usize {
    library.tracks.push(track);
    library.tracks.len()
}

/// A struct that derives `FfiObject` is a result: a new object.
#[pyfunction]
fn silence(seconds: f64) -> Track {
    Track { title: Mut::new("Silence".into()), seconds: Mut::new(seconds) }
}

/// The same object twice: its canonical wrapper, and a fresh one.
#[pyfunction]
fn both<'py>(py: Python<'py>, track: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let track = ffi_python::extract::<Track>(track)?;
    Ok((ffi_python::wrap(py, &track)?, ffi_python::wrap_fresh(py, track)?))
}

/// Errors of ffi-object's become PyO3's by `?`.
#[pyfunction]
fn title_of(library: &Library, index: usize) -> PyResult<String> {
    let track = library.tracks.get(index).ok_or_else(|| ffi_object::Error::index(format!("no track {index}")))?;
    Ok(track.title.get())
}

/// The module, as PyO3 has it; `add_to` adds all that ffi-object's macros have registered.
#[pymodule]
fn mixed(module: &Bound<'_, PyModule>) -> PyResult<()> {
    ffi_python::add_to(module)?;
    module.add_class::<Player>()?;
    for function in [
        wrap_pyfunction!(longest, module)?,
        wrap_pyfunction!(add, module)?,
        wrap_pyfunction!(silence, module)?,
        wrap_pyfunction!(both, module)?,
        wrap_pyfunction!(title_of, module)?,
    ] {
        module.add_function(function)?;
    }
    Ok(())
}
