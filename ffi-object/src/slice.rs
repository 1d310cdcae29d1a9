//! Arguments of `__getitem__` and its kin: [`Slice`], and [`Subscript`], an index or a slice.

use std::borrow::Cow;
use std::iter::FusedIterator;

use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle, Mismatch};
use crate::value::Value;

/// A slice of Python's: `a:b:c` between brackets.
///
/// What is left out is what Python takes instead; [`indices`](Self::indices) fits it to a length.
///
/// ```
/// use ffi_object::Slice;
///
/// let every_second = Slice::new(None, None, 2)?;
/// assert_eq!(every_second.indices(5).collect::<Vec<_>>(), [0, 2, 4]);
/// let last_two = Slice::new(Some(-2), None, 1)?;
/// assert_eq!(last_two.indices(5).collect::<Vec<_>>(), [3, 4]);
/// let backwards = Slice::new(None, None, -1)?;
/// assert_eq!(backwards.indices(3).collect::<Vec<_>>(), [2, 1, 0]);
/// # Ok::<(), ffi_object::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    start: isize,
    stop: isize,
    /// Not 0, nor the smallest number, whose opposite does not exist.
    step: isize,
}

impl Slice {
    /// `[:]`.
    pub const ALL: Self = Self { start: 0, stop: isize::MAX, step: 1 };
    /// `[:0]`.
    pub(crate) const NONE: Self = Self { start: 0, stop: 0, step: 1 };

    /// A slice. What is `None` was left out.
    ///
    /// # Errors
    ///
    /// A step of 0.
    pub fn new(start: Option<isize>, stop: Option<isize>, step: isize) -> Result<Self, Error> {
        if step == 0 {
            return Err(Error::value("slice step cannot be zero"));
        }
        let step = step.max(-isize::MAX);
        let (first, last) = if step > 0 { (0, isize::MAX) } else { (isize::MAX, isize::MIN) };
        Ok(Self { start: start.unwrap_or(first), stop: stop.unwrap_or(last), step })
    }

    /// From what CPython makes of a slice before it knows a length.
    pub(crate) fn unpacked((start, stop, step): (isize, isize, isize)) -> Result<Self, Error> {
        Self::new(Some(start), Some(stop), step)
    }

    /// The distance from one index to the next. Not 0.
    #[must_use]
    pub fn step(&self) -> isize {
        self.step
    }

    /// The indices that the slice stands for in a sequence of `len` items, as `range(*slice.indices(len))` in Python.
    /// All are below `len`.
    ///
    /// # Panics
    ///
    /// If `len` is larger than any sequence can be.
    #[must_use]
    pub fn indices(&self, len: usize) -> SliceIndices {
        let len = isize::try_from(len).expect("a length of something in memory");
        // Before the first item, and behind the last one, in the direction of the step.
        let (low, high) = if self.step < 0 { (-1, len - 1) } else { (0, len) };
        let fit = |index: isize| if index < 0 { index.saturating_add(len) } else { index }.clamp(low, high);
        let (start, stop) = (fit(self.start), fit(self.stop));
        let distance = if self.step < 0 { start - stop } else { stop - start };
        let count = if distance <= 0 { 0 } else { (distance.unsigned_abs() - 1) / self.step.unsigned_abs() + 1 };
        SliceIndices { next: start, step: self.step, count }
    }

    /// The same slice of a sequence of `len` items, with bounds that are not counted from the end. The step is 1.
    pub(crate) fn fitted(&self, len: usize) -> Self {
        let indices = self.indices(len);
        Self { start: indices.next, stop: indices.next + indices.count as isize, step: 1 }
    }
}

/// The indices that a [`Slice`] stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SliceIndices {
    next: isize,
    step: isize,
    count: usize,
}

impl SliceIndices {
    /// Where the slice begins, also if it is empty.
    pub(crate) fn start(&self) -> usize {
        self.next.unsigned_abs()
    }

    pub(crate) fn step(&self) -> isize {
        self.step
    }

    /// The same indices, the lowest first.
    pub(crate) fn ascending(self) -> Self {
        match self.clone().next_back() {
            // The index was counted, so it is one.
            Some(last) if self.step < 0 => Self { next: last as isize, step: -self.step, ..self },
            _ => self,
        }
    }
}

impl Iterator for SliceIndices {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.count = self.count.checked_sub(1)?;
        let index = self.next.unsigned_abs();
        self.next = self.next.wrapping_add(self.step);
        Some(index)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.count, Some(self.count))
    }
}

impl DoubleEndedIterator for SliceIndices {
    fn next_back(&mut self) -> Option<usize> {
        self.count = self.count.checked_sub(1)?;
        // The index was counted, so it is one.
        Some((self.next + self.count as isize * self.step).unsigned_abs())
    }
}

impl ExactSizeIterator for SliceIndices {}
impl FusedIterator for SliceIndices {}

