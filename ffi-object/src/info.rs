//! Descriptors: what the macros say of a type, a field, a function. Data and thin shims; all logic is elsewhere.

mod field;
mod projected;

use std::alloc::Layout;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::alloc::Block;
use crate::args::Arguments;
pub use crate::build::{Build, Builder, Constructor, HiddenField, NewResult};
use crate::census::TypeCell;
use crate::enumeration::EnumInfo;
use crate::error::Error;
use crate::error_class::ErrorType;
use crate::frontend::{Decoder, Encoder, RawHandle};
pub use crate::options::TypeOptions;
pub use crate::params::ends_with_default;
pub use crate::signature::{ConstantInfo, Param, ParamKind, Signature};
use crate::trace::Tracer;

pub use field::{FieldInfo, FieldKind, FieldOf, FieldType, Kind};
pub use projected::{read_projected, read_projected_or, Projection};

/// Where something was written, for messages about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: u32,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Names a type expression as a Python user would write it (`float`, `Point | None`).
pub type TypeName = fn() -> Cow<'static, str>;

/// What the runtime knows of a type of objects.
#[derive(Debug)]
pub struct TypeInfo {
    /// Unique in the program: the Rust path.
    pub key: &'static str,
    /// The name of the class.
    pub name: &'static str,
    /// The module of the class, if it is not the one that the frontend builds.
    pub module: Option<&'static str>,
    /// The documentation.
    pub doc: &'static str,
    /// Where the type is defined.
    pub source: Source,
    /// The base types, the root first, without the type itself.
    pub parents: &'static [&'static TypeInfo],
    /// Its own fields, without those of its bases.
    pub fields: &'static [FieldInfo],
    /// How a value is made from arguments. `None`: not at all.
    pub builder: Option<Builder>,
    /// How what is not in `fields` is traced.
    #[doc(hidden)]
    pub trace: Option<unsafe fn(NonNull<()>, &mut Tracer<'_>)>,
    /// What its class can do beyond identity.
    pub options: TypeOptions,
    /// The words that change.
    pub cell: &'static TypeCell,
    /// What the allocator needs.
    pub memory: Memory,
}

/// How objects of a type are laid out and dropped.
#[derive(Debug)]
pub struct Memory {
    value: Layout,
    block: Block,
    drop: DropGlue,
    tail: Option<unsafe fn(NonNull<()>) -> Block>,
}

/// How a value is dropped.
#[derive(Debug)]
enum DropGlue {
    /// There is nothing to drop.
    Nothing,
    /// As the compiler says.
    Value(unsafe fn(NonNull<()>)),
    /// Field by field, after the base's part: the type was defined while the program runs.
    Fields,
}

impl Memory {
    /// A type that was defined while the program runs. `None`: its objects are larger than an allocation can be.
    ///
    /// # Safety
    ///
    /// Values consist of the type's base and of the fields that it lists, and the layout has room for them.
    pub(crate) unsafe fn defined(value: Layout) -> Option<Self> {
        Some(Self { value, block: Block::new(value)?, drop: DropGlue::Fields, tail: None })
    }

    /// A type of one size.
    #[must_use]
    pub const fn of<T>() -> Self {
        unsafe fn drop<T>(value: NonNull<()>) {
            // SAFETY: by the caller, `value` is a `T` that is dropped here and never again.
            unsafe { value.cast::<T>().drop_in_place() };
        }
        let drop = if std::mem::needs_drop::<T>() { DropGlue::Value(drop::<T>) } else { DropGlue::Nothing };
        Self { value: Layout::new::<T>(), block: Block::of::<T>(), drop, tail: None }
    }

    /// A type whose items follow it in the same block. `block` says how large an object is with its items, and `drop`
    /// drops these, if they need it.
    ///
    /// `block` is also asked when the object has been dropped, by the last weak reference. So what it reads must still
    /// be there then: `T` itself has no destructor, and `drop` leaves the words of `T` that `block` reads as they were.
    pub(crate) const fn with_tail<T>(
        block: unsafe fn(NonNull<()>) -> Block,
        drop: Option<unsafe fn(NonNull<()>)>,
    ) -> Self {
        assert!(!std::mem::needs_drop::<T>(), "the block is read from an object that has been dropped");
        let drop = match drop {
            Some(drop) => DropGlue::Value(drop),
            None => DropGlue::Nothing,
        };
        Self { value: Layout::new::<T>(), block: Block::of::<T>(), drop, tail: Some(block) }
    }
}

impl TypeInfo {
    /// Whether objects of this type are also of type `other`.
    #[must_use]
    #[inline]
    pub fn is_a(&'static self, other: &'static TypeInfo) -> bool {
        std::ptr::eq(self, other) || self.parents.get(other.parents.len()).is_some_and(|t| std::ptr::eq(*t, other))
    }

