//! Where nodes are: parents, siblings, document order. Nothing here recurses.
//!
//! `children` is a list that anyone may change. So a node's link to its parent is a claim that is checked against the
//! parent's list whenever it is used, and made good when a walk from above finds the node. A list may even be made to
//! contain its own ancestor; walks notice.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::Arc;

use ffi_object::frontend::{Encoder, Handle};
use ffi_object::{ffi_methods, Error, FfiObject, List, Mut, Obj, Return, Str, Value, WeakObj};

use crate::children::{Child, Item, Items, Now};
use crate::edit;
use crate::node::{Node, ParentNode, Text};
use crate::path::NameTest;

/// Whether a node is text: what the items of an element leave out.
#[must_use]
pub fn is_text(node: &Obj<Node>) -> bool {
    node.is::<Text>()
}

impl ParentNode {
    /// The list of all children.
    pub(crate) fn list(this: &Obj<Self>) -> Obj<List<Obj<Node>>> {
        this.content.list(Some(this))
    }

    /// Whether it has no children.
    pub(crate) fn is_childless(&self) -> bool {
        self.content.is_empty()
    }
}

impl Node {
    /// Remembers where the node was seen.
    pub(crate) fn set_place(&self, place: usize) {
        self.place.store(u32::try_from(place).unwrap_or(0), Ordering::Relaxed);
    }

    /// Where the node was last seen.
    pub(crate) fn place(&self) -> usize {
        self.place.load(Ordering::Relaxed) as usize
    }
}

/// The parent, if it has the node among its children.
#[must_use]
pub fn parent_of(node: &Obj<Node>) -> Option<Obj<ParentNode>> {
    let parent = node.parent.read(WeakObj::upgrade)?;
    parent.content.with(|items| items.position(node))?;
    Some(parent)
}

/// The parents of a node, the nearest first. Ends where a way upwards would come back to where it was.
pub(crate) fn ancestors(node: &Obj<Node>) -> impl Iterator<Item = Obj<ParentNode>> {
    let mut seen = Cycles::default();
    let mut at = node.clone();
    std::iter::from_fn(move || {
        let parent = parent_of(&at)?;
        at = parent.clone().upcast();
        seen.note(&at).then_some(parent)
    })
}

/// Notices, sooner or later, that a way comes back to where it was. (R. P. Brent's way of finding cycles.)
#[derive(Default)]
struct Cycles {
    steps: usize,
    next: usize,
    kept: Option<Obj<Node>>,
}

impl Cycles {
    fn note(&mut self, node: &Obj<Node>) -> bool {
        if self.kept.as_ref() == Some(node) {
            return false;
        }
        if self.steps == self.next {
            self.kept = Some(node.clone());
            self.next = self.next * 2 + 1;
        }
        self.steps += 1;
        true
    }
}

/// Looks at a node among its siblings, at its place, under their lock.
pub(crate) fn siblings<R>(node: &Obj<Node>, look: impl FnOnce(Items<'_>, usize) -> R) -> Option<R> {
    let parent = node.parent.read(WeakObj::upgrade)?;
    parent.content.with(|items| Some(look(items, items.position(node)?)))
}

/// The text that begins at a place.
pub(crate) fn text_at(items: Items<'_>, place: usize) -> Option<Str> {
    let text = items.get(place)?.text()?;
    if !items.get(place + 1).is_some_and(Item::is_text) {
        return Some(text);
    }
    let all: String = items.iter_from(place).map_while(Item::text).map(|text| text.to_string()).collect();
    Some(Str::new(&all))
}

/// The text that begins the content of a node: read when it is given to Python.
#[derive(Debug)]
pub struct Lead<'a>(pub(crate) &'a ParentNode);

impl Return for Lead<'_> {
    fn type_name() -> Cow<'static, str> {
        <Option<Str> as Value>::type_name()
    }
    /// Under the lock, since making a `str` runs no one's code: so most texts need not even be counted.
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.0.content.with(|items| match (items.get(0), items.get(1)) {
            (Some(Item::Text(text)), next) if !next.is_some_and(Item::is_text) => text.encode(out),
            _ => text_at(items, 0).encode(out),
        })
    }
}

