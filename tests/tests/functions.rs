//! What `#[ffi_methods]` and `#[ffi_function]` say of functions.

use ffi_object::__private::{FunctionInfo, MethodKind};
use ffi_object::{Any, Error, ErrorKind, FfiObject, Mut, Obj, ffi_function, ffi_methods, registry};
use ffi_object_tests::{call, function, make};

#[derive(FfiObject)]
struct Node {
    label: Mut<String>,
    parent: Mut<Option<Obj<Node>>>,
}

#[ffi_methods]
impl Node {
    const START: i64 = 4;

    /// Makes one.
    #[ffi(new)]
    fn new(label: &str, #[ffi(default)] parent: Option<Obj<Node>>) -> Result<Self, Error> {
        if label.is_empty() {
            return Err(Error::value("no label"));
        }
        Ok(Self { label: Mut::new(label.into()), parent: Mut::new(parent) })
    }

    /// How deep it is.
    fn depth(&self, #[ffi(default = Self::START, name = "start")] _from: i64) -> i64 {
        self.parent.get().map_or(0, |p| p.depth(0) + 1)
    }

    fn child(self: &Obj<Self>, label: &str) -> Obj<Self> {
        let make = || Obj::new(Self { label: Mut::new(label.into()), parent: Mut::new(Some(self.clone())) });
        assert!(std::ptr::eq(&**self, &*self.clone()), "{}", self.label.get());
        make()
    }

    #[ffi(cached)]
    fn me(self: &ffi_object::Obj<Node>) -> Obj<Node> {
        self.clone()
    }

    #[ffi(getter)]
    fn upper(&self) -> String {
        self.label.with(|l| l.to_uppercase())
    }

    #[ffi(setter)]
    fn set_upper(&self, value: &str) {
        self.label.set(value.to_lowercase());
    }

    #[ffi(getter = "first")]
    #[allow(clippy::needless_arbitrary_self_type, reason = "it may be written so")]
    fn get_first(self: &Self) -> Option<char> {
        self.label.with(|l| l.chars().next())
    }

    fn borrowed<'a>(&'a self, text: &'a str, _other: &'a Node) -> &'a str {
        text
    }

    fn joined(
        #[ffi(default = &[])] parts: &[u8],
        #[ffi(default)] mut more: Vec<u8>,
    ) -> Result<Vec<u8>, std::num::ParseIntError> {
        more.extend(parts);
        Ok(more)
    }

    #[ffi(skip)]
    #[cfg(any())]
    fn absent(&self) {}

    #[cfg(any())]
    fn absent_too(&self) -> Nothing {}

    #[ffi(skip)]
    fn hidden<T>(&mut self, _: T) -> &mut Self {
        self
    }

    #[deprecated]
    fn old(&self) {}

    fn r#type(&self) {}

    fn __len__(&self) -> usize {
        3
    }
}

/// The sum.
#[ffi_function(name = "plus")]
pub fn add(a: i64, #[ffi(default = -1)] b: i64) -> i64 {
    a + b
}

#[ffi_function(cached)]
fn same(node: &Obj<Node>) -> Obj<Node> {
    node.clone()
}

fn method(name: &str, kind: MethodKind) -> &'static FunctionInfo {
    function(Some("Node"), name, Some(kind))
}

fn node(label: &str) -> Any {
    Obj::new(Node { label: Mut::new(label.into()), parent: Mut::new(None) }).into()
}

fn params(f: &FunctionInfo) -> Vec<(&'static str, Option<&'static str>, String)> {
    f.signature.params.iter().map(|p| (p.name, p.default, (p.type_name)().into_owned())).collect()
}

#[test]
fn a_descriptor_says_what_was_written() {
    let depth = method("depth", MethodKind::Instance);
    assert_eq!((depth.doc, depth.signature.name, depth.cached), ("How deep it is.", "Node.depth", false));
    assert_eq!(params(depth), [("start", Some("Self::START"), "int".into())]);
    assert!(depth.source.file.ends_with("functions.rs"));
    assert_eq!((depth.result)(), "int");
    assert!(method("me", MethodKind::Instance).cached);

    let joined = method("joined", MethodKind::Static);
    let expected =
        [("parts", Some("&[]"), "bytes".into()), ("more", Some("Default::default()"), "tuple[int, ...]".into())];
    assert_eq!(params(joined), expected);

    let plus = function(None, "plus", None);
    assert_eq!((plus.doc, plus.signature.name, plus.cached), ("The sum.", "plus", false));
    assert_eq!(params(plus), [("a", None, "int".into()), ("b", Some("-1"), "int".into())]);
    assert!(function(None, "same", None).cached);
}

