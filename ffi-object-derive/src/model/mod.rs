//! What the macros know of an item: the result of parsing, before rules that look at several parts of it.

mod enumeration;
mod error;
mod function;
mod object;
mod sum;

use syn::{Attribute, Type};

pub(crate) use enumeration::{Enumeration, Unit};
pub(crate) use error::{Base, Class, ErrorModel};
pub(crate) use function::{is_static, Constant, Function, Kind, Methods, Parameter, Passing, Receiver, FOR_THE_CALL};
pub(crate) use object::{Field, Init, Object, TypeOptions};
pub(crate) use sum::{Shape, Sum, Variant};

/// The `T` of `name<T>`, whatever comes before the name.
pub(crate) fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(ty) = ty else { return None };
    let last = ty.path.segments.last().filter(|s| s.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn is_deprecated(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|a| a.path().is_ident("deprecated"))
}
