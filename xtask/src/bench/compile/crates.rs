//! The crates: the same structs, annotated for each side.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use crate::workspace::Workspace;

/// What the structs have, and what their classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// Five plain fields, read as attributes; no constructor.
    Attributes,
    /// The same, with a constructor that takes the fields.
    Constructors,
    /// The same, and one of the fields is an object.
    Objects,
}

impl Subject {
    /// These; all, if there are none.
    pub(super) fn chosen(only: &[Self]) -> Vec<Self> {
        let all = Self::value_variants().iter().copied();
        all.filter(|subject| only.is_empty() || only.contains(subject)).collect()
    }

    /// What the user calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Attributes => "attributes",
            Self::Constructors => "constructors",
            Self::Objects => "objects",
        }
    }

    fn has_constructor(self) -> bool {
        self != Self::Attributes
    }
}

/// Who makes the classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Pyo3,
}

impl Side {
    /// The package, which is the module, too.
    pub(super) fn package(self, subject: Subject) -> String {
        let side = match self {
            Self::Ours => "ffi",
            Self::Pyo3 => "pyo3",
        };
        format!("{side}_{}", subject.name())
    }

    /// The fields of a struct, with their types.
    fn fields(self, subject: Subject, index: u32) -> [(&'static str, String); 5] {
        let owner = match self {
            Self::Ours => "Obj",
            Self::Pyo3 => "Py",
        };
        let last = match subject {
            // A tree of types: PyO3 cannot have a chain of more than 128 that own each other.
            Subject::Objects => ("parent", format!("Option<{owner}<S{}>>", index / 2)),
            Subject::Attributes | Subject::Constructors => ("limit", "Option<i64>".to_owned()),
        };
        let plain = |name, ty: &str| (name, ty.to_owned());
        [plain("count", "i64"), plain("weight", "f64"), plain("name", "String"), plain("visible", "bool"), last]
    }

    fn dependencies(self, root: &str) -> String {
        match self {
            Self::Ours => format!(
                "ffi-object = {{ path = {:?} }}\nffi-python = {{ path = {:?} }}\n",
                format!("{root}/ffi-object"),
                format!("{root}/ffi-python"),
            ),
            // As the workspace has it, with what a module of classes needs.
            Self::Pyo3 => {
                "pyo3 = { version = \">=0.28, <0.31\", default-features = false, features = [\"macros\"] }\n".into()
            }
        }
    }

    /// A struct with its class.
    fn item(self, subject: Subject, index: u32) -> String {
        let fields = self.fields(subject, index);
        let annotation = match (self, subject.has_constructor()) {
            (Self::Ours, true) => "#[derive(FfiObject)]",
            (Self::Ours, false) => "#[derive(FfiObject)]\n#[ffi(no_init)]",
            (Self::Pyo3, _) => "#[pyclass(get_all)]",
        };
        let members: String = fields.iter().map(|(name, ty)| format!("    pub {name}: {ty},\n")).collect();
        let mut item = format!("/// The struct number {index}.\n{annotation}\npub struct S{index} {{\n{members}}}\n\n");
        if self == Self::Pyo3 && subject.has_constructor() {
            let params: Vec<_> = fields.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
            let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
            let (params, names) = (params.join(", "), names.join(", "));
            let _ = write!(
                item,
                "#[pymethods]\nimpl S{index} {{\n    #[new]\n    fn new({params}) -> Self {{\n        \
                 Self {{ {names} }}\n    }}\n}}\n\n"
            );
        }
        item
    }

    /// The crate's only file.
    fn source(self, subject: Subject, structs: u32) -> String {
        let package = self.package(subject);
        let mut text = match self {
            Self::Ours if subject == Subject::Objects => "use ffi_object::{FfiObject, Obj};\n\n".to_owned(),
            Self::Ours => "use ffi_object::FfiObject;\n\n".to_owned(),
            Self::Pyo3 => "use pyo3::prelude::*;\n\n".to_owned(),
        };
        text.extend((0..structs).map(|index| self.item(subject, index)));
        match self {
            Self::Ours => {
                let _ = writeln!(text, "ffi_python::module!({package});");
            }
            Self::Pyo3 => {
                let adds: String = (0..structs).map(|i| format!("    module.add_class::<S{i}>()?;\n")).collect();
                let _ = write!(
                    text,
                    "#[pymodule]\nfn {package}(module: &Bound<'_, PyModule>) -> PyResult<()> {{\n{adds}    Ok(())\n}}\n"
                );
            }
        }
        text
    }
}

/// What an extension module for macOS is linked with, as PyO3's guide says.
const CONFIG: &str = "\
[target.'cfg(target_os = \"macos\")']
rustflags = [\"-C\", \"link-arg=-undefined\", \"-C\", \"link-arg=dynamic_lookup\"]
";

/// Writes all crates, as a workspace of their own: the profiles are cargo's.
///
/// # Errors
///
/// If the files cannot be written.
pub(super) fn write(workspace: &Workspace, dir: &Path, structs: u32) -> Result<()> {
    let root = workspace.root().display().to_string().replace('\\', "/");
    let mut members = Vec::new();
    for subject in Subject::value_variants() {
        for side in [Side::Ours, Side::Pyo3] {
            let package = side.package(*subject);
            let manifest = format!(
                "[package]\nname = \"{package}\"\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n\
                 [lib]\ncrate-type = [\"cdylib\"]\n\n[dependencies]\n{}",
                side.dependencies(&root)
            );
            update(&dir.join(&package).join("Cargo.toml"), &manifest)?;
            update(&dir.join(&package).join("src").join("lib.rs"), &side.source(*subject, structs))?;
            members.push(package);
        }
    }
    update(&dir.join("Cargo.toml"), &format!("[workspace]\nresolver = \"2\"\nmembers = {members:?}\n"))?;
    update(&dir.join(".cargo").join("config.toml"), CONFIG)?;
    // The versions that the workspace has, so that nothing is fetched.
    fs::copy(workspace.root().join("Cargo.lock"), dir.join("Cargo.lock"))?;
    Ok(())
}

/// Writes a file unless it is so already, since cargo builds again what was written.
fn update(file: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if let Some(dir) = file.parent() {
        fs::create_dir_all(dir)?;
    }
    Ok(fs::write(file, text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_have_the_same_fields_but_for_the_owner_of_an_object() {
        for subject in Subject::value_variants() {
            let ours = Side::Ours.fields(*subject, 7).map(|(name, ty)| (name, ty.replace("Obj<", "Py<")));
            assert_eq!(ours, Side::Pyo3.fields(*subject, 7));
        }
    }

    #[test]
    fn names_are_those_of_the_command_line() {
        for subject in Subject::value_variants() {
            assert_eq!(subject.to_possible_value().unwrap().get_name(), subject.name());
        }
    }

    #[test]
    fn a_constructor_is_on_both_sides_or_on_neither() {
        let source = |side: Side, subject| side.source(subject, 3);
        assert!(source(Side::Ours, Subject::Attributes).contains("no_init"));
        assert!(!source(Side::Pyo3, Subject::Attributes).contains("#[new]"));
        assert!(!source(Side::Ours, Subject::Objects).contains("no_init"));
        assert_eq!(source(Side::Pyo3, Subject::Objects).matches("#[new]").count(), 3);
    }
}