impl Value for Slice {
    fn type_name() -> Cow<'static, str> {
        "slice".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        let unless = |index: isize, left_out: isize| (index != left_out).then_some(index);
        let (first, last) = if self.step > 0 { (0, isize::MAX) } else { (isize::MAX, isize::MIN) };
        out.slice(unless(self.start, first), unless(self.stop, last), self.step)
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        from.slice().map_err(|mismatch| from.error(mismatch, "slice")).and_then(Self::unpacked)
    }
}

/// What stands between brackets in Python, for types that know both: an index or a slice.
///
/// ```
/// use ffi_object::{ffi_methods, Error, FfiObject, Subscript};
///
/// /// A text with a price on every letter.
/// #[derive(FfiObject)]
/// struct Word {
///     letters: Vec<char>,
/// }
///
/// #[ffi_methods]
/// impl Word {
///     fn __getitem__(&self, at: Subscript) -> Result<String, Error> {
///         match at {
///             Subscript::Index(index) => Ok(self.letters[Subscript::index(index, self.letters.len())?].into()),
///             Subscript::Slice(slice) => Ok(slice.indices(self.letters.len()).map(|i| self.letters[i]).collect()),
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscript {
    /// One item. Less than 0: counted from the end.
    Index(isize),
    /// Several.
    Slice(Slice),
}

impl Subscript {
    /// The place of an item in a sequence of `len` items.
    ///
    /// # Errors
    ///
    /// An `IndexError` if there is none.
    pub fn index(index: isize, len: usize) -> Result<usize, Error> {
        let place = if index < 0 { len.checked_sub(index.unsigned_abs()) } else { Some(index.unsigned_abs()) };
        place.filter(|place| *place < len).ok_or_else(|| Error::index("index out of range"))
    }
}

impl Value for Subscript {
    fn type_name() -> Cow<'static, str> {
        "int | slice".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        match self {
            Self::Index(index) => index.encode(out),
            Self::Slice(slice) => slice.encode(out),
        }
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        match from.slice() {
            Ok(slice) => Slice::unpacked(slice).map(Self::Slice),
            Err(Mismatch::Type) => match from.int() {
                Ok(index) => isize::try_from(index).map_err(|_| Mismatch::Range),
                Err(mismatch) => Err(mismatch),
            }
            .map(Self::Index)
            .map_err(|mismatch| match mismatch {
                // As the index that no sequence of Python's has.
                Mismatch::Range => Error::index("cannot fit 'int' into an index-sized integer"),
                other => from.error(other, "int or slice"),
            }),
            Err(mismatch) => Err(from.error(mismatch, "int or slice")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Slice, Subscript};

    /// What CPython's `PySlice_AdjustIndices` does, item by item.
    fn expected(start: Option<isize>, stop: Option<isize>, step: isize, len: isize) -> Vec<usize> {
        let adjust = |index: isize| if index < 0 { index + len } else { index };
        let mut at = start.map_or(if step < 0 { len - 1 } else { 0 }, |s| match step {
            ..0 => adjust(s).min(len - 1).max(-1),
            _ => adjust(s).max(0),
        });
        let stop = stop.map_or(if step < 0 { -1 } else { len }, |s| adjust(s).max(if step < 0 { -1 } else { 0 }));
        let mut all = Vec::new();
        while (step > 0 && at < stop.min(len)) || (step < 0 && at > stop) {
            all.push(at.unsigned_abs());
            at += step;
        }
        all
    }

    #[test]
    fn indices_are_those_of_python() {
        let ends = || (-4..=4).map(Some).chain([None]);
        for (start, stop) in ends().flat_map(|start| ends().map(move |stop| (start, stop))) {
            for step in [-4, -3, -2, -1, 1, 2, 3, 4] {
                for len in 0..4 {
                    let indices = Slice::new(start, stop, step).unwrap().indices(len);
                    let all: Vec<_> = indices.clone().collect();
                    assert_eq!(all, expected(start, stop, step, len as isize), "{start:?}:{stop:?}:{step} of {len}");
                    assert_eq!(indices.len(), all.len());
                    assert!(indices.rev().eq(all.into_iter().rev()));
                }
            }
        }
    }

    #[test]
    fn the_largest_numbers_do_no_harm() {
        let ends = [isize::MIN, isize::MIN + 1, -1, 0, 1, isize::MAX];
        for start in ends {
            for stop in ends {
                for step in [isize::MIN, -1, 1, isize::MAX] {
                    let slice = Slice::new(Some(start), Some(stop), step).unwrap();
                    assert!(slice.indices(3).all(|index| index < 3));
                    assert!(slice.indices(0).next().is_none());
                }
            }
        }
        assert!(Slice::new(None, None, 0).is_err());
    }

    #[test]
    fn an_index_counts_from_either_end() {
        assert_eq!(Subscript::index(-1, 3).unwrap(), 2);
        assert_eq!(Subscript::index(2, 3).unwrap(), 2);
        for out in [3, -4, isize::MIN, isize::MAX] {
            assert!(Subscript::index(out, 3).is_err());
        }
    }
}