/// Gives a new parent the children that were parsed.
pub(crate) fn fill(parent: &Obj<ParentNode>, children: impl ExactSizeIterator<Item = Child>) {
    // Most parents have texts alone, which need none.
    let mut link = None;
    let children = children.enumerate().map(|(place, mut child)| {
        if let Child::Node(node) = &mut child {
            let link = link.get_or_insert_with(|| parent.downgrade()).clone();
            match node.get_mut() {
                Some(node) => *node.parent.get_mut() = link,
                // It has children, which refer to it.
                None => node.parent.set(link),
            }
            node.set_place(place);
        }
        child
    });
    parent.content.set_parsed(children.collect());
}

/// The children as they are now; those that are nodes are linked to their parent. None: there are none.
pub(crate) fn children(parent: &Obj<Node>) -> Option<Arc<[Child]>> {
    children_if(parent, |_| true)
}

/// The same, if there may be any that is wanted.
fn children_if(parent: &Obj<Node>, wanted: impl Fn(Item<'_>) -> bool) -> Option<Arc<[Child]>> {
    let nodes = match parent.downcast_ref::<ParentNode>()?.content.now(wanted) {
        // It has been linked, and is what it was.
        Now::Parsed(children) => return Some(children),
        Now::Listed(nodes) if nodes.is_empty() => return None,
        Now::Listed(nodes) => nodes,
    };
    let parent: Obj<ParentNode> = parent.clone().downcast().ok()?;
    let link = parent.downgrade();
    for (place, node) in nodes.iter().enumerate() {
        if node.parent.read(|p| p.ptr_eq(&link)) {
            node.set_place(place);
        } else {
            edit::adopt(&parent, node, place);
        }
    }
    parent.content.set_linked();
    Some(nodes.into_iter().map(Child::Node).collect())
}

/// A step of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To a node or a text. If it has children, they follow, and then [`Leave`](Self::Leave).
    Enter,
    /// To the end of a node that has children.
    Leave,
}

/// A walk over a node and all below it, in document order. The children of a node are those that it has when the walk
/// comes to it.
#[derive(Debug)]
pub struct Walk {
    top: Obj<Node>,
    started: bool,
    /// The rows around where the walk is and, if there is one, the row below.
    open: Vec<Open>,
    /// Whether the last of them is the row below, into which no step has led yet.
    descends: bool,
    /// How deep the walk is when it looks for cycles again.
    check_at: usize,
}

/// A row of children that the walk is passing.
#[derive(Debug)]
struct Open {
    children: Arc<[Child]>,
    /// How many it has come to.
    passed: usize,
}

impl Walk {
    /// A walk that starts at a node.
    #[must_use]
    pub fn new(top: Obj<Node>) -> Self {
        Self { top, started: false, open: Vec::new(), descends: false, check_at: 64 }
    }