    /// The type that this one extends directly. `None`: the root.
    #[must_use]
    pub fn base(&self) -> Option<&'static TypeInfo> {
        self.parents.last().copied()
    }

    /// Whether the type was defined while the program runs.
    #[must_use]
    pub const fn is_defined(&self) -> bool {
        matches!(self.memory.drop, DropGlue::Fields)
    }

    /// Its fields and those of its bases, the root's first.
    pub fn all_fields(&'static self) -> impl Iterator<Item = (&'static TypeInfo, &'static FieldInfo)> {
        self.parents.iter().copied().chain([self]).flat_map(|t| t.fields.iter().map(move |f| (t, f)))
    }

    /// Whether objects of this type, or of another that extends the same root, may lead to values of the frontend's
    /// language. Known once the registry is.
    #[must_use]
    #[inline]
    pub fn is_traced(&self) -> bool {
        self.cell.is_traced()
    }

    /// The block of an object with what follows it.
    ///
    /// # Safety
    ///
    /// `value` is an object of exactly this type (for one with a tail: it may have been dropped, but not freed).
    pub(crate) unsafe fn block_of(&self, value: NonNull<()>) -> Block {
        match self.memory.tail {
            // SAFETY: by the caller.
            Some(tail) => unsafe { tail(value) },
            None => self.plain_block(),
        }
    }

    /// Whether all objects of exactly this type have the same size.
    pub(crate) const fn is_sized(&self) -> bool {
        self.memory.tail.is_none()
    }

    /// The layout of the type, without a tail.
    pub(crate) const fn layout(&self) -> Layout {
        self.memory.value
    }

    /// The block of an object, without a tail.
    pub(crate) const fn plain_block(&self) -> Block {
        self.memory.block
    }

    /// Whether dropping an object of exactly this type does anything.
    pub(crate) const fn needs_drop(&self) -> bool {
        !matches!(self.memory.drop, DropGlue::Nothing)
    }

    /// Drops a value. Private to the crate, and called by `destroy` alone, which says why the value is there.
    pub(crate) fn drop_value(&self, value: NonNull<()>) {
        match self.memory.drop {
            DropGlue::Nothing => {}
            // SAFETY: see above.
            DropGlue::Value(drop) => unsafe { drop(value) },
            // In the order of the compiler's.
            DropGlue::Fields => {
                if let Some(base) = self.base() {
                    base.drop_value(value);
                }
                for field in self.fields {
                    // SAFETY: see above; a field of the value's, each once.
                    unsafe { field.drop_in(value) };
                }
            }
        }
    }
}

impl fmt::Display for TypeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What a function is to its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MethodKind {
    /// Has a receiver.
    Instance,
    /// Has none.
    Static,
    /// Reads an attribute.
    Getter,
    /// Writes an attribute.
    Setter,
    /// Deletes an attribute.
    Deleter,
    /// Has the class for its receiver.
    Class,
}

/// The entry point that a frontend's language calls: `(self, args, nargs, kwnames)`.
///
/// Its types are plain so that annotated crates need to know no frontend.
pub type Trampoline = unsafe extern "C" fn(*mut (), *const *mut (), isize, *mut ()) -> *mut ();

/// A function that a frontend exposes, of a class or of the module.
pub struct FunctionInfo {
    /// What it belongs to. `None`: the module.
    pub owner: Option<(&'static TypeInfo, MethodKind)>,
    /// Its name in the frontend.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Where it is defined.
    pub source: Source,
    /// Its parameters.
    pub signature: Signature,
    /// The type of its result, for documentation.
    pub result: TypeName,
    /// Whether object results are the canonical wrappers.
    pub cached: bool,
    /// What the frontend's language calls.
    pub trampoline: Trampoline,
    /// Runs it.
    pub call: Shim,
}

/// Decodes the receiver and the arguments, calls the user's function, encodes the result: an owned value, which comes in
/// two registers, or an error does; the compiler gives back a [`Handle`](crate::frontend::Handle) or an error in memory.
///
/// Calling it is safe if the receiver is a wrapper of the type that the function belongs to.
pub type Shim = for<'py> unsafe fn(Receiver<'py>, &Arguments<'py>, Encoder<'py>) -> Result<RawHandle, Error>;

impl fmt::Debug for FunctionInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionInfo").field("name", &self.name).field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// The receiver of a call, whose type the frontend has checked.
#[derive(Debug, Clone, Copy)]
pub struct Receiver<'py> {
    value: Option<Decoder<'py>>,
    _borrow: PhantomData<&'py ()>,
}

impl<'py> Receiver<'py> {
    /// No receiver.
    pub const NONE: Self = Self { value: None, _borrow: PhantomData };

    /// A receiver.
    #[must_use]
    pub const fn new(value: Decoder<'py>) -> Self {
        Self { value: Some(value), _borrow: PhantomData }
    }

    /// The receiver's wrapper.
    ///
    /// # Panics
    ///
    /// If the frontend calls a method without a receiver.
    #[must_use]
    pub fn decoder(self) -> Decoder<'py> {
        self.value.expect("a method is called with a receiver")
    }
}

/// What a macro submits to the inventory.
#[derive(Debug)]
#[non_exhaustive]
pub enum Entry {
    /// A type.
    Type(&'static TypeInfo),
    /// A constructor that replaces the one by fields.
    Constructor(&'static TypeInfo, &'static Constructor, Source),
    /// A function.
    Function(&'static FunctionInfo),
    /// A type of errors.
    Error(&'static ErrorType),
    /// A constant of a class.
    Constant(&'static ConstantInfo),
    /// An enum with data, the name of a variant, and the variant's type.
    Variant(&'static TypeInfo, &'static str, &'static TypeInfo),
    /// An enum without data.
    Enum(&'static EnumInfo),
    /// Several: what is the same for all instantiations of a generic struct.
    All(&'static [Entry]),
}

impl Entry {
    /// The entries that this one stands for: itself, or several, which are none of this kind.
    #[must_use]
    pub fn each(&self) -> &[Self] {
        match self {
            Self::All(all) => all,
            one => std::slice::from_ref(one),
        }
    }
}

inventory::collect!(Entry);

/// The lineage of a type: its base's and its own.
#[must_use]
pub const fn extend_lineage<const N: usize>(
    base: &[&'static TypeInfo],
    own: &'static TypeInfo,
) -> [&'static TypeInfo; N] {
    let mut all = [own; N];
    let mut i = 0;
    while i < base.len() {
        all[i] = base[i];
        i += 1;
    }
    all
}
