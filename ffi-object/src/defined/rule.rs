//! What a field of a defined type may hold, and how a value is read for it.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::any::Any;
use crate::bytes::{Bytes, Str};
use crate::error::Error;
use crate::foreign::PyValue;
use crate::frontend::{Decoder, Mismatch};
use crate::info::TypeInfo;
use crate::value::Value;

/// A class of the frontend's language, whose instances a field may hold.
pub trait ForeignClass: Send + Sync {
    /// Its name.
    fn name(&self) -> String;
    /// Whether a value is an instance. Runs attached.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    fn admits(&self, value: &PyValue) -> Result<bool, Error>;
}

/// Finds out later what a field may hold.
pub trait Resolve: Send + Sync {
    /// The annotation as it was written.
    fn text(&self) -> &str;
    /// What it means.
    ///
    /// # Errors
    ///
    /// It means nothing yet.
    fn resolve(&self) -> Result<Rule, Error>;
}

/// What a field may hold.
#[derive(Clone)]
pub enum Rule {
    /// Nothing.
    None,
    /// A truth value.
    Bool,
    /// A whole number of one word.
    Int,
    /// A number.
    Float,
    /// Text.
    Str,
    /// Bytes.
    Bytes,
    /// Any value, as an [`Any`] carries it.
    Any,
    /// What can be called.
    Callable,
    /// An object of this type or of one that extends it.
    Object(&'static TypeInfo),
    /// An object of the very type that is being defined.
    This(Arc<OnceLock<&'static TypeInfo>>),
    /// An object of this type whose wrapper is an instance of a class.
    Instance(&'static TypeInfo, Arc<dyn ForeignClass>),
    /// An instance of a class, carried as it is.
    Foreign(Arc<dyn ForeignClass>),
    /// A fixed sequence of these.
    Tuple(Arc<[Rule]>),
    /// A sequence of any length.
    TupleOf(Arc<Rule>),
    /// One of these values.
    Literal(Arc<[Any]>),
    /// What one of these takes.
    OneOf(Arc<[Rule]>),
    /// What will be known when it is first used.
    Later(Arc<Later>),
}

/// A rule that is not known yet.
pub struct Later {
    resolve: Box<dyn Resolve>,
    rule: OnceLock<Rule>,
}

impl Later {
    /// The rule that this will be.
    #[must_use]
    pub fn new(resolve: Box<dyn Resolve>) -> Self {
        Self { resolve, rule: OnceLock::new() }
    }

    fn rule(&self) -> Result<&Rule, Error> {
        if let Some(rule) = self.rule.get() {
            return Ok(rule);
        }
        // No lock meanwhile: it runs code of the language. Who comes second has found the same.
        let rule = self.resolve.resolve()?;
        Ok(self.rule.get_or_init(|| rule))
    }
}

impl fmt::Debug for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.resolve.text())
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl Rule {
    /// The type as a Python user would write it.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        let joined = |rules: &[Self], by: &str| rules.iter().map(Self::name).collect::<Vec<_>>().join(by);
        match self {
            Self::None => "None".into(),
            Self::Bool => "bool".into(),
            Self::Int => "int".into(),
            Self::Float => "float".into(),
            Self::Str => "str".into(),
            Self::Bytes => "bytes".into(),
            Self::Any => "object".into(),
            Self::Callable => "Callable".into(),
            Self::Object(info) => info.name.into(),
            Self::This(info) => info.get().map_or("?", |info| info.name).into(),
            Self::Instance(_, class) | Self::Foreign(class) => class.name().into(),
            Self::Tuple(items) if items.is_empty() => "tuple[()]".into(),
            Self::Tuple(items) => format!("tuple[{}]", joined(items, ", ")).into(),
            Self::TupleOf(item) => format!("tuple[{}, ...]", item.name()).into(),
            Self::Literal(values) => {
                let values: Vec<_> = values.iter().map(|value| format!("{value:?}")).collect();
                format!("Literal[{}]", values.join(", ")).into()
            }
            Self::OneOf(rules) => joined(rules, " | ").into(),
            Self::Later(later) => match later.rule.get() {
                Some(rule) => rule.name(),
                None => later.resolve.text().to_owned().into(),
            },
        }
    }

    /// Whether a value may lead to values of the frontend's language.
    #[must_use]
    pub fn leads_outside(&self) -> bool {
        match self {
            Self::None | Self::Bool | Self::Int | Self::Float | Self::Str | Self::Bytes | Self::This(_) => false,
            Self::Literal(values) => values.iter().any(Any::is_opaque),
            Self::Object(info) | Self::Instance(info, _) => info.is_traced() || info.base().is_none(),
            Self::Tuple(rules) | Self::OneOf(rules) => rules.iter().any(Self::leads_outside),
            Self::TupleOf(rule) => rule.leads_outside(),
            Self::Any | Self::Callable | Self::Foreign(_) | Self::Later(_) => true,
        }
    }

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// A value that is not of this kind, or what goes wrong in the frontend's language.
    pub fn read(&self, from: Decoder<'_>) -> Result<Any, Error> {
        match self {
            Self::None if from.is_none() => Ok(Any::None),
            Self::None => Err(from.error(Mismatch::Type, "None")),
            Self::Bool => bool::decode(from).map(Any::Bool),
            Self::Int => i64::decode(from).map(Any::Int),
            Self::Float => f64::decode(from).map(Any::Float),
            Self::Str => Str::decode(from).map(Any::Str),
            Self::Bytes => Bytes::decode(from).map(Any::Bytes),
            Self::Any => Any::decode(from),
            Self::Callable if from.is_callable() => Any::decode(from),
            Self::Callable => Err(from.error(Mismatch::Type, "a callable")),
            Self::Object(info) => object(info, from),
            Self::This(info) => match info.get() {
                Some(info) => object(info, from),
                None => Err(Error::runtime("the type is being defined")),
            },
            Self::Instance(info, class) => {
                let object = object(info, from)?;
                admitted(class, from)?;
                Ok(object)
            }
            Self::Foreign(class) => admitted(class, from).map(Any::Foreign),
            Self::Tuple(rules) => {
                let items = self.items(from, &|place| rules.get(place))?;
                if items.len() == rules.len() {
                    Ok(items.into())
                } else {
                    Err(Error::value(format!("expected {} items, got {}", rules.len(), items.len())))
                }
            }
            Self::TupleOf(rule) => self.items(from, &|_| Some(rule)).map(Any::from),
            Self::Literal(values) => {
                let value = Any::decode(from)?;
                if values.contains(&value) {
                    Ok(value)
                } else {
                    Err(Error::value(format!("expected {}, got {value:?}", self.name())))
                }
            }
            Self::OneOf(rules) => self.one_of(rules, from),
            Self::Later(later) => later.rule()?.read(from),
        }
    }

    /// The items of a sequence, each by its rule. What has none is counted.
    fn items<'a>(&self, from: Decoder<'_>, rule: &dyn Fn(usize) -> Option<&'a Self>) -> Result<Vec<Any>, Error> {
        let mut items = Vec::new();
        let read = from.for_each(|item| {
            let place = items.len();
            let value = rule(place).map_or(Ok(Any::None), |rule| rule.read(item));
            items.push(value.map_err(|error| error.at(format_args!("item {place}")))?);
            Ok(())
        });
        read.map_err(|mismatch| from.error(mismatch, &self.name()))?;
        Ok(items)
    }

