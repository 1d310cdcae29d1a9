//! Changes of the tree: one node, one place.
//!
//! Every change is checked as a whole before anything moves, under one lock for all trees, so that two threads cannot
//! put two elements into each other. Nothing is dropped under it: a drop may run Python code, which may edit.

use ffi_object::{Error, Mut, Obj, Str};

use crate::chars::check_chars;
use crate::children::Items;
use crate::node::{CData, Comment, Doctype, Node, ParentNode, ProcessingInstruction, Text};
use crate::walk::{ancestors, is_text, parent_of};
use crate::{Document, Element};

static EDITING: Mut<()> = Mut::new(());

/// What is dropped after the lock.
type Garbage = Vec<Obj<Node>>;

fn editing<R>(edit: impl FnOnce(&mut Garbage) -> R) -> R {
    let mut garbage = Garbage::new();
    EDITING.with(|()| edit(&mut garbage))
}

/// Where nodes go.
#[derive(Debug)]
pub(crate) enum Spot<'a> {
    /// Behind all children.
    End,
    /// Before the item with this index, as `list.insert` counts.
    Item(i64),
    /// Beside a child.
    Beside(&'a Obj<Node>, bool),
    /// Instead of a child.
    Instead(&'a Obj<Node>),
}

/// Puts nodes into a parent, out of where they were.
pub(crate) fn insert(parent: &Obj<ParentNode>, nodes: &[Obj<Node>], spot: &Spot<'_>) -> Result<(), Error> {
    editing(|garbage| insert_locked(parent, nodes, spot, garbage))
}

fn insert_locked(
    parent: &Obj<ParentNode>,
    nodes: &[Obj<Node>],
    spot: &Spot<'_>,
    garbage: &mut Garbage,
) -> Result<(), Error> {
    let replaced = if let Spot::Instead(old) = spot { Some(*old) } else { None };
    // The child that the nodes come before, found before anything moves. None: the end.
    let list = ParentNode::list(parent);
    let before = list.with(|items| match spot {
        Spot::End => Ok(None),
        Spot::Item(index) => Ok(item_at(items, *index).cloned()),
        Spot::Beside(child, true) => match position_in(items, child) {
            // What moves away is no mark.
            Some(at) => Ok(items[at + 1..].iter().find(|n| !nodes.contains(n)).cloned()),
            None => Err(not_a_child()),
        },
        Spot::Beside(child, false) | Spot::Instead(child) => {
            position_in(items, child).map(|_| Some((*child).clone())).ok_or_else(not_a_child)
        }
    })?;
    garbage.extend(before.clone());
    check_kinds(parent, nodes, before.as_ref(), replaced, garbage)?;
    check_cycles(parent, nodes, garbage)?;

    if before.as_ref().is_some_and(|mark| nodes.contains(mark)) {
        // Before itself, instead of itself: it stays, and the others have no mark.
        if nodes.len() == 1 {
            return Ok(());
        }
        return Err(Error::value("a node cannot be put beside itself"));
    }
    for node in nodes {
        take_out(node, garbage);
    }
    let link = parent.downgrade();
    list.with(|items| {
        let mut at = before.as_ref().and_then(|mark| position_in(items, mark)).unwrap_or(items.len());
        if let (Some(old), true) = (replaced, at < items.len()) {
            old.parent.take();
            garbage.push(items.remove(at));
        }
        let mut put: Vec<Obj<Node>> = Vec::with_capacity(nodes.len());
        for node in nodes {
            // Twice in the same call: it is in one place.
            if !put.contains(node) {
                put.push(node.clone());
            }
        }
        for node in put {
            node.parent.set(link.clone());
            node.set_place(at);
            items.insert(at, node);
            at += 1;
        }
    });
    Ok(())
}

fn position_in(items: &[Obj<Node>], node: &Obj<Node>) -> Option<usize> {
    Items::Listed(items).position(node)
}

fn not_a_child() -> Error {
    Error::value("the node is not a child of this one")
}

/// The item with an index, as `list.insert` counts: an index out of range is an end.
fn item_at(items: &[Obj<Node>], index: i64) -> Option<&Obj<Node>> {
    let index = match usize::try_from(index) {
        Ok(index) => index,
        Err(_) => {
            let count = items.iter().filter(|n| !is_text(n)).count();
            count.saturating_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX))
        }
    };
    items.iter().filter(|n| !is_text(n)).nth(index)
}

