//! A field of every kind there is: plain, and in a cell with a default.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{
    AtomicBool, AtomicI16, AtomicI32, AtomicI64, AtomicI8, AtomicIsize, AtomicU16, AtomicU32, AtomicU64, AtomicU8,
    AtomicUsize,
};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use ffi_object::{
    ffi_function, register, Any, Bytes, Error, FfiObject, Function, List, Map, Mut, Name, Obj, PyValue, Set, Str,
    Value, WeakObj,
};
use uuid::Uuid;

use crate::enums::{Light, Status};
use crate::sums::Figure;
use crate::values::{Meters, Size, Version};

/// A kind of field.
pub(crate) trait Kind: Value + Clone {
    /// What a field of this kind holds if nothing is said.
    fn start() -> Self;
}

/// A field that does not change.
#[derive(FfiObject)]
pub(crate) struct Plain<T: Kind> {
    /// The value.
    value: T,
}

/// One that does.
#[derive(FfiObject)]
pub(crate) struct InMut<T: Kind> {
    /// The value.
    #[ffi(default = T::start())]
    value: Mut<T>,
}

/// One behind a lock of `std`'s.
#[derive(FfiObject)]
pub(crate) struct Locked<T: Kind> {
    /// The value.
    #[ffi(default = T::start())]
    value: Mutex<T>,
    /// The same.
    #[ffi(default = T::start())]
    shared: RwLock<T>,
}

/// Something to refer to.
#[derive(FfiObject)]
pub(crate) struct Bud {
    #[ffi(default)]
    number: Mut<i64>,
}

/// A function that any callable stands for until it is set.
#[derive(Clone)]
pub(crate) struct Hook(Option<Function>);
ffi_object::value!(Hook(Option<Function>));

macro_rules! kinds {
    ($($name:literal: $ty:ty = $start:expr;)*) => {
        $(
            impl Kind for $ty {
                fn start() -> Self {
                    $start
                }
            }
            register!(Plain<$ty> as concat!("Plain", $name));
            register!(InMut<$ty> as concat!("Mut", $name));
        )*

        /// The kinds, and their types as Python sees them.
        #[ffi_function]
        fn field_kinds() -> BTreeMap<String, String> {
            BTreeMap::from([$(($name.to_owned(), <$ty as Value>::type_name().into_owned())),*])
        }
    };
}

fn moment() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

kinds! {
    "Bool": bool = true;
    "I8": i8 = 1;
    "I16": i16 = 1;
    "I32": i32 = 1;
    "I64": i64 = 1;
    "I128": i128 = 1;
    "Isize": isize = 1;
    "U8": u8 = 1;
    "U16": u16 = 1;
    "U32": u32 = 1;
    "U64": u64 = 1;
    "U128": u128 = 1;
    "Usize": usize = 1;
    "F32": f32 = 0.5;
    "F64": f64 = 0.5;
    "Char": char = 'x';
    "String": String = "start".into();
    "Str": Str = "start".into();
    "Name": Name = "start".into();
    "Bytes": Bytes = b"start"[..].into();
    "Path": PathBuf = "start".into();
    "Unit": () = ();
    "Option": Option<i64> = None;
    "OptionString": Option<String> = Some("start".into());
    "Tuple": (i64, String) = (1, "start".into());
    "Array": [f64; 2] = [0.5, 1.5];
    "Vec": Vec<i64> = vec![1];
    "HashMap": HashMap<String, i64> = HashMap::from([("start".into(), 1)]);
    "BTreeMap": BTreeMap<i64, Vec<String>> = BTreeMap::from([(1, vec!["start".into()])]);
    "HashSet": HashSet<i64> = HashSet::from([1]);
    "BTreeSet": BTreeSet<String> = BTreeSet::from(["start".into()]);
    "Nested": Vec<Option<(u8, HashMap<String, Vec<bool>>)>> = vec![None];
    "Obj": Obj<Bud> = Obj::new(Bud { number: Mut::new(1) });
    "OptionObj": Option<Obj<Bud>> = None;
    "Weak": WeakObj<Bud> = WeakObj::new();
    "Objs": Vec<Obj<Bud>> = Vec::new();
    "List": Obj<List<i64>> = Obj::new([1].into_iter().collect());
    "Map": Obj<Map<String, i64>> = Obj::new([("start".to_owned(), 1)].into_iter().collect());
    "Set": Obj<Set<i64>> = Obj::new([1].into_iter().collect());
    "Function": Hook = Hook(None);
    "PyValue": Option<PyValue> = None;
    "Any": Any = Any::from("start");
    "Enum": Light = Light::Red;
    "IntEnum": Status = Status::Ok;
    "Sum": Obj<Figure> = Obj::new(Figure::Empty);
    "Duration": Duration = Duration::from_secs(1);
    "SystemTime": SystemTime = SystemTime::UNIX_EPOCH;
    "TimeDelta": TimeDelta = TimeDelta::seconds(-1);
    "Utc": DateTime<Utc> = moment();
    "Offset": DateTime<FixedOffset> = moment().fixed_offset();
    "Local": NaiveDateTime = moment().naive_utc();
    "Date": NaiveDate = moment().date_naive();
    "Time": NaiveTime = NaiveTime::MIN;
    "Uuid": Uuid = Uuid::nil();
    "Newtype": Meters = Meters(0.5);
    "Converted": Version = Version([1, 2, 3]);
    "ByHand": Size = Size::Auto;
}

register!(Locked<i64> as "LockedI64");
register!(Locked<String> as "LockedString");
register!(Locked<Option<Obj<Bud>>> as "LockedOptionObj");
register!(Locked<Light> as "LockedEnum");
register!(Locked<Duration> as "LockedDuration");

/// All atomics.
#[derive(FfiObject)]
pub(crate) struct Atomics {
    #[ffi(default = true)]
    bool: AtomicBool,
    #[ffi(default)]
    i8: AtomicI8,
    #[ffi(default)]
    i16: AtomicI16,
    #[ffi(default)]
    i32: AtomicI32,
    #[ffi(default)]
    i64: AtomicI64,
    #[ffi(default)]
    isize: AtomicIsize,
    #[ffi(default)]
    u8: AtomicU8,
    #[ffi(default)]
    u16: AtomicU16,
    #[ffi(default)]
    u32: AtomicU32,
    #[ffi(default)]
    u64: AtomicU64,
    #[ffi(default)]
    usize: AtomicUsize,
}

/// Calls what is in a field.
#[ffi_function]
fn call_hook(field: &Plain<Hook>, argument: i64) -> Result<i64, Error> {
    match &field.value.0 {
        Some(function) => function.call((argument,)),
        None => Ok(argument),
    }
}