    /// By the rule that is for values of this very type, or by the first that takes it.
    fn one_of(&self, rules: &[Self], from: Decoder<'_>) -> Result<Any, Error> {
        if let Some(rule) = rules.iter().find(|rule| rule.is_for(from)) {
            return rule.read(from);
        }
        let mut failed = None;
        for rule in rules {
            match rule.read(from) {
                Ok(value) => return Ok(value),
                Err(error) if error.kind() == crate::ErrorKind::Type => {}
                // Of the right type, but it will not do: that says more than what types there are.
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(failed.unwrap_or_else(|| from.error(Mismatch::Type, &self.name())))
    }

    fn is_for(&self, from: Decoder<'_>) -> bool {
        let is_int = || matches!(from.int(), Ok(_) | Err(Mismatch::Range));
        match self {
            Self::None => from.is_none(),
            Self::Bool => from.bool().is_ok(),
            Self::Int => is_int() && from.bool().is_err(),
            Self::Float => !is_int() && from.float().is_ok(),
            _ => false,
        }
    }
}

/// An object of this type, or what stands for one.
fn object(info: &'static TypeInfo, from: Decoder<'_>) -> Result<Any, Error> {
    let object = match from.owned_object() {
        Err(Mismatch::Type) => from.convert_object(info),
        object => object,
    };
    let object = object.map_err(|mismatch| from.error(mismatch, info.name))?;
    if object.type_info().is_a(info) {
        Ok(Any::Object(object))
    } else {
        Err(Error::expected(info.name, object.type_info().name))
    }
}

/// An instance of a class.
fn admitted(class: &Arc<dyn ForeignClass>, from: Decoder<'_>) -> Result<PyValue, Error> {
    let value = PyValue::decode(from)?;
    if class.admits(&value)? {
        Ok(value)
    } else {
        Err(from.error(Mismatch::Type, &class.name()))
    }
}
