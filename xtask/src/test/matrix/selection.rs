//! Which interpreters `--on` asks for.

use std::str::FromStr;

use anyhow::{anyhow, bail, Context, Error, Result};

use super::interpreters::{Kind, Slot};

/// What `--on` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The oldest with a GIL that is there.
    Oldest,
    /// The one that all other commands use.
    Default,
    /// The newest with a GIL that is there.
    Newest,
    /// One kind, there or not.
    Kind(Kind),
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Ok(match name {
            "oldest" => Self::Oldest,
            "default" => Self::Default,
            "newest" => Self::Newest,
            _ => Self::Kind(name.parse().context("give `oldest`, `default`, `newest`, or a version")?),
        })
    }
}

impl Choice {
    /// The kinds that it stands for. Those that would have come before the oldest or newest are among
    /// them, so that the table says that they are not there.
    fn kinds(self, slots: &[Slot], default: Result<Kind, &Error>) -> Result<Vec<Kind>> {
        let with_gil = slots.iter().filter(|slot| !slot.kind.free_threaded);
        Ok(match self {
            Self::Oldest => until_found(with_gil),
            Self::Newest => until_found(with_gil.rev()),
            Self::Default => vec![default.map_err(|error| anyhow!("{error:#}"))?],
            Self::Kind(kind) => vec![kind],
        })
    }
}

/// The first interpreter that is there, and those before it.
fn until_found<'s>(slots: impl Iterator<Item = &'s Slot>) -> Vec<Kind> {
    let mut found = false;
    let wanted = slots.take_while(|slot| !std::mem::replace(&mut found, slot.python.is_ok()));
    wanted.map(|slot| slot.kind).collect()
}

/// The slots that were asked for, all if nothing was, in their order.
///
/// # Errors
///
/// If there is no default and it was asked for, or if the matrix has no such interpreter.
pub(super) fn select(slots: &[Slot], choices: &[Choice], default: Result<Kind, &Error>) -> Result<Vec<Slot>> {
    if choices.is_empty() {
        return Ok(slots.to_vec());
    }
    let mut wanted = Vec::new();
    for choice in choices {
        wanted.extend(choice.kinds(slots, default)?);
    }
    if let Some(unknown) = wanted.iter().find(|kind| slots.iter().all(|slot| slot.kind != **kind)) {
        let known: Vec<_> = slots.iter().map(|slot| slot.kind.to_string()).collect();
        bail!("the matrix has no {unknown}; it has {}", known.join(", "));
    }
    Ok(slots.iter().filter(|slot| wanted.contains(&slot.kind)).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::super::interpreters::example;
    use super::*;

    fn selected(names: &str) -> Result<String> {
        let slot = |name: &str, there| {
            let kind: Kind = name.parse().unwrap();
            let python =
                if there { Ok(example(kind.minor, kind.free_threaded, "3.9.9", "/p")) } else { Err("".into()) };
            Slot { kind, python }
        };
        let slots = [
            slot("3.10", false),
            slot("3.11", true),
            slot("3.12", true),
            slot("3.13", true),
            slot("3.13t", true),
            slot("3.14", true),
            slot("3.15", false),
            slot("3.15t", true),
        ];
        let choices = names.split_terminator(',').map(str::parse).collect::<Result<Vec<_>>>()?;
        let found = select(&slots, &choices, Ok("3.12".parse()?))?;
        Ok(found.iter().map(|slot| slot.kind.to_string()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn what_is_missing_at_the_ends_is_selected_too() {
        assert_eq!(selected("oldest").unwrap(), "3.10 3.11");
        assert_eq!(selected("newest").unwrap(), "3.14 3.15");
    }

    #[test]
    fn they_keep_their_order_and_come_once() {
        assert_eq!(selected("3.13t,default,3.10,3.12").unwrap(), "3.10 3.12 3.13t");
        assert_eq!(selected("").unwrap(), "3.10 3.11 3.12 3.13 3.13t 3.14 3.15 3.15t");
    }

    #[test]
    fn what_the_matrix_does_not_have_is_an_error() {
        for (name, said) in [
            ("3.9", "the matrix has no 3.9; it has 3.10, 3.11"),
            ("3.14t", "the matrix has no 3.14t; it has"),
            (
                "latest",
                "give `oldest`, `default`, `newest`, or a version: `latest` is no version such as 3.12 or 3.13t",
            ),
        ] {
            let error = format!("{:#}", selected(name).unwrap_err());
            assert!(error.starts_with(said), "{error}");
        }
    }
}
