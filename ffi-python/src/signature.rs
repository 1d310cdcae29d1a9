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
    let number = rust.replace('_', "");
    let is_float = number.contains(['.', 'e', 'E']) && number.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    match rust {
        "true" => "True".into(),
        "false" => "False".into(),
        "None" | "()" => "None".into(),
        "[]" | "vec![]" | "Vec::new()" => "()".into(),
        "String::new()" => "''".into(),
        _ => {
            let integer = number.parse::<i128>().map(|n| n.to_string());
            let integer = integer.or_else(|_| number.parse::<u128>().map(|n| n.to_string()));
            let float = || number.parse::<f64>().ok().filter(|f| is_float && f.is_finite()).map(|f| format!("{f:?}"));
            integer.ok().or_else(float).or_else(|| text_literal(rust)).unwrap_or_else(|| "...".into())
        }
    }
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
            ("0.50", "0.5"),
            ("1e300", "1e300"),
            ("-2.", "-2.0"),
            ("340282366920938463463374607431768211455", "340282366920938463463374607431768211455"),
            ("3402823669209384634633746074317682114550", "..."),
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
