//! Special methods.

use ffi_object::{ffi_function, ffi_methods, Bytes, Error, FfiObject, Iter, List, Mut, Obj, PyValue, Slice, Subscript};

/// A number with all operators: each result says which method made it.
#[derive(FfiObject)]
pub(crate) struct Number {
    value: Mut<i64>,
}

/// Operators that give back what was called, on what.
macro_rules! operators {
    ($($own:ident $reflected:ident $in_place:ident;)*) => {
        #[ffi_methods]
        impl Number {
            $(
                fn $own(&self, other: &Number) -> String {
                    format!("{} {} {}", self.value.get(), stringify!($own), other.value.get())
                }
                fn $reflected(&self, other: i64) -> String {
                    format!("{} {} {other}", self.value.get(), stringify!($reflected))
                }
                fn $in_place(&self, other: i64) {
                    self.value.set(other);
                }
            )*
        }
    };
}

operators! {
    __add__ __radd__ __iadd__;
    __sub__ __rsub__ __isub__;
    __mul__ __rmul__ __imul__;
    __matmul__ __rmatmul__ __imatmul__;
    __truediv__ __rtruediv__ __itruediv__;
    __floordiv__ __rfloordiv__ __ifloordiv__;
    __mod__ __rmod__ __imod__;
    __lshift__ __rlshift__ __ilshift__;
    __rshift__ __rrshift__ __irshift__;
    __and__ __rand__ __iand__;
    __xor__ __rxor__ __ixor__;
    __or__ __ror__ __ior__;
}

#[ffi_methods]
impl Number {
    fn __divmod__(&self, other: i64) -> Result<(i64, i64), Error> {
        let value = self.value.get();
        if other == 0 {
            return Err(Error::type_error("not by nothing"));
        }
        Ok((value.div_euclid(other), value.rem_euclid(other)))
    }
    fn __rdivmod__(&self, other: i64) -> String {
        format!("{} __rdivmod__ {other}", self.value.get())
    }
    fn __pow__(&self, exponent: u32, modulus: Option<i64>) -> i64 {
        let power = self.value.get().pow(exponent);
        modulus.map_or(power, |modulus| power % modulus)
    }
    fn __rpow__(&self, base: i64) -> String {
        format!("{} __rpow__ {base}", self.value.get())
    }
    fn __ipow__(self: &Obj<Self>, exponent: u32) -> Obj<Self> {
        self.value.with(|value| *value = value.pow(exponent));
        self.clone()
    }
    /// A defect of a user's own must not look like a type that does not fit.
    fn __lt__(&self, other: &Number) -> Result<bool, Error> {
        match other.value.get() {
            0 => Err(Error::type_error("nothing is less than nothing")),
            other => Ok(self.value.get() < other),
        }
    }
}

/// What can be made a number of Python's.
#[derive(FfiObject)]
pub(crate) struct Scalar {
    value: i64,
}

#[ffi_methods]
impl Scalar {
    fn __neg__(&self) -> i64 {
        -self.value
    }
    fn __pos__(&self) -> i64 {
        self.value
    }
    fn __abs__(&self) -> i64 {
        self.value.abs()
    }
    fn __invert__(&self) -> i64 {
        !self.value
    }
    fn __int__(&self) -> i64 {
        self.value
    }
    fn __float__(&self) -> f64 {
        self.value as f64
    }
    fn __index__(&self) -> i64 {
        self.value
    }
    fn __complex__(&self) -> (f64, f64) {
        (self.value as f64, 1.0)
    }
    fn __round__(&self, #[ffi(default = None)] digits: Option<i64>) -> (i64, Option<i64>) {
        (self.value, digits)
    }
    fn __format__(&self, spec: &str) -> Result<String, Error> {
        match spec {
            "" => Ok(self.value.to_string()),
            "x" => Ok(format!("{:x}", self.value)),
            _ => Err(Error::value(format!("unknown format '{spec}'"))),
        }
    }
}

/// Extends a number, and has a reflected operator of its own.
#[derive(FfiObject)]
#[repr(C)]
pub(crate) struct Fraction {
    #[ffi(base)]
    number: Number,
}

#[ffi_methods]
impl Fraction {
    fn __radd__(&self, other: &Number) -> String {
        format!("fraction {} __radd__ {}", self.number.value.get(), other.value.get())
    }
}

