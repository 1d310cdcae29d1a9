//! Tuples.
#![allow(non_snake_case, reason = "the macro names its variables as the type parameters")]

use std::borrow::Cow;

use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::trace::Tracing;
use crate::value::{Return, Value};

macro_rules! tuples {
    ($($len:literal: $($name:ident $index:tt),+;)*) => {
        $(impl<$($name: Value),+> Value for ($($name,)+) {
            const TRACE: Option<Tracing<Self>> = if $($name::TRACE.is_some())||+ {
                // SAFETY: it owns its parts.
                Some(unsafe {
                    Tracing::new(
                        |parts, tracer| { $(tracer.trace(&parts.$index);)+ },
                        |reach| { $(reach.of::<$name>();)+ },
                    )
                })
            } else {
                None
            };

            fn type_name() -> Cow<'static, str> {
                format!("tuple[{}]", [$($name::type_name()),+].join(", ")).into()
            }
            fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                out.pack([$(self.$index.encode(out)?),+])
            }
            fn decode(from: Decoder<'_>) -> Result<Self, Error> {
                let mut parts = ($(None::<$name>,)+);
                let mut count = 0;
                let read = from.for_each(|item| {
                    match count {
                        $($index => parts.$index =
                            Some($name::decode(item).map_err(|error| error.at(concat!("item ", $index)))?),)+
                        _ => {}
                    }
                    count += 1;
                    Ok(())
                });
                read.map_err(|mismatch| from.error(mismatch, &<Self as Value>::type_name()))?;
                match parts {
                    ($(Some($name),)+) if count == $len => Ok(($($name,)+)),
                    _ => Err(Error::value(format!("expected {} items, got {count}", $len))),
                }
            }
        }
        impl<$($name: Return),+> Return for ($($name,)+) {
            fn type_name() -> Cow<'static, str> {
                format!("tuple[{}]", [$($name::type_name()),+].join(", ")).into()
            }
            fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                out.pack([$(self.$index.give(out)?),+])
            }
        })*
    };
}

tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
}
