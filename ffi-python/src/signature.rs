//! Signatures as `inspect` reads them from a docstring.

use ffi_object::__private::{Param, ParamKind, Signature};

/// A docstring that begins with a signature. `receiver` is what comes first, if there is one, and is not passed.
pub(crate) fn text(name: &str, receiver: Option<&str>, signature: &Signature, doc: &str) -> String {
    let mut all = Vec::new();
    if let Some(receiver) = receiver {
        // Its name does not matter, as long as it is no other's.
        let mut receiver = receiver.to_owned();
        while signature.params.iter().any(|p| p.name == receiver) {
            receiver.push('_');
        }
        all.push(format!("${receiver}"));
    }
    let mut before = None;
    for param in signature.params.iter().filter(|p| p.kind != ParamKind::Hidden) {
        if before == Some(ParamKind::PositionalOnly) && param.kind != ParamKind::PositionalOnly {
            all.push("/".into());
        }
        if param.kind == ParamKind::KeywordOnly && before < Some(ParamKind::Args) {
            all.push("*".into());
        }
        all.push(parameter(param));
        before = Some(param.kind);
    }
    if before == Some(ParamKind::PositionalOnly) {
        all.push("/".into());
    }
    format!("{name}({})\n--\n\n{doc}", all.join(", "))
}

fn parameter(param: &Param) -> String {
    let name = param.name;
    match (param.kind, param.default) {
        (ParamKind::Args, _) => format!("*{name}"),
        (ParamKind::Kwargs, _) => format!("**{name}"),
        (_, Some(default)) => format!("{name}={}", literal(default)),
        (_, None) => name.into(),
    }
}

/// A Rust default as Python would write it, or `...` where it has no short form.
pub(crate) fn literal(rust: &str) -> String {
    match rust {
        "true" => "True".into(),
        "false" => "False".into(),
        "None" | "()" => "None".into(),
        "[]" | "vec![]" | "Vec::new()" => "()".into(),
        "String::new()" => "''".into(),
        _ => number_literal(rust).or_else(|| text_literal(rust)).unwrap_or_else(|| "...".into()),
    }
}

/// A number as Python would write it: without leading zeros, which it refuses in whole ones.
fn number_literal(rust: &str) -> Option<String> {
    let (sign, number) = rust.strip_prefix('-').map_or(("", rust), |number| ("-", number));
    let digits_end = number.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(number.len());
    let (whole, rest) = number.split_at(digits_end);
    let exponent = rest.split_once(['e', 'E']);
    let fraction = exponent.map_or(rest, |(fraction, _)| fraction);
    let exponent = exponent.map(|(_, exponent)| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    // A suffix, an operator or a method leaves something else.
    let is_number = !whole.is_empty()
        && (fraction.is_empty() || fraction.strip_prefix('.').is_some_and(all_digits))
        && exponent.is_none_or(|exponent| !exponent.is_empty() && all_digits(exponent));
    let number: String = number.chars().filter(|c| *c != '_').collect();
    let number = if rest.is_empty() { number.trim_start_matches('0') } else { &number };
    is_number.then(|| format!("{sign}{}", if number.is_empty() { "0" } else { number }))
}

/// The text of a string literal, whatever makes a `String` of it.
fn text_literal(rust: &str) -> Option<String> {
    let inner = rust.strip_prefix("String::from(").and_then(|r| r.strip_suffix(')')).unwrap_or(rust);
    let inner = [".into()", ".to_owned()", ".to_string()"].iter().find_map(|s| inner.strip_suffix(s)).unwrap_or(inner);
    let text = inner.strip_prefix('"')?.strip_suffix('"')?;
    // What is escaped in Rust may be written otherwise in Python; a quote means that this is no single literal. CPython
    // looks for the end of the signature without knowing of quotes.
    let plain = !text.contains(['"', '\\', '\n', '\r', '\0']) && !text.contains(")\n--\n\n");
    plain.then(|| format!("\"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn param(name: &'static str, kind: ParamKind, default: Option<&'static str>) -> Param {
        Param { name, kind, default, type_name: || "int".into() }
    }

    #[test]
    fn all_kinds_of_parameters() {
        use ParamKind::{Args, Hidden, KeywordOnly, Kwargs, PositionalOnly, Standard};
        static ALL: [Param; 6] = [
            param("a", PositionalOnly, None),
            param("b", Standard, Some("1")),
            param("c", Args, None),
            param("self", KeywordOnly, None),
            param("e", Kwargs, None),
            param("f", Hidden, Some("0")),
        ];
        static PLAIN: [Param; 2] = [param("a", PositionalOnly, None), param("b", KeywordOnly, Some("None"))];
        let text = |receiver, params| text("f", receiver, &Signature::new("f", params), "Doc.");
        assert_eq!(text(Some("self"), &ALL), "f($self_, a, /, b=1, *c, self, **e)\n--\n\nDoc.");
        assert_eq!(text(None, &PLAIN), "f(a, /, *, b=None)\n--\n\nDoc.");
        assert_eq!(text(None, &PLAIN[..1]), "f(a, /)\n--\n\nDoc.");
        assert_eq!(text(None, &[]), "f()\n--\n\nDoc.");
    }

    #[test]
    fn defaults_are_literals_or_nothing() {
        for (rust, python) in [
            ("1_000", "1000"),
            ("007", "7"),
            ("-5", "-5"),
            ("000", "0"),
            ("0.50", "0.50"),
            ("1e300", "1e300"),
            ("2_5.0_1E-1_0", "25.01E-10"),
            ("-2.", "-2."),
            ("340282366920938463463374607431768211455", "340282366920938463463374607431768211455"),
            ("1.5f32", "..."),
            ("1.0 - 2.0", "..."),
            ("1.max(2)", "..."),
            ("1e", "..."),
            ("-", "..."),
            ("", "..."),
            ("inf", "..."),
            ("1u8", "..."),
            ("f64::NAN", "..."),
            ("\"a b\"", "\"a b\""),
            ("String::from(\"x\")", "\"x\""),
            ("\"x\".to_owned()", "\"x\""),
            ("\"a\".to_owned() + \"b\"", "..."),
            ("\"a\\n\"", "..."),
            ("Some(1)", "..."),
            ("true", "True"),
            ("None", "None"),
            ("vec![]", "()"),
        ] {
            assert_eq!(literal(rust), python, "{rust}");
        }
    }
}