fn check_kinds(
    parent: &Obj<ParentNode>,
    nodes: &[Obj<Node>],
    before: Option<&Obj<Node>>,
    replaced: Option<&Obj<Node>>,
    garbage: &mut Garbage,
) -> Result<(), Error> {
    if !parent.is::<Document>() {
        return match nodes.iter().find(|n| !belongs_in_element(n)) {
            Some(node) => {
                let kind = node.type_info().name;
                Err(Error::type_error(format!("a {kind} cannot be a child of an Element")))
            }
            None => Ok(()),
        };
    }
    // A document as it would be.
    let mut after: Vec<Obj<Node>> = ParentNode::list(parent).iter().collect();
    garbage.extend(after.iter().cloned());
    after.retain(|n| !nodes.contains(n) || before == Some(n));
    let at = before.and_then(|mark| after.iter().position(|n| n == mark)).unwrap_or(after.len());
    let end = at + usize::from(replaced.is_some() && at < after.len());
    after.splice(at..end, nodes.iter().cloned());
    after.dedup();
    check_document(&after)
}

fn belongs_in_element(node: &Obj<Node>) -> bool {
    is_text(node) || node.is::<Element>() || node.is::<Comment>() || node.is::<ProcessingInstruction>()
}

/// What a document may consist of.
pub(crate) fn check_document(nodes: &[Obj<Node>]) -> Result<(), Error> {
    let (mut root, mut doctype) = (false, false);
    for node in nodes {
        if node.is::<Element>() {
            if std::mem::replace(&mut root, true) {
                return Err(Error::value("a document has one root element: assign to Document.root to replace it"));
            }
        } else if node.is::<Doctype>() {
            if root || std::mem::replace(&mut doctype, true) {
                return Err(Error::value("a document has one document type declaration, before the root element"));
            }
        } else if is_text(node) || !belongs_in_element(node) {
            let kind = node.type_info().name;
            return Err(Error::type_error(format!("a {kind} cannot be a child of a Document")));
        }
    }
    Ok(())
}

fn check_cycles(parent: &Obj<ParentNode>, nodes: &[Obj<Node>], garbage: &mut Garbage) -> Result<(), Error> {
    let this: Obj<Node> = parent.clone().upcast();
    let own = nodes.contains(&this);
    garbage.push(this);
    let branches = nodes.iter().any(|n| n.downcast_ref::<ParentNode>().is_some_and(|n| !n.is_childless()));
    if own || branches && goes_through(parent, nodes, garbage) {
        return Err(Error::value("an element cannot be put into itself or into one of its descendants"));
    }
    Ok(())
}

/// Whether the way from a parent upwards comes by one of these nodes.
fn goes_through(parent: &Obj<ParentNode>, nodes: &[Obj<Node>], garbage: &mut Garbage) -> bool {
    let first = garbage.len();
    garbage.push(parent.clone().upcast());
    let start = garbage[first].clone();
    garbage.extend(ancestors(&start).map(Obj::upcast));
    garbage.push(start);
    garbage[first..].iter().any(|n| nodes.contains(n))
}

/// Takes a node out of its parent's list. False: it was in none.
fn take_out(node: &Obj<Node>, garbage: &mut Garbage) -> bool {
    let Some(parent) = parent_of(node) else { return false };
    let taken = ParentNode::list(&parent).with(|items| position_in(items, node).map(|at| items.remove(at)));
    node.parent.take();
    let found = taken.is_some();
    garbage.extend(taken);
    garbage.push(parent.upcast());
    found
}

/// Takes a node out of its tree.
pub(crate) fn detach(node: &Obj<Node>) {
    editing(|garbage| take_out(node, garbage));
}

/// Takes a child out.
pub(crate) fn remove(parent: &Obj<ParentNode>, child: &Obj<Node>) -> Result<(), Error> {
    editing(|garbage| {
        let taken = ParentNode::list(parent).with(|items| position_in(items, child).map(|at| items.remove(at)));
        let found = taken.is_some();
        garbage.extend(taken);
        if !found {
            return Err(not_a_child());
        }
        let link = parent.downgrade();
        if child.parent.read(|p| p.ptr_eq(&link)) {
            child.parent.take();
        }
        Ok(())
    })
}

