//! Where nodes are: parents, siblings, document order. Nothing here recurses.
//!
//! `children` is a list that anyone may change. So a node's link to its parent is a claim that is checked against the
//! parent's list whenever it is used, and made good when a walk from above finds the node. A list may even be made to
//! contain its own ancestor; walks notice.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use ffi_object::{ffi_methods, Error, FfiObject, Mut, Obj, Str};

use crate::edit;
use crate::node::{Node, ParentNode, Text};
use crate::path::NameTest;

/// Whether a node is text: what the items of an element leave out.
#[must_use]
pub fn is_text(node: &Obj<Node>) -> bool {
    node.is::<Text>()
}

impl ParentNode {
    /// Looks at the children, under the list's lock.
    pub(crate) fn with_children<R>(&self, look: impl FnOnce(&[Obj<Node>]) -> R) -> R {
        self.list.with(|items| look(items))
    }

    /// Whether it has none.
    pub(crate) fn is_childless(&self) -> bool {
        self.list.is_empty()
    }

    /// Where a node is among the children.
    pub(crate) fn position(&self, node: &Obj<Node>) -> Option<usize> {
        self.with_children(|items| position_in(items, node))
    }
}

/// Where a node is, tried first where it was last seen.
pub(crate) fn position_in(items: &[Obj<Node>], node: &Obj<Node>) -> Option<usize> {
    let hint = node.place.load(Ordering::Relaxed) as usize;
    if items.get(hint).is_some_and(|n| n == node) {
        return Some(hint);
    }
    let found = items.iter().position(|n| n == node)?;
    node.set_place(found);
    Some(found)
}

impl Node {
    /// Remembers where the node was seen.
    pub(crate) fn set_place(&self, place: usize) {
        self.place.store(u32::try_from(place).unwrap_or(0), Ordering::Relaxed);
    }
}

/// The parent, if it has the node among its children.
#[must_use]
pub fn parent_of(node: &Obj<Node>) -> Option<Obj<ParentNode>> {
    let parent = node.parent.get().upgrade()?;
    parent.position(node)?;
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

/// Looks at the siblings after and before a node, under their list's lock.
pub(crate) fn siblings<R>(node: &Obj<Node>, look: impl FnOnce(&[Obj<Node>], &[Obj<Node>]) -> R) -> Option<R> {
    let parent = node.parent.get().upgrade()?;
    parent.with_children(|items| {
        let at = position_in(items, node)?;
        Some(look(&items[at + 1..], &items[..at]))
    })
}

/// The text that nodes begin with.
pub(crate) fn leading_text(items: &[Obj<Node>]) -> Option<Str> {
    let mut texts = items.iter().map_while(|n| n.downcast_ref::<Text>());
    let first = texts.next()?.text.get();
    let Some(second) = texts.next() else { return Some(first) };
    let mut all = first.to_string();
    second.text.read(|t| all.push_str(t));
    texts.for_each(|text| text.text.read(|t| all.push_str(t)));
    Some(Str::new(&all))
}

/// The children as they are now, linked to their parent.
pub(crate) fn children(parent: &Obj<ParentNode>) -> Vec<Obj<Node>> {
    let items = parent.with_children(<[_]>::to_vec);
    let link = parent.downgrade();
    for (i, node) in items.iter().enumerate() {
        if node.parent.read(|p| p.ptr_eq(&link)) {
            node.set_place(i);
        } else {
            edit::adopt(parent, node, i);
        }
    }
    parent.linked.store(true, Ordering::Relaxed);
    items
}

/// A step of a walk.
#[derive(Debug)]
pub enum Step {
    /// A node. If it has children, they follow, and then [`Leave`](Self::Leave).
    Enter(Obj<Node>),
    /// The end of a node that has children.
    Leave(Obj<ParentNode>),
}

/// A walk over a node and all below it, in document order. The children of a node are those that it has when the walk
/// comes to it.
#[derive(Debug)]
pub struct Walk {
    start: Option<Obj<Node>>,
    open: Vec<(Obj<ParentNode>, std::vec::IntoIter<Obj<Node>>)>,
    /// How deep the walk is when it looks for cycles again.
    check_at: usize,
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
        let next = self.start.take().or_else(|| self.open.last_mut()?.1.next());
        if let Some(node) = next {
            self.open(&node)?;
            return Ok(Some(Step::Enter(node)));
        }
        Ok(self.open.pop().map(|(parent, _)| Step::Leave(parent)))
    }

    /// The next node.
    ///
    /// # Errors
    ///
    /// A `ValueError` if a node turns out to contain itself.
    pub fn node(&mut self) -> Result<Option<Obj<Node>>, Error> {
        while let Some(step) = self.step()? {
            if let Step::Enter(node) = step {
                return Ok(Some(node));
            }
        }
        Ok(None)
    }

    fn open(&mut self, node: &Obj<Node>) -> Result<(), Error> {
        if node.downcast_ref::<ParentNode>().is_none_or(ParentNode::is_childless) {
            return Ok(());
        }
        let Ok(parent) = node.clone().downcast::<ParentNode>() else { return Ok(()) };
        let items = children(&parent).into_iter();
        self.open.push((parent, items));
        if self.open.len() < self.check_at {
            return Ok(());
        }
        // A way without end comes back to a node on it; twice as deep, at most.
        self.check_at *= 2;
        let mut seen = HashSet::with_capacity(self.open.len());
        match self.open.iter().find(|(parent, _)| !seen.insert(parent.as_raw().as_ptr())) {
            Some((parent, _)) => Err(Error::value(format!("the tree has no end: {parent:?} contains itself"))),
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
    source: Mut<Option<Source>>,
}

impl NodeIterator {
    /// Elements that pass the test or, without one, all nodes but text.
    pub(crate) fn walk(start: Obj<Node>, test: NameTest) -> Self {
        Self { source: Mut::new(Some(Source::Walk(Walk::new(start), test))) }
    }

    /// These nodes.
    pub(crate) fn fixed(nodes: Vec<Obj<Node>>) -> Self {
        Self { source: Mut::new(Some(Source::Fixed(nodes.into_iter()))) }
    }
}

impl Source {
    fn next(&mut self) -> Result<Option<Obj<Node>>, Error> {
        match self {
            Self::Fixed(nodes) => Ok(nodes.next()),
            Self::Walk(walk, test) => {
                while let Some(node) = walk.node()? {
                    let wanted = match &*test {
                        NameTest::Node => !is_text(&node),
                        test => test.admits_node(&node),
                    };
                    if wanted {
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
