//! `datetime` and `uuid`: values of Python's standard library, whole numbers on the way in and out.

use ffi_object::frontend::{Mismatch, RawHandle};
use ffi_object::standard::{Standard, StandardKind};
use ffi_object::Error;
use pyo3::exceptions::PyOverflowError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::convert::{bind, owned};
use crate::error::{discard, from_exception};

const MICROS_PER_DAY: i128 = 86_400_000_000;
/// `date(1970, 1, 1).toordinal()`.
const FIRST_DAY: i64 = 719_163;

/// What is used of the standard library.
struct Library {
    date: Py<PyAny>,
    time: Py<PyAny>,
    datetime: Py<PyAny>,
    timedelta: Py<PyAny>,
    timezone: Py<PyAny>,
    uuid: Py<PyAny>,
    /// The beginning of 1970 in UTC, and on a clock that does not say where.
    epoch: Py<PyAny>,
    local_epoch: Py<PyAny>,
}

fn library(py: Python<'_>) -> PyResult<&Library> {
    static LIBRARY: PyOnceLock<Library> = PyOnceLock::new();
    LIBRARY.get_or_try_init(py, || {
        let module = py.import("datetime")?;
        let class = |name: &str| module.getattr(name);
        let (datetime, timezone) = (class("datetime")?, class("timezone")?);
        let epoch = datetime.call1((1970, 1, 1, 0, 0, 0, 0, timezone.getattr("utc")?))?;
        Ok(Library {
            date: class("date")?.unbind(),
            time: class("time")?.unbind(),
            timedelta: class("timedelta")?.unbind(),
            timezone: timezone.unbind(),
            uuid: py.import("uuid")?.getattr("UUID")?.unbind(),
            epoch: epoch.unbind(),
            local_epoch: datetime.call1((1970, 1, 1))?.unbind(),
            datetime: datetime.unbind(),
        })
    })
}

/// Makes the value.
///
/// # Safety
///
/// The thread is attached.
pub(crate) unsafe fn make(value: Standard) -> Result<RawHandle, Error> {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    let made = library(py).and_then(|library| library.make(py, value));
    let made = made.map_err(|exception| {
        if !exception.is_instance_of::<PyOverflowError>(py) {
            return from_exception(exception);
        }
        discard(exception);
        let name = value.kind().type_name();
        Error::overflow(format!("the value is out of range for {name}"))
    })?;
    // SAFETY: a new reference.
    unsafe { owned(made.into_ptr()) }
}

/// Reads a value of this kind.
///
/// # Safety
///
/// The value is a Python object, and the thread is attached.
pub(crate) unsafe fn read(value: *mut ffi::PyObject, kind: StandardKind) -> Result<Standard, Mismatch> {
    // SAFETY: by the caller.
    let [value] = unsafe { bind([value]) };
    let failed = |exception| Mismatch::Error(from_exception(exception));
    library(value.py()).map_err(failed)?.read(&value, kind)
}

