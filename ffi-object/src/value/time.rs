//! `Duration` and `SystemTime`; behind features, the types of `chrono` and `uuid`.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::standard::{Standard, StandardKind};
use crate::value::{returns, Return, Value};

const MICROS: i128 = 1_000_000;

/// A number of microseconds as whole seconds and the nanoseconds beyond, which are not negative.
fn split(micros: i128) -> (i128, u32) {
    let nanos = micros.rem_euclid(MICROS) * 1000;
    (micros.div_euclid(MICROS), u32::try_from(nanos).unwrap_or_default())
}

fn out_of_range(rust: &str, kind: StandardKind) -> Error {
    Error::overflow(format!("{} out of range for {rust}", kind.type_name()))
}

macro_rules! standards {
    ($($ty:ty, $rust:literal: |$this:ident| $make:expr, $pattern:pat => $read:expr, $kind:ident;)*) => {
        $(impl Value for $ty {
            fn type_name() -> Cow<'static, str> {
                StandardKind::$kind.type_name().into()
            }
            fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                let $this = self;
                out.standard($make)
            }
            fn decode(from: Decoder<'_>) -> Result<Self, Error> {
                let kind = StandardKind::$kind;
                match from.standard(kind) {
                    Ok($pattern) => $read.ok_or_else(|| out_of_range($rust, kind)),
                    #[allow(unreachable_patterns, reason = "one macro for all kinds")]
                    Ok(other) => Err(Error::expected(kind.type_name(), other.kind().type_name())),
                    Err(mismatch) => Err(from.error(mismatch, kind.type_name())),
                }
            }
        }
        returns!($ty);)*
    };
}

standards! {
    Duration, "Duration":
        |span| Standard::Span(i128::from(span.as_secs()) * MICROS + i128::from(span.subsec_micros())),
        Standard::Span(micros) => duration(micros), Span;
    SystemTime, "SystemTime":
        |moment| Standard::Moment { micros: since_1970(*moment), offset: 0 },
        Standard::Moment { micros, .. } => system_time(micros), Moment;
}

fn duration(micros: i128) -> Option<Duration> {
    let (seconds, nanos) = split(micros);
    Some(Duration::new(u64::try_from(seconds).ok()?, nanos))
}

fn since_1970(moment: SystemTime) -> i128 {
    let micros = |nanos: u128| i128::try_from(nanos).unwrap_or(i128::MAX);
    match moment.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => micros(after.as_nanos()) / 1000,
        // Down, not towards zero.
        Err(before) => (-micros(before.duration().as_nanos())).div_euclid(1000),
    }
}

fn system_time(micros: i128) -> Option<SystemTime> {
    match duration(micros) {
        Some(after) => SystemTime::UNIX_EPOCH.checked_add(after),
        None => SystemTime::UNIX_EPOCH.checked_sub(duration(-micros)?),
    }
}

#[cfg(feature = "uuid")]
standards! {
    uuid::Uuid, "Uuid":
        |id| Standard::Uuid(id.as_u128()), Standard::Uuid(id) => Some(uuid::Uuid::from_u128(id)), Uuid;
}

#[cfg(feature = "chrono")]
mod with_chrono {
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

    use super::*;

    standards! {
        TimeDelta, "TimeDelta": |span| Standard::Span(span_micros(*span)), Standard::Span(micros) => span(micros), Span;
        DateTime<Utc>, "DateTime<Utc>":
            |moment| Standard::Moment { micros: moment.timestamp_micros().into(), offset: 0 },
            Standard::Moment { micros, .. } => utc(micros), Moment;
        DateTime<FixedOffset>, "DateTime<FixedOffset>":
            |moment| Standard::Moment {
                micros: moment.timestamp_micros().into(),
                offset: moment.offset().local_minus_utc(),
            },
            Standard::Moment { micros, offset } => at_offset(micros, offset), Moment;
        NaiveDateTime, "NaiveDateTime":
            |local| Standard::Local(local.and_utc().timestamp_micros().into()),
            Standard::Local(micros) => utc(micros).map(|moment| moment.naive_utc()), Local;
        NaiveDate, "NaiveDate":
            |date| Standard::Date(date.signed_duration_since(epoch()).num_days()),
            Standard::Date(days) => date(days), Date;
        NaiveTime, "NaiveTime":
            // A leap second, which Python has no place for, is shown as the end of the second before.
            |time| Standard::Time(
                i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1000).min(999_999)
            ),
            Standard::Time(micros) => time(micros), Time;
    }

    fn epoch() -> NaiveDate {
        DateTime::<Utc>::UNIX_EPOCH.date_naive()
    }

    fn date(days: i64) -> Option<NaiveDate> {
        epoch().checked_add_signed(TimeDelta::try_days(days)?)
    }

    fn span_micros(span: TimeDelta) -> i128 {
        let nanos = i128::from(span.num_seconds()) * 1_000_000_000 + i128::from(span.subsec_nanos());
        nanos.div_euclid(1000)
    }

    fn span(micros: i128) -> Option<TimeDelta> {
        let (seconds, nanos) = split(micros);
        TimeDelta::new(i64::try_from(seconds).ok()?, nanos)
    }

    fn utc(micros: i128) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(i64::try_from(micros).ok()?)
    }

    fn at_offset(micros: i128, offset: i32) -> Option<DateTime<FixedOffset>> {
        Some(utc(micros)?.with_timezone(&FixedOffset::east_opt(offset)?))
    }

    fn time(micros: i64) -> Option<NaiveTime> {
        let (seconds, nanos) = split(micros.into());
        NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(seconds).ok()?, nanos)
    }
}