/// Compares with a pair of small numbers.
#[derive(FfiObject)]
pub(crate) struct Pair {
    first: u8,
    second: u8,
}

#[ffi_methods]
impl Pair {
    fn __eq__(&self, other: (u8, u8)) -> bool {
        (self.first, self.second) == other
    }
}

/// A sequence that knows slices, iterators, and more.
#[derive(FfiObject)]
pub(crate) struct Tape {
    #[ffi(default)]
    cells: Obj<List<i64>>,
    #[ffi(skip)]
    entered: Mut<Vec<String>>,
}

#[ffi_methods]
impl Tape {
    fn __len__(&self) -> usize {
        self.cells.len()
    }
    fn __getitem__(&self, at: Subscript) -> Result<Vec<i64>, Error> {
        let len = self.cells.len();
        let get = |i| self.cells.get(i).ok_or_else(|| Error::index("the tape became shorter"));
        match at {
            Subscript::Index(index) => Ok(vec![get(Subscript::index(index, len)?)?]),
            Subscript::Slice(slice) => slice.indices(len).map(get).collect(),
        }
    }
    fn __setitem__(&self, at: Slice, value: i64) -> Result<(), Error> {
        slice_of(&self.cells, at).into_iter().try_for_each(|i| {
            self.cells.replace(i, value).map(|_| ()).map_err(|_| Error::index("the tape became shorter"))
        })
    }
    fn __delitem__(&self, at: Slice) {
        let mut places = slice_of(&self.cells, at);
        places.sort_unstable();
        places.into_iter().rev().for_each(|i| {
            self.cells.remove(i);
        });
    }
    fn __iter__(&self) -> Iter<i64> {
        let cells = self.cells.clone();
        Iter::new((0..).map_while(move |i| cells.get(i)))
    }
    fn __reversed__(&self) -> Iter<i64> {
        Iter::new(self.cells.iter().collect::<Vec<_>>().into_iter().rev())
    }
    /// Fails at a number below 0, panics at 0.
    fn checked(&self) -> Iter<Result<i64, Error>> {
        Iter::new(self.cells.iter().collect::<Vec<_>>().into_iter().map(|cell| match cell {
            0 => panic!("nothing"),
            ..0 => Err(Error::value(format!("{cell} is below 0"))),
            _ => Ok(cell),
        }))
    }
    /// This object, over and over.
    #[ffi(cached)]
    fn forever(self: &Obj<Self>) -> Iter<Obj<Self>> {
        Iter::new(std::iter::repeat(self.clone()))
    }
    fn __enter__(self: &Obj<Self>) -> Obj<Self> {
        self.entered.with(|all| all.push("enter".into()));
        self.clone()
    }
    fn __exit__(&self, kind: Option<PyValue>, error: Option<PyValue>, trace: Option<PyValue>) -> bool {
        let leaves = if kind.is_some() && error.is_some() && trace.is_some() { "failure" } else { "exit" };
        self.entered.with(|all| all.push(leaves.into()));
        kind.is_some() && self.cells.is_empty()
    }
    fn entries(&self) -> Vec<String> {
        self.entered.get()
    }
    fn __getattr__(&self, name: &str) -> Result<i64, Error> {
        let index = name.strip_prefix("cell_").and_then(|i| i.parse().ok());
        index.and_then(|i| self.cells.get(i)).ok_or_else(|| Error::attribute(format!("no attribute '{name}'")))
    }
    fn __buffer__(&self) -> Result<Bytes, Error> {
        let bytes: Result<Vec<u8>, _> = self.cells.iter().map(u8::try_from).collect();
        Ok(Bytes::new(&bytes?))
    }
    fn __call__(&self, #[ffi(args)] rest: Vec<i64>, #[ffi(default = 1)] times: i64) -> i64 {
        rest.iter().sum::<i64>() * times
    }
}

fn slice_of(cells: &List<i64>, at: Slice) -> Vec<usize> {
    at.indices(cells.len()).collect()
}

/// A slice there and back.
#[ffi_function]
fn echo_slice(slice: Slice) -> Option<Obj<List<i64>>> {
    Some(Obj::new(slice.indices(10).map(|i| i as i64).collect()))
}

/// Calls back for every item.
#[ffi_function]
fn mapped(function: ffi_object::Function, #[ffi(args)] items: Vec<i64>) -> Iter<Result<PyValue, Error>> {
    Iter::new(items.into_iter().map(move |item| function.call((item,))))
}
