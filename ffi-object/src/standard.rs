//! Values of types that every language's standard library has: spans and points of time, identifiers.
//!
//! A frontend turns each into the type of its own language. Time is counted in microseconds, the resolution of Python's:
//! what Rust has beyond that is rounded down on the way out.

/// A value of such a type, in parts that all languages agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standard {
    /// A span of time, in microseconds.
    Span(i128),
    /// A point in time.
    Moment {
        /// Microseconds since the beginning of 1970 in UTC.
        micros: i128,
        /// What the clock that shows it is ahead of UTC, in seconds.
        offset: i32,
    },
    /// What a clock and a calendar show, wherever they are: microseconds since they showed the beginning of 1970.
    Local(i128),
    /// A day, counted from the first of January 1970.
    Date(i64),
    /// A time of day, in microseconds since midnight.
    Time(i64),
    /// A universally unique identifier.
    Uuid(u128),
}

/// Which of them is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StandardKind {
    /// [`Standard::Span`].
    Span,
    /// [`Standard::Moment`].
    Moment,
    /// [`Standard::Local`].
    Local,
    /// [`Standard::Date`].
    Date,
    /// [`Standard::Time`].
    Time,
    /// [`Standard::Uuid`].
    Uuid,
}

impl StandardKind {
    /// The type as a Python user would write it.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Span => "datetime.timedelta",
            Self::Moment | Self::Local => "datetime.datetime",
            Self::Date => "datetime.date",
            Self::Time => "datetime.time",
            Self::Uuid => "uuid.UUID",
        }
    }
}

impl Standard {
    /// Which of them it is.
    #[must_use]
    pub const fn kind(self) -> StandardKind {
        match self {
            Self::Span(_) => StandardKind::Span,
            Self::Moment { .. } => StandardKind::Moment,
            Self::Local(_) => StandardKind::Local,
            Self::Date(_) => StandardKind::Date,
            Self::Time(_) => StandardKind::Time,
            Self::Uuid(_) => StandardKind::Uuid,
        }
    }
}