#[test]
fn only_what_is_there_is_exposed() {
    let class = registry().unwrap().classes.iter().find(|c| c.info.name == "Node").unwrap();
    let names: Vec<_> = class.functions.iter().map(|f| f.name).collect();
    assert_eq!(
        names,
        ["__len__", "borrowed", "child", "depth", "first", "joined", "me", "old", "type", "upper", "upper"]
    );
    let mut rust = Node { label: Mut::default(), parent: Mut::default() };
    rust.hidden(1);
}

#[test]
fn functions_are_called_with_defaults() {
    let plus = function(None, "plus", None);
    assert_eq!(call(plus, None, &[Some(Any::Int(3)), None]).unwrap(), Any::Int(2));
    assert_eq!(call(plus, None, &[Some(Any::Int(3)), Some(Any::Int(4))]).unwrap(), Any::Int(7));
    let error = call(plus, None, &[Some("x".into()), None]).unwrap_err();
    assert_eq!(error.to_string(), "plus() argument 'a': expected int, got str");
    let joined = method("joined", MethodKind::Static);
    assert_eq!(call(joined, None, &[None, None]).unwrap(), Any::from(Vec::<Any>::new()));
}

#[test]
fn methods_borrow_their_receiver_or_own_it() {
    let this = node("a");
    let Any::Object(object) = &this else { unreachable!() };
    let before = object.owners();
    let child = call(method("child", MethodKind::Instance), Some(&this), &[Some("b".into())]).unwrap();
    assert_eq!(object.owners(), before + 1);
    let depth = method("depth", MethodKind::Instance);
    assert_eq!(call(depth, Some(&child), &[None]).unwrap(), Any::Int(1));
    assert_eq!(call(method("me", MethodKind::Instance), Some(&this), &[]).unwrap(), this);
    assert_eq!(call(function(None, "same", None), None, &[Some(this.clone())]).unwrap(), this);
    let borrowed = method("borrowed", MethodKind::Instance);
    assert_eq!(call(borrowed, Some(&this), &[Some("t".into()), Some(child)]).unwrap(), Any::from("t"));
    assert_eq!(object.owners(), before);
}

#[test]
fn attributes_are_read_and_written() {
    let this = node("a");
    call(method("upper", MethodKind::Setter), Some(&this), &[Some("XY".into())]).unwrap();
    let upper = method("upper", MethodKind::Getter);
    assert!(upper.cached);
    assert_eq!(call(upper, Some(&this), &[]).unwrap(), Any::from("XY"));
    assert_eq!(call(method("first", MethodKind::Getter), Some(&this), &[]).unwrap(), Any::from("x"));
}

#[test]
fn a_constructor_replaces_the_one_by_fields() {
    let class = registry().unwrap().classes.iter().find(|c| c.info.name == "Node").unwrap();
    let constructor = class.constructor.unwrap();
    assert_eq!((constructor.doc, constructor.signature.name), ("Makes one.", "Node"));
    let names: Vec<_> = constructor.signature.params.iter().map(|p| (p.name, (p.type_name)())).collect();
    assert_eq!(names, [("label", "str".into()), ("parent", "Node | None".into())]);
    let label = make(&[Some("a".into()), None], |node: &Node| node.label.get()).unwrap();
    assert_eq!(label, "a");
    let parent = node("p");
    let found = make(&[Some("a".into()), Some(parent.clone())], |node: &Node| node.parent.get()).unwrap();
    assert_eq!(Any::from(found.unwrap()), parent);
    let error = make(&[Some("".into()), None], |_: &Node| ()).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Value, "no label"));
}

#[test]
fn in_rust_an_owner_is_an_ordinary_argument() {
    let parent = Obj::new(Node { label: Mut::default(), parent: Mut::default() });
    let child = Node::child(&parent, "c");
    assert_eq!(child.parent.get(), Some(parent));
}
