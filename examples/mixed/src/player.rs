//! A class of PyO3's that holds objects.

use ffi_object::{Function, Obj, PyValue};
use pyo3::prelude::*;

use crate::{Library, LibraryError, Track};

/// Plays tracks of a library.
///
/// Python's collector does not see what a `#[pyclass]` owns in Rust, unless it has `__traverse__`: keep no cycles of
/// Python objects here, but in fields of an object.
#[pyclass]
#[derive(Debug)]
pub struct Player {
    #[pyo3(get)]
    library: Obj<Library>,
    #[pyo3(get, set)]
    current: Option<Obj<Track>>,
    #[pyo3(get, set)]
    tag: Option<PyValue>,
}

#[pymethods]
impl Player {
    #[new]
    fn new(library: Obj<Library>) -> Self {
        Self { library, current: None, tag: None }
    }

    /// Starts the track of this title.
    fn play(&mut self, title: &str) -> PyResult<Obj<Track>> {
        let track = self.library.find(title).map_err(ffi_object::Error::from)?;
        self.current = Some(track.clone());
        Ok(track)
    }

    /// Whether this very track is playing.
    fn is_playing(&self, track: &Track) -> bool {
        self.current.as_ref().is_some_and(|current| std::ptr::eq::<Track>(current.as_ref(), track))
    }

    /// Calls a callable with the track, without PyO3 attaching anything.
    fn announce(&self, how: Function) -> Result<String, PyErr> {
        let track = self.current.clone().ok_or(LibraryError::Silent).map_err(ffi_object::Error::from)?;
        Ok(how.call((track,))?)
    }

    /// The tag, through PyO3's own types.
    fn tag_text(&self, py: Python<'_>) -> PyResult<String> {
        let Some(tag) = &self.tag else { return Ok(String::new()) };
        let tag: Bound<'_, PyAny> = tag.into_pyobject(py)?;
        tag.str()?.extract()
    }

    /// Puts a tag on, made by Python code.
    fn tag_with(&mut self, value: Bound<'_, PyAny>) {
        self.tag = Some(PyValue::from(value));
    }
}