    /// Where the walk is after a step.
    #[must_use]
    pub fn here(&self) -> Item<'_> {
        let around = self.open.len() - usize::from(self.descends);
        match self.open[..around].last() {
            Some(open) => open.children[open.passed - 1].item(),
            None => Item::Node(&self.top),
        }
    }

    /// Whether the node that was entered last has children.
    #[must_use]
    pub fn is_above_children(&self) -> bool {
        self.descends
    }

    /// The next step.
    ///
    /// # Errors
    ///
    /// A `ValueError` if a node turns out to contain itself.
    pub fn step(&mut self) -> Result<Option<Step>, Error> {
        self.step_to(|_| true)
    }

    /// The next node. Text is left out, unless the walk starts at one.
    ///
    /// # Errors
    ///
    /// A `ValueError` if a node turns out to contain itself.
    pub fn node(&mut self) -> Result<Option<&Obj<Node>>, Error> {
        while let Some(step) = self.step_to(|item| !item.is_text())? {
            if step == Step::Enter {
                return Ok(self.here().node());
            }
        }
        Ok(None)
    }

    /// The next step, passing by the children that are not wanted. Where none is, that is as if there were none.
    fn step_to(&mut self, wanted: impl Fn(Item<'_>) -> bool) -> Result<Option<Step>, Error> {
        if std::mem::replace(&mut self.started, true) {
            self.descends = false;
            let Some(open) = self.open.last_mut() else { return Ok(None) };
            let Some(skipped) = open.children[open.passed..].iter().position(|child| wanted(child.item())) else {
                self.open.pop();
                return Ok(Some(Step::Leave));
            };
            open.passed += skipped + 1;
        }
        if let Item::Node(node) = self.here() {
            if let Some(children) = children_if(node, &wanted) {
                self.open.push(Open { children, passed: 0 });
                self.descends = true;
                if self.open.len() >= self.check_at {
                    self.check_cycles()?;
                }
            }
        }
        Ok(Some(Step::Enter))
    }

    /// A way without end comes back to a node on it; twice as deep, at most.
    #[cold]
    fn check_cycles(&mut self) -> Result<(), Error> {
        self.check_at *= 2;
        let mut seen = HashSet::with_capacity(self.open.len());
        let above = self.open.iter().filter(|open| open.passed > 0);
        let nodes = above.filter_map(|open| open.children[open.passed - 1].item().other());
        match [&self.top].into_iter().chain(nodes).find(|node| !seen.insert(node.as_raw().as_ptr())) {
            Some(node) => Err(Error::value(format!("the tree has no end: {node:?} contains itself"))),
            None => Ok(()),
        }
    }
}

/// Where an iterator's nodes come from.
#[derive(Debug)]
enum Source {
    Walk(Walk, NameTest),
    Fixed(std::vec::IntoIter<Obj<Node>>),
}

impl Default for Source {
    fn default() -> Self {
        Self::Fixed(Vec::new().into_iter())
    }
}

/// An iterator over nodes.
#[derive(FfiObject, Debug)]
#[ffi(no_init)]
pub struct NodeIterator {
    /// Only tried, since a step may run Python code, which may want another one.
    #[ffi(skip)]
    source: Mut<Source>,
}

impl NodeIterator {
    /// Elements that pass the test or, without one, all nodes but text.
    pub(crate) fn walk(start: Obj<Node>, test: NameTest) -> Self {
        Self { source: Mut::new(Source::Walk(Walk::new(start), test)) }
    }

    /// These nodes.
    pub(crate) fn fixed(nodes: Vec<Obj<Node>>) -> Self {
        Self { source: Mut::new(Source::Fixed(nodes.into_iter())) }
    }
}

/// What an iterator comes to, lent by its source while it becomes Python's.
#[derive(Debug)]
pub struct Next<'a>(&'a NodeIterator);

impl Return for Next<'_> {
    fn type_name() -> Cow<'static, str> {
        <Option<Obj<Node>> as Value>::type_name()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        let found = self.0.source.try_with(|source| match source {
            Source::Fixed(nodes) => nodes.next().map(|node| node.encode(out)).transpose(),
            Source::Walk(walk, test) => loop {
                match walk.node()? {
                    Some(node) if !matches!(test, NameTest::Node) && !test.admits_node(node) => {}
                    found => break found.map(|node| node.encode(out)).transpose(),
                }
            },
        });
        let found = found.ok_or_else(|| Error::value("the iterator is already being advanced"))?;
        found.map(|found| found.unwrap_or_else(|| out.none()))
    }
}

#[ffi_methods(cached)]
impl NodeIterator {
    fn __iter__(self: &Obj<Self>) -> Obj<Self> {
        self.clone()
    }

    fn __next__(&self) -> Next<'_> {
        Next(self)
    }
}

/// An iterator over strings.
#[derive(FfiObject, Debug)]
#[ffi(no_init)]
pub struct TextIterator {
    #[ffi(skip)]
    texts: Mut<std::vec::IntoIter<Str>>,
}

impl TextIterator {
    pub(crate) fn new(texts: Vec<Str>) -> Self {
        Self { texts: Mut::new(texts.into_iter()) }
    }
}

#[ffi_methods(cached)]
impl TextIterator {
    fn __iter__(self: &Obj<Self>) -> Obj<Self> {
        self.clone()
    }

    fn __next__(&self) -> Option<Str> {
        self.texts.with(Iterator::next)
    }
}
