//! What all types of immutable text can do, as the `str` that they lead to.

/// Implements it for a type that derefs to `str`, has `new` and is equal to others of its kind.
macro_rules! text {
    ($text:ty) => {
        impl std::hash::Hash for $text {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                std::hash::Hash::hash(&**self, state);
            }
        }

        impl std::fmt::Debug for $text {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&**self, f)
            }
        }

        impl std::fmt::Display for $text {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self)
            }
        }

        impl AsRef<str> for $text {
            fn as_ref(&self) -> &str {
                self
            }
        }

        /// Equality, order and hash are those of the text.
        impl std::borrow::Borrow<str> for $text {
            fn borrow(&self) -> &str {
                self
            }
        }

        impl PartialEq<str> for $text {
            fn eq(&self, other: &str) -> bool {
                **self == *other
            }
        }

        impl PartialEq<&str> for $text {
            fn eq(&self, other: &&str) -> bool {
                **self == **other
            }
        }

        impl PartialOrd for $text {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $text {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                (**self).cmp(&**other)
            }
        }

        impl From<&str> for $text {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}
pub(crate) use text;
