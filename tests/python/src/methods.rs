//! Methods, constructors, special methods, errors and panics.

use ffi_object::{ffi_function, ffi_methods, Error, FfiObject, List, Map, Mut, Obj, WeakObj};

/// Made by a function of its own.
#[derive(FfiObject)]
pub(crate) struct Account {
    owner: String,
    cents: Mut<i64>,
    log: Obj<List<String>>,
}

#[ffi_methods]
impl Account {
    /// Opens an account.
    #[ffi(new)]
    fn open(owner: &str, #[ffi(default = 0)] cents: i64) -> Result<Self, Error> {
        if owner.is_empty() {
            return Err(Error::value("an account needs an owner"));
        }
        Ok(Self { owner: owner.into(), cents: Mut::new(cents), log: Obj::default() })
    }

    /// Puts money in.
    fn deposit(&self, cents: i64, #[ffi(default = String::from("deposit"))] reason: String) -> Result<i64, Error> {
        if cents <= 0 {
            return Err(Error::value(format!("cents must be positive, not {cents}")));
        }
        self.log.push(format!("{reason}: {cents}"));
        Ok(self.cents.with(|all| {
            *all += cents;
            *all
        }))
    }

    /// Another owner of this very object.
    fn me(self: &Obj<Self>) -> Obj<Self> {
        self.clone()
    }

    /// The same, canonical.
    #[ffi(cached)]
    fn myself(self: &Obj<Self>) -> Obj<Self> {
        self.clone()
    }

    /// The owners while a method runs that has one itself.
    fn owners_inside(self: &Obj<Self>) -> usize {
        self.owners()
    }

    /// The amount in whole units.
    #[ffi(getter)]
    fn units(&self) -> f64 {
        self.cents.get() as f64 / 100.0
    }

    #[ffi(setter)]
    fn set_units(&self, units: f64) -> Result<(), Error> {
        if !units.is_finite() {
            return Err(Error::value("units must be finite"));
        }
        self.cents.set((units * 100.0).round() as i64);
        Ok(())
    }

    /// A function of the class.
    fn currency() -> &'static str {
        "EUR"
    }

    fn fail(&self, kind: &str) -> Result<(), Error> {
        Err(match kind {
            "key" => Error::key("no such key"),
            "index" => Error::index("no such index"),
            "overflow" => Error::overflow("too large"),
            "reference" => Error::reference("gone"),
            "runtime" => "plain text".into(),
            "os" => Error::os(std::io::Error::from_raw_os_error(2), "missing.txt"),
            "syntax" => Error::syntax("bad", ffi_object::Position { line: 3, column: 7 }).in_file("a.xml"),
            _ => panic!("at the disco"),
        })
    }

    fn __len__(&self) -> usize {
        self.log.len()
    }

    fn __iter__(&self) -> Obj<List<String>> {
        self.log.clone()
    }

    fn __contains__(&self, text: &str) -> bool {
        self.log.iter().any(|line| line.contains(text))
    }

    fn __getitem__(&self, index: usize) -> Result<String, Error> {
        self.log.get(index).ok_or_else(|| Error::index(format!("no entry {index}")))
    }

    fn __bool__(&self) -> bool {
        self.cents.get() != 0
    }

    fn __str__(&self) -> String {
        format!("{}: {:.2}", self.owner, self.units())
    }

    fn __call__(&self, #[ffi(default = 1)] times: i64) -> i64 {
        self.cents.get() * times
    }
}

/// A value that compares by what it holds.
#[derive(FfiObject)]
pub(crate) struct Version {
    major: u32,
    minor: u32,
}

#[ffi_methods]
impl Version {
    fn __eq__(&self, other: &Version) -> bool {
        (self.major, self.minor) == (other.major, other.minor)
    }

    fn __lt__(&self, other: &Version) -> bool {
        (self.major, self.minor) < (other.major, other.minor)
    }

    fn __hash__(&self) -> i64 {
        i64::from(self.major) * 1000 + i64::from(self.minor)
    }
}

/// Panics when it dies.
#[derive(FfiObject)]
pub(crate) struct Grenade {
    #[ffi(default)]
    armed: Mut<bool>,
}

impl Grenade {
    pub(crate) fn armed() -> Obj<Self> {
        Obj::new(Self { armed: Mut::new(true) })
    }
}

impl Drop for Grenade {
    fn drop(&mut self) {
        assert!(!self.armed.get(), "boom");
    }
}

/// Takes text and bytes, and gives both back.
#[ffi_function]
fn echo(text: &str, data: &[u8]) -> (String, Vec<u8>) {
    (text.to_owned(), data.to_vec())
}

/// Gives a path back.
#[ffi_function]
fn echo_path(path: std::path::PathBuf) -> std::path::PathBuf {
    path
}

/// Gives a list and a map back, which become objects.
#[ffi_function]
fn containers() -> (List<f64>, Map<String, i64>) {
    ([1.5].into_iter().collect(), [("one".into(), 1)].into_iter().collect())
}

/// Upgrades a weak reference while Python may be the only owner.
#[ffi_function]
fn through_weak(account: &Obj<Account>) -> bool {
    let weak: WeakObj<Account> = account.downgrade();
    weak.upgrade().is_some_and(|same| same == *account)
}