/// Takes all children out.
pub(crate) fn clear(parent: &Obj<ParentNode>) {
    editing(|garbage| {
        garbage.extend(ParentNode::list(parent).with(std::mem::take));
        let link = parent.downgrade();
        for node in garbage {
            if node.parent.read(|p| p.ptr_eq(&link)) {
                node.parent.take();
            }
        }
    });
}

/// Puts a node beside another.
pub(crate) fn beside(mark: &Obj<Node>, node: &Obj<Node>, after: bool) -> Result<(), Error> {
    if mark == node {
        return Ok(());
    }
    let parent = parent_of(mark).ok_or_else(|| Error::value("a node without a parent has no siblings"))?;
    insert(&parent, std::slice::from_ref(node), &Spot::Beside(mark, after))
}

/// Links a child that a walk has found in a list to the list's owner, unless it is in another list that it is linked to,
/// or the link would close a circle.
#[cold]
pub(crate) fn adopt(parent: &Obj<ParentNode>, node: &Obj<Node>, place: usize) {
    editing(|garbage| {
        if let Some(other) = parent_of(node) {
            garbage.push(other.upcast());
            return;
        }
        let leaf = node.downcast_ref::<ParentNode>().is_none_or(ParentNode::is_childless);
        if leaf || !goes_through(parent, std::slice::from_ref(node), garbage) {
            node.parent.set(parent.downgrade());
            node.set_place(place);
        }
    });
}

/// Links all children of a parent that was restored, once.
pub(crate) fn link_children(parent: &Obj<ParentNode>) {
    if !parent.content.are_linked() {
        drop(crate::walk::children(&parent.clone().upcast()));
    }
}

/// Links one child, which was found in the parent's list.
pub(crate) fn link_one(parent: &Obj<ParentNode>, node: &Obj<Node>) {
    let link = parent.downgrade();
    if !node.parent.read(|p| p.ptr_eq(&link)) {
        let place = parent.content.with(|items| items.position(node)).unwrap_or(0);
        adopt(parent, node, place);
    }
}

/// Replaces the text that a parent begins with.
pub(crate) fn set_text(parent: &Obj<ParentNode>, text: Option<&str>) -> Result<(), Error> {
    check_chars(text.unwrap_or(""))?;
    editing(|garbage| replace_run(parent, 0, text, garbage));
    Ok(())
}

/// Replaces the text that follows a node.
pub(crate) fn set_tail(node: &Obj<Node>, text: Option<&str>) -> Result<(), Error> {
    check_chars(text.unwrap_or(""))?;
    editing(|garbage| {
        let parent = parent_of(node).filter(|p| !p.is::<Document>());
        let at = parent.as_ref().and_then(|p| p.content.with(|items| items.position(node)));
        let (Some(parent), Some(at)) = (parent, at) else {
            if text.is_none() {
                return Ok(());
            }
            return Err(Error::value(
                "tail is text in the parent element, and this node has none: append it first, or append a dom.Text after it",
            ));
        };
        replace_run(&parent, at + 1, text, garbage);
        garbage.push(parent.upcast());
        Ok(())
    })
}

/// Replaces the texts from an index on, up to the next node that is none. A text that is there already stays the same
/// node.
fn replace_run(parent: &Obj<ParentNode>, start: usize, text: Option<&str>, garbage: &mut Garbage) {
    let text = text.filter(|t| !t.is_empty()).map(Str::new);
    if text.is_none() && parent.is_childless() {
        return;
    }
    let link = parent.downgrade();
    ParentNode::list(parent).with(|items| {
        let mut first = start;
        let end = start + items[start..].iter().take_while(|n| is_text(n)).count();
        if let Some(text) = text {
            match items.get(start).filter(|n| !n.is::<CData>()).and_then(|n| n.downcast_ref::<Text>()) {
                Some(old) => drop(old.text.set(&text)),
                None => {
                    let node = Obj::new(Text::trusted(Node::default(), text)).upcast();
                    node.parent.set(link);
                    node.set_place(start);
                    items.insert(start, node);
                    garbage.extend(items.drain(start + 1..=end));
                    return;
                }
            }
            first += 1;
        }
        garbage.extend(items.drain(first..end));
    });
    for node in garbage {
        if node.is::<Text>() {
            node.parent.take();
        }
    }
}
