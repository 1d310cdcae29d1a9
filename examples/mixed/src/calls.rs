//! Calls both ways: callables of Python's as arguments, and functions that Rust makes.

use ffi_object::{ffi_methods, function, Callback, Error, FfiObject, Mut, Obj, RustFunction};

use crate::{Library, Track};

/// Chooses tracks.
#[derive(Debug, FfiObject)]
pub struct Picker {
    library: Obj<Library>,
    /// Says whether a track is wanted; without it, all are.
    #[ffi(default)]
    wanted: Mut<Option<Callback<(Obj<Track>,), bool>>>,
}

#[ffi_methods]
impl Picker {
    /// The titles of the tracks that are wanted.
    pub fn titles(&self) -> Result<Vec<String>, Error> {
        let wanted = self.wanted.get();
        let mut titles = Vec::new();
        for track in self.library.tracks().iter() {
            if wanted.as_ref().map_or(Ok(true), |wanted| wanted.call((track.clone(),)))? {
                titles.push(track.title.get());
            }
        }
        Ok(titles)
    }
}

#[ffi_methods]
impl Library {
    /// A function that changes the lengths of tracks by a factor, and gives how many tracks it has changed so far.
    pub fn stretcher(self: &Obj<Self>, factor: f64) -> Obj<RustFunction> {
        // Not an owner: the library may keep the function.
        let (library, count) = (self.downgrade(), Mut::new(0));
        function!(
            /// Stretches the track of this title.
            "stretch",
            move |title: String| -> Result<i64, Error> {
                let library = library.upgrade().ok_or_else(|| Error::reference("the library is gone"))?;
                let track = library.find(&title)?;
                track.seconds.with(|seconds| *seconds *= factor);
                Ok(count.with(|count| {
                    *count += 1;
                    *count
                }))
            }
        )
    }
}
