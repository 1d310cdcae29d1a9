//! Where nodes are: parents, siblings, document order. Nothing here recurses.
//!
//! `children` is a list that anyone may change. So a node's link to its parent is a claim that is checked against the
//! parent's list whenever it is used, and made good when a walk from above finds the node. A list may even be made to
//! contain its own ancestor; walks notice.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::Arc;

use ffi_object::{ffi_methods, Error, FfiObject, List, Mut, Obj, Str, WeakObj};

use crate::children::{Child, Item, Items};
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

/// The text that items begin with.
pub(crate) fn leading_text<'a>(items: impl Iterator<Item = Item<'a>>) -> Option<Str> {
    let mut texts = items.map_while(Item::text);
    let first = texts.next()?;
    let Some(second) = texts.next() else { return Some(first) };
    let all: String = [first, second].into_iter().chain(texts).map(|text| text.to_string()).collect();
    Some(Str::new(&all))
}

/// Gives a new parent the children that were parsed.
pub(crate) fn fill(parent: &Obj<ParentNode>, children: impl ExactSizeIterator<Item = Child>) {
    let link = parent.downgrade();
    let children = children.enumerate().map(|(place, child)| {
        if let Child::Node(node) = &child {
            node.parent.set(link.clone());
            node.set_place(place);
        }
        child
    });
    parent.content.set_parsed(children.collect());
}

/// The children as they are now; those that are nodes are linked to their parent.
pub(crate) fn children(parent: &Obj<ParentNode>) -> Arc<[Child]> {
    // What was parsed has been linked, and is what it was.
    let nodes = match parent.content.now() {
        Ok(parsed) => return parsed,
        Err(nodes) => nodes,
    };
    let link = parent.downgrade();
    for (place, node) in nodes.iter().enumerate() {
        if node.parent.read(|p| p.ptr_eq(&link)) {
            node.set_place(place);
        } else {
            edit::adopt(parent, node, place);
        }
    }
    parent.content.linked.store(true, Ordering::Relaxed);
    nodes.into_iter().map(Child::Node).collect()
}

/// A step of a walk.
#[derive(Debug)]
pub enum Step {
    /// A node or a text. If it has children, they follow, and then [`Leave`](Self::Leave).
    Enter(Child),
    /// The end of a node that has children.
    Leave(Obj<ParentNode>),
}

/// A walk over a node and all below it, in document order. The children of a node are those that it has when the walk
/// comes to it.
#[derive(Debug)]
pub struct Walk {
    start: Option<Obj<Node>>,
    open: Vec<Open>,
    /// How deep the walk is when it looks for cycles again.
    check_at: usize,
}

/// A node whose children the walk is passing.
#[derive(Debug)]
struct Open {
    parent: Obj<ParentNode>,
    children: Arc<[Child]>,
    next: usize,
}

impl Walk {
    /// A walk that starts at a node.
    #[must_use]
    pub fn new(start: Obj<Node>) -> Self {
        Self { start: Some(start), open: Vec::new(), check_at: 64 }
    }

    /// The next step.
    ///
    /// # Errors
    ///
    /// A `ValueError` if a node turns out to contain itself.
    pub fn step(&mut self) -> Result<Option<Step>, Error> {
        self.step_to(|_| true)
    }

    /// The next node that is not text.
    ///
    /// # Errors
    ///
    /// A `ValueError` if a node turns out to contain itself.
    pub fn node(&mut self) -> Result<Option<Obj<Node>>, Error> {
        while let Some(step) = self.step_to(|child| !child.item().is_text())? {
            if let Step::Enter(Child::Node(node)) = step {
                return Ok(Some(node));
            }
        }
        Ok(None)
    }

    /// The next step, passing by the children that are not wanted.
    fn step_to(&mut self, wanted: impl Fn(&Child) -> bool) -> Result<Option<Step>, Error> {
        let child = match (self.start.take(), self.open.last_mut()) {
            (Some(start), _) => Child::Node(start),
            (None, None) => return Ok(None),
            (None, Some(open)) => {
                let skipped = open.children[open.next..].iter().position(wanted);
                let Some(skipped) = skipped else { return Ok(self.open.pop().map(|open| Step::Leave(open.parent))) };
                open.next += skipped + 1;
                open.children[open.next - 1].clone()
            }
        };
        if let Child::Node(node) = &child {
            self.open(node)?;
        }
        Ok(Some(Step::Enter(child)))
    }

    fn open(&mut self, node: &Obj<Node>) -> Result<(), Error> {
        if node.downcast_ref::<ParentNode>().is_none_or(ParentNode::is_childless) {
            return Ok(());
        }
        let Ok(parent) = node.clone().downcast::<ParentNode>() else { return Ok(()) };
        let children = children(&parent);
        self.open.push(Open { parent, children, next: 0 });
        if self.open.len() < self.check_at {
            return Ok(());
        }
        // A way without end comes back to a node on it; twice as deep, at most.
        self.check_at *= 2;
        let mut seen = HashSet::with_capacity(self.open.len());
        match self.open.iter().find(|open| !seen.insert(open.parent.as_raw().as_ptr())) {
            Some(Open { parent, .. }) => Err(Error::value(format!("the tree has no end: {parent:?} contains itself"))),
            None => Ok(()),
        }
    }
}

#[derive(Debug)]
enum Source {
    Walk(Walk, NameTest),
    Fixed(std::vec::IntoIter<Obj<Node>>),
}

/// An iterator over nodes.
#[derive(FfiObject, Debug)]
#[ffi(no_init)]
pub struct NodeIterator {
    /// Taken out while a step is made, which may run Python code.
    #[ffi(skip)]
    source: Mut<Option<Box<Source>>>,
}

impl NodeIterator {
    /// Elements that pass the test or, without one, all nodes but text.
    pub(crate) fn walk(start: Obj<Node>, test: NameTest) -> Self {
        Self { source: Mut::new(Some(Box::new(Source::Walk(Walk::new(start), test)))) }
    }

    /// These nodes.
    pub(crate) fn fixed(nodes: Vec<Obj<Node>>) -> Self {
        Self { source: Mut::new(Some(Box::new(Source::Fixed(nodes.into_iter())))) }
    }
}

impl Source {
    fn next(&mut self) -> Result<Option<Obj<Node>>, Error> {
        match self {
            Self::Fixed(nodes) => Ok(nodes.next()),
            Self::Walk(walk, test) => {
                while let Some(node) = walk.node()? {
                    if matches!(test, NameTest::Node) || test.admits_node(&node) {
                        return Ok(Some(node));
                    }
                }
                Ok(None)
            }
        }
    }
}

#[ffi_methods(cached)]
impl NodeIterator {
    fn __iter__(self: &Obj<Self>) -> Obj<Self> {
        self.clone()
    }

    fn __next__(&self) -> Result<Option<Obj<Node>>, Error> {
        let mut source = self.source.take().ok_or_else(|| Error::value("the iterator is already being advanced"))?;
        let next = source.next();
        self.source.set(Some(source));
        next
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