impl Library {
    /// That many microseconds, as a `timedelta`.
    fn span<'py>(&self, py: Python<'py>, micros: i128) -> PyResult<Bound<'py, PyAny>> {
        // Days first: no `timedelta` takes so many microseconds that they do not fit a word.
        let days = micros.div_euclid(MICROS_PER_DAY);
        self.timedelta.bind(py).call1((days, 0, micros.rem_euclid(MICROS_PER_DAY)))
    }

    fn make<'py>(&self, py: Python<'py>, value: Standard) -> PyResult<Bound<'py, PyAny>> {
        match value {
            Standard::Span(micros) => self.span(py, micros),
            Standard::Moment { micros, offset } => {
                let moment = self.epoch.bind(py).add(self.span(py, micros)?)?;
                if offset == 0 {
                    return Ok(moment);
                }
                let offset = self.timedelta.bind(py).call1((0, offset))?;
                moment.call_method1("astimezone", (self.timezone.bind(py).call1((offset,))?,))
            }
            Standard::Local(micros) => self.local_epoch.bind(py).add(self.span(py, micros)?),
            Standard::Date(days) => {
                // What is beyond the range is a `ValueError` in `fromordinal`, an `OverflowError` elsewhere.
                let ordinal = days.checked_add(FIRST_DAY).filter(|ordinal| (1..=3_652_059).contains(ordinal));
                let ordinal = ordinal.ok_or_else(|| PyOverflowError::new_err(()))?;
                self.date.bind(py).call_method1("fromordinal", (ordinal,))
            }
            Standard::Time(micros) => {
                self.local_epoch.bind(py).add(self.span(py, micros.into())?)?.call_method0("time")
            }
            Standard::Uuid(id) => {
                let options = PyDict::new(py);
                options.set_item("int", id)?;
                self.uuid.bind(py).call((), Some(&options))
            }
            _ => Err(pyo3::exceptions::PyTypeError::new_err("a value that this version does not know")),
        }
    }

    fn read(&self, value: &Bound<'_, PyAny>, kind: StandardKind) -> Result<Standard, Mismatch> {
        let py = value.py();
        let failed = |exception| Mismatch::Error(from_exception(exception));
        let is = |class: &Py<PyAny>| value.is_instance(class.bind(py)).map_err(failed);
        let micros_since = |epoch: &Py<PyAny>| value.sub(epoch.bind(py)).and_then(|span| micros(&span)).map_err(failed);
        match kind {
            StandardKind::Span if is(&self.timedelta)? => Ok(Standard::Span(micros(value).map_err(failed)?)),
            StandardKind::Moment if is(&self.datetime)? => {
                let offset = value.call_method0("utcoffset").map_err(failed)?;
                if offset.is_none() {
                    return Err(misfit("expected an aware datetime, got a naive one: give it a `tzinfo`"));
                }
                let offset = micros(&offset).map_err(failed)? / 1_000_000;
                let offset = i32::try_from(offset).map_err(|_| Mismatch::Range)?;
                Ok(Standard::Moment { micros: micros_since(&self.epoch)?, offset })
            }
            StandardKind::Local if is(&self.datetime)? => {
                naive(value, "expected a naive datetime, got an aware one: leave its `tzinfo` out")?;
                Ok(Standard::Local(micros_since(&self.local_epoch)?))
            }
            // A `datetime` is a `date` to Python, but who gives one for the other has made a mistake.
            StandardKind::Date if is(&self.date)? && !is(&self.datetime)? => {
                let ordinal = value.call_method0("toordinal").and_then(|days| days.extract::<i64>()).map_err(failed)?;
                Ok(Standard::Date(ordinal - FIRST_DAY))
            }
            StandardKind::Time if is(&self.time)? => {
                naive(value, "expected a naive time, got an aware one: leave its `tzinfo` out")?;
                let part = |name: &str| attribute(value, name).map_err(failed);
                let seconds = (part("hour")? * 60 + part("minute")?) * 60 + part("second")?;
                Ok(Standard::Time(seconds * 1_000_000 + part("microsecond")?))
            }
            StandardKind::Uuid if is(&self.uuid)? => {
                let id = value.getattr("int").and_then(|id| id.extract::<u128>()).map_err(failed)?;
                Ok(Standard::Uuid(id))
            }
            _ => Err(Mismatch::Type),
        }
    }
}

/// The microseconds of a `timedelta`.
fn micros(span: &Bound<'_, PyAny>) -> PyResult<i128> {
    let part = |name| attribute(span, name).map(i128::from);
    Ok(part("days")? * MICROS_PER_DAY + part("seconds")? * 1_000_000 + part("microseconds")?)
}

fn attribute(value: &Bound<'_, PyAny>, name: &str) -> PyResult<i64> {
    value.getattr(name)?.extract()
}

fn naive(value: &Bound<'_, PyAny>, message: &str) -> Result<(), Mismatch> {
    match value.getattr("tzinfo") {
        Ok(zone) if zone.is_none() => Ok(()),
        Ok(_) => Err(misfit(message)),
        Err(exception) => Err(Mismatch::Error(from_exception(exception))),
    }
}

fn misfit(message: &str) -> Mismatch {
    Mismatch::Error(Error::value(message))
}
