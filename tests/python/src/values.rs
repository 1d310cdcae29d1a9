//! Values of the standard library, of well-known crates, and of this crate's own.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::{ffi_function, value, Any, Error, FfiObject, Mut, PyValue, Value};
use uuid::Uuid;

/// A length.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Meters(pub(crate) f64);
value!(Meters(f64));

/// A callback or anything else of Python's.
#[derive(Clone, Debug)]
pub(crate) struct Hook(Option<PyValue>);
value!(Hook(Option<PyValue>));

/// Three numbers, written with dots.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Version(pub(crate) [u16; 3]);
value!(Version as String, |version| version.0.map(|part| part.to_string()).join("."), |text| {
    let parts = text.split('.').map(str::parse).collect::<Result<Vec<u16>, _>>()?;
    let parts = parts.try_into().map_err(|_| Error::value(format!("expected three numbers, got '{text}'")))?;
    Ok::<_, Error>(Version(parts))
});

/// A size, which may be left open.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Size {
    #[default]
    Auto,
    Pixels(u32),
}

impl Value for Size {
    fn type_name() -> Cow<'static, str> {
        "int | Literal['auto']".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        match self {
            Self::Auto => out.str("auto"),
            Self::Pixels(pixels) => pixels.encode(out),
        }
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        match from.str() {
            Ok("auto") => Ok(Self::Auto),
            Ok(other) => Err(Error::value(format!("expected 'auto' or a number of pixels, got '{other}'"))),
            Err(_) => u32::decode(from).map(Self::Pixels),
        }
    }
}
value!(return Size);

/// Has a newtype through which it may own itself.
#[derive(FfiObject)]
pub(crate) struct Hooked {
    #[ffi(default = Hook(None))]
    hook: Mut<Hook>,
}

macro_rules! echoes {
    ($($name:ident: $ty:ty;)*) => {
        $(#[ffi_function]
        fn $name(value: $ty) -> $ty {
            value
        })*
    };
}

echoes! {
    echo_duration: Duration;
    echo_system_time: SystemTime;
    echo_time_delta: TimeDelta;
    echo_utc: DateTime<Utc>;
    echo_offset: DateTime<FixedOffset>;
    echo_local: NaiveDateTime;
    echo_date: NaiveDate;
    echo_time: NaiveTime;
    echo_uuid: Uuid;
    echo_meters: Meters;
    echo_version: Version;
    echo_size: Size;
}

/// Seconds and nanoseconds of what arrived.
#[ffi_function]
fn duration_parts(value: Duration) -> (u64, u32) {
    (value.as_secs(), value.subsec_nanos())
}

#[ffi_function]
fn duration_of(seconds: u64, nanos: u32) -> Duration {
    Duration::new(seconds, nanos)
}

/// A moment so many seconds and nanoseconds from 1970.
#[ffi_function]
fn moment_of(seconds: i64, nanos: u32) -> Option<SystemTime> {
    let from = SystemTime::UNIX_EPOCH.checked_add(Duration::new(0, nanos))?;
    let span = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 {
        from.checked_sub(span)
    } else {
        from.checked_add(span)
    }
}

/// What `Any` makes of a duration.
#[ffi_function]
fn any_duration(value: Any) -> Result<Any, Error> {
    Any::of(&value.to::<Duration>()?)
}
