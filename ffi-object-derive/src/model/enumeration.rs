//! The model of an enum that derives `FfiEnum`.

use proc_macro2::{Span, TokenStream};
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Variant};

use crate::attr::{self, Name, Options};
use crate::ctxt::Ctxt;
use crate::model::is_deprecated;
use crate::names;

/// An enum that derives `FfiEnum`.
pub(crate) struct Enumeration {
    pub(crate) ident: Ident,
    pub(crate) name: Name,
    pub(crate) module: Option<LitStr>,
    pub(crate) doc: TokenStream,
    pub(crate) int: bool,
    /// Whether the enum or a variant is, which is none of the expansion's business.
    pub(crate) deprecated: bool,
    pub(crate) variants: Vec<Unit>,
}

/// A variant of such an enum.
pub(crate) struct Unit {
    pub(crate) ident: Ident,
    pub(crate) name: Name,
    pub(crate) doc: TokenStream,
    pub(crate) skip: Option<Span>,
    /// Where `name = "…"` is, if it is.
    pub(crate) renamed: Option<Span>,
}

impl Enumeration {
    pub(crate) fn parse(cx: &mut Ctxt, input: &DeriveInput) -> Self {
        let mut options = Options::of_attributes(cx, &input.attrs, &attr::ENUM);
        let case = options.string(cx, "rename_all").and_then(|text| Case::parse(cx, &text));
        if let Some(parameter) = input.generics.params.first() {
            cx.error(parameter, "an enumeration cannot be generic: a frontend sees one class");
        }
        let mut deprecated = is_deprecated(&input.attrs);
        let variants = match &input.data {
            Data::Enum(data) => {
                deprecated |= data.variants.iter().any(|v| is_deprecated(&v.attrs));
                let variants: Vec<_> = data.variants.iter().map(|variant| Unit::parse(cx, variant, case)).collect();
                if variants.iter().all(|variant| variant.skip.is_some()) {
                    cx.error(&input.ident, "an enumeration needs a member: a variant that Python sees");
                }
                variants
            }
            _ => {
                cx.error(&input.ident, "`FfiEnum` is for enums: derive `FfiObject` for a struct");
                Vec::new()
            }
        };
        Self {
            name: options.string(cx, "name").map_or_else(|| Name::of(&input.ident), Name::from),
            ident: input.ident.clone(),
            module: options.string(cx, "module"),
            doc: names::doc(&input.attrs),
            int: options.flag(cx, "int").is_some(),
            deprecated,
            variants,
        }
    }
}

impl Unit {
    fn parse(cx: &mut Ctxt, variant: &Variant, case: Option<Case>) -> Self {
        if !matches!(variant.fields, Fields::Unit) {
            cx.error(
                &variant.fields,
                "a member of an enumeration has no data: derive `FfiObject` for this enum instead, which makes a class of \
                 each variant",
            );
        }
        let mut options = Options::of_attributes(cx, &variant.attrs, &attr::MEMBER);
        let name = options.string(cx, "name");
        let renamed = name.as_ref().map(LitStr::span);
        let mut own = Name::of(&variant.ident);
        if let Some(case) = case {
            own.text = case.apply(&own.text);
        }
        Self {
            ident: variant.ident.clone(),
            name: name.map_or(own, Name::from),
            doc: names::doc(&variant.attrs),
            skip: options.flag(cx, "skip"),
            renamed,
        }
    }
}

/// How the names of all members are written.
#[derive(Clone, Copy)]
enum Case {
    Upper,
    Lower,
}

impl Case {
    fn parse(cx: &mut Ctxt, text: &LitStr) -> Option<Self> {
        match &*text.value() {
            "SCREAMING_SNAKE_CASE" => Some(Self::Upper),
            "snake_case" => Some(Self::Lower),
            _ => {
                cx.error(text, "expected `\"SCREAMING_SNAKE_CASE\"` or `\"snake_case\"`");
                None
            }
        }
    }

    /// `DarkRed` as `DARK_RED` or `dark_red`.
    fn apply(self, camel: &str) -> String {
        let mut text = String::new();
        let mut chars = camel.chars().peekable();
        let mut before = None::<char>;
        while let Some(c) = chars.next() {
            let starts = c.is_uppercase()
                && before.is_some_and(|b| {
                    b.is_lowercase() || b.is_numeric() || chars.peek().is_some_and(|next| next.is_lowercase())
                });
            if starts && before != Some('_') {
                text.push('_');
            }
            match self {
                Self::Upper => text.extend(c.to_uppercase()),
                Self::Lower => text.extend(c.to_lowercase()),
            }
            before = Some(c);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Case;

    #[test]
    fn words_are_told_apart() {
        for (camel, upper, lower) in [
            ("Red", "RED", "red"),
            ("DarkRed", "DARK_RED", "dark_red"),
            ("HTTPServer", "HTTP_SERVER", "http_server"),
            ("Utf8Text", "UTF8_TEXT", "utf8_text"),
            ("X", "X", "x"),
            ("A_B", "A_B", "a_b"),
        ] {
            assert_eq!(Case::Upper.apply(camel), upper);
            assert_eq!(Case::Lower.apply(camel), lower);
        }
    }
}
