//! Texts for the frontend: documentation, the source of defaults, and what may be a name.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::{quote, ToTokens};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Words that no Python identifier may be.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Why this cannot be a name in Python, if it cannot.
pub(crate) fn objection(name: &str) -> Option<&'static str> {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c == '_' || c.is_alphabetic());
    if !starts || !chars.all(|c| c == '_' || c.is_alphanumeric()) {
        return Some("is not a Python identifier");
    }
    KEYWORDS.contains(&name).then_some("is a keyword of Python")
}

/// The documentation of an item, as an expression.
pub(crate) fn doc(attributes: &[Attribute]) -> TokenStream {
    let mut text = String::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("doc")) {
        let Meta::NameValue(doc) = &attribute.meta else { continue };
        match &doc.value {
            Expr::Lit(ExprLit { lit: Lit::Str(lines), .. }) => {
                for line in lines.value().split('\n') {
                    text.push_str(line.strip_prefix(' ').unwrap_or(line));
                    text.push('\n');
                }
            }
            // `#[doc = include_str!("…")]` is all there is, as a rule.
            macros => return macros.to_token_stream(),
        }
    }
    let text = text.trim();
    quote!(#text)
}

/// An expression as one would write it.
pub(crate) fn source(expr: &Expr) -> String {
    let mut text = String::new();
    write(expr.to_token_stream(), &mut text);
    text
}

/// What decides whether a space comes next.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// The start of a group, a path separator, a prefix operator: nothing.
    Open,
    /// An identifier, a literal or a closed group.
    Word,
    /// A macro's `!`.
    Bang,
    /// An operator or a comma: a space.
    Operator,
}

fn write(tokens: TokenStream, text: &mut String) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut before = Before::Open;
    let mut angles = 0_usize;
    let mut i = 0;
    while i < tokens.len() {
        match &tokens[i] {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                if before == Before::Operator || (before == Before::Word && open == "{ ") {
                    text.push(' ');
                }
                let empty = group.stream().is_empty();
                text.push_str(if empty { open.trim() } else { open });
                write(group.stream(), text);
                text.push_str(if empty { close.trim() } else { close });
                before = Before::Word;
            }
            TokenTree::Punct(_) => {
                let mut operator = String::new();
                while let Some(TokenTree::Punct(punct)) = tokens.get(i) {
                    operator.push(punct.as_char());
                    let joint =
                        punct.spacing() == Spacing::Joint && !matches!(operator.as_str(), "<" | ">" | "&&" | "::");
                    if !joint || !matches!(tokens.get(i + 1), Some(TokenTree::Punct(_))) {
                        break;
                    }
                    i += 1;
                }
                before = punctuate(&operator, before, &mut angles, tokens.get(i + 1), text);
            }
            word => {
                if matches!(before, Before::Word | Before::Operator) {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
                before = Before::Word;
            }
        }
        i += 1;
    }
}

fn punctuate(
    operator: &str,
    before: Before,
    angles: &mut usize,
    next: Option<&TokenTree>,
    text: &mut String,
) -> Before {
    let generic = text.ends_with("::") || *angles > 0 || text.ends_with(char::is_alphanumeric) && names_a_type(text);
    let group_next = matches!(next, Some(TokenTree::Group(_)));
    let (tight_before, after) = match operator {
        "::" | "." | ".." | "..=" => (true, Before::Open),
        "," | ";" | ":" => (true, Before::Operator),
        "?" => (true, Before::Word),
        "<" if generic || before == Before::Open => {
            *angles += 1;
            (true, Before::Open)
        }
        ">" if *angles > 0 => {
            *angles -= 1;
            (true, if *angles == 0 && !group_next { Before::Word } else { Before::Open })
        }
        "!" if before == Before::Word && group_next => (true, Before::Bang),
        "&" | "&&" | "*" | "-" | "!" | "'" | "|" | "||" if before != Before::Word => {
            (before == Before::Open, Before::Open)
        }
        _ => (before == Before::Open, Before::Operator),
    };
    if !tight_before {
        text.push(' ');
    }
    text.push_str(operator);
    after
}

/// Whether the last word starts with a capital, as types do.
fn names_a_type(text: &str) -> bool {
    let word = text.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next();
    word.is_some_and(|w| w.starts_with(char::is_uppercase) && w.contains(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::source;

    #[test]
    fn defaults_read_as_written() {
        for text in [
            "String::from(\"unnamed\")",
            "-1.5",
            "a + b * (c - 1)",
            "vec![1, 2, 3]",
            "&[1, 2]",
            "Some(Obj::new(Point { x: 1, y: 2 }))",
            "Vec::<u8>::new()",
            "Vec::<Option<u8>>::with_capacity(3)",
            "None",
            "()",
            "Point {}",
            "x.y().z",
            "if a < b { 1 } else { 2 }",
            "!true",
            "std::f64::consts::PI",
            "0..3",
            "<u8 as Default>::default()",
            "'a'",
        ] {
            assert_eq!(source(&syn::parse_str(text).unwrap()), text);
        }
    }
}
