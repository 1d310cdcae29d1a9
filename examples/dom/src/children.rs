//! The children of a node: as the parser leaves them, until someone changes them or asks for their list.
//!
//! Most of a document is only read, and most of its texts are white space. So the parser leaves a slice that never
//! changes, which walks share instead of copying it, and in which texts are no nodes yet.

use std::borrow::Cow;
use std::sync::Arc;

use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::{Error, Field, List, Mut, Obj, Str, Value};

use crate::node::{Node, ParentNode, Text};

/// A child, as the parser leaves it.
#[derive(Debug, Clone)]
pub enum Child {
    /// A node.
    Node(Obj<Node>),
    /// A text that becomes a node with the list, and the line that it begins on.
    Text(Str, u32),
}

/// The children of a node.
#[derive(Debug)]
pub struct Children {
    kept: Mut<Kept>,
}

#[derive(Debug)]
enum Kept {
    Parsed(Arc<[Child]>),
    /// None: there never were any.
    Listed(Option<Box<Listed>>),
}

/// Apart, so that a parent without a list has no place for it.
#[derive(Debug)]
struct Listed {
    list: Obj<List<Obj<Node>>>,
    /// Whether all children that were there when the list was made know their parent.
    linked: bool,
}

/// Children at one moment.
#[derive(Debug)]
pub enum Now {
    /// As the parser left them.
    Parsed(Arc<[Child]>),
    /// The nodes in the list.
    Listed(Vec<Obj<Node>>),
}

/// A look at children.
#[derive(Debug, Clone, Copy)]
pub enum Items<'a> {
    /// As the parser left them.
    Parsed(&'a [Child]),
    /// As they are in the list.
    Listed(&'a [Obj<Node>]),
}

/// A look at a child.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// A node.
    Node(&'a Obj<Node>),
    /// A text that is no node.
    Text(&'a Str),
}

impl Child {
    /// A look at it.
    #[must_use]
    pub fn item(&self) -> Item<'_> {
        match self {
            Self::Node(node) => Item::Node(node),
            Self::Text(text, _) => Item::Text(text),
        }
    }

    /// The node that it is, or becomes.
    fn node(&self, parent: Option<&Obj<ParentNode>>, place: usize) -> Obj<Node> {
        match self {
            Self::Node(node) => node.clone(),
            Self::Text(text, line) => {
                let node = Node::on_line(*line);
                node.parent.set(parent.map(Obj::downgrade).unwrap_or_default());
                node.set_place(place);
                Obj::new(Text::trusted(node, text.clone())).upcast()
            }
        }
    }
}

impl<'a> Item<'a> {
    /// Whether it is text: what the items of an element leave out.
    #[must_use]
    pub fn is_text(self) -> bool {
        match self {
            Self::Node(node) => node.is::<Text>(),
            Self::Text(_) => true,
        }
    }

    /// Its text, if it is one.
    #[must_use]
    pub fn text(self) -> Option<Str> {
        match self {
            Self::Node(node) => Some(node.downcast_ref::<Text>()?.text.get()),
            Self::Text(text) => Some(text.clone()),
        }
    }

    /// The node, if it is one.
    #[must_use]
    pub fn node(self) -> Option<&'a Obj<Node>> {
        match self {
            Self::Node(node) => Some(node),
            Self::Text(_) => None,
        }
    }

    /// The node, if it is one that is not text.
    #[must_use]
    pub fn other(self) -> Option<&'a Obj<Node>> {
        match self {
            Self::Node(node) => Some(node).filter(|node| !node.is::<Text>()),
            Self::Text(_) => None,
        }
    }
}

impl<'a> Items<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Parsed(children) => children.len(),
            Self::Listed(nodes) => nodes.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The child at a place.
    #[must_use]
    pub fn get(self, place: usize) -> Option<Item<'a>> {
        match self {
            Self::Parsed(children) => children.get(place).map(Child::item),
            Self::Listed(nodes) => nodes.get(place).map(Item::Node),
        }
    }

    /// The children from a place on.
    pub fn iter_from(self, place: usize) -> impl Iterator<Item = Item<'a>> {
        (place..self.len()).filter_map(move |place| self.get(place))
    }

    /// Those that are not text, in order.
    pub fn others(self) -> impl DoubleEndedIterator<Item = &'a Obj<Node>> {
        (0..self.len()).filter_map(move |place| self.get(place)?.other())
    }

    /// Where a node is, tried first where it was last seen.
    #[must_use]
    pub fn position(self, node: &Obj<Node>) -> Option<usize> {
        let is_it = |item: Item<'_>| matches!(item, Item::Node(n) if n == node);
        let hint = node.place();
        if self.get(hint).is_some_and(is_it) {
            return Some(hint);
        }
        let found = self.iter_from(0).position(is_it)?;
        node.set_place(found);
        Some(found)
    }
}

impl Children {
    /// No children.
    #[must_use]
    pub fn none() -> Self {
        Self { kept: Mut::new(Kept::Listed(None)) }
    }

    /// Whether the children in the list know their parent.
    pub(crate) fn are_linked(&self) -> bool {
        self.kept.read(|kept| if let Kept::Listed(Some(listed)) = kept { listed.linked } else { true })
    }

    /// Says that they do.
    pub(crate) fn set_linked(&self) {
        self.kept.with(|kept| {
            if let Kept::Listed(Some(listed)) = kept {
                listed.linked = true;
            }
        });
    }

    /// Replaces them by what the parser has found: nodes that know their parent, and texts.
    pub(crate) fn set_parsed(&self, children: Arc<[Child]>) {
        if !children.is_empty() {
            self.kept.set(Kept::Parsed(children));
        }
    }

    /// Their list, made now if it is not there. Texts that become nodes know their parent if it is given.
    pub(crate) fn list(&self, parent: Option<&Obj<ParentNode>>) -> Obj<List<Obj<Node>>> {
        self.kept.with(|kept| {
            let parsed = match kept {
                Kept::Listed(Some(listed)) => return listed.list.clone(),
                Kept::Listed(None) => &[][..],
                Kept::Parsed(children) => children,
            };
            let nodes: Vec<_> = parsed.iter().enumerate().map(|(place, child)| child.node(parent, place)).collect();
            let list = Obj::new(List::from(nodes));
            // The nodes of the slice are in the list, so that none of them is dropped here.
            *kept = Kept::Listed(Some(Box::new(Listed { list: list.clone(), linked: parent.is_some() })));
            list
        })
    }

    /// Runs `look` with the children, under their lock. It must not drop any, which may run Python code.
    pub fn with<R>(&self, look: impl FnOnce(Items<'_>) -> R) -> R {
        self.kept.read(|kept| match kept {
            Kept::Parsed(children) => look(Items::Parsed(children)),
            Kept::Listed(None) => look(Items::Parsed(&[])),
            Kept::Listed(Some(listed)) => listed.list.with(|nodes| look(Items::Listed(nodes))),
        })
    }

    /// What they are now; none, if the parser left none that is wanted.
    pub(crate) fn now(&self, wanted: impl Fn(Item<'_>) -> bool) -> Now {
        self.kept.read(|kept| match kept {
            Kept::Parsed(children) if children.iter().any(|child| wanted(child.item())) => {
                Now::Parsed(Arc::clone(children))
            }
            Kept::Parsed(_) | Kept::Listed(None) => Now::Listed(Vec::new()),
            Kept::Listed(Some(listed)) => Now::Listed(listed.list.with(|nodes| nodes.clone())),
        })
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.with(|items| items.is_empty())
    }
}

impl Field for Children {
    type Inner = Obj<List<Obj<Node>>>;
    const WRITABLE: bool = false;

    fn type_name() -> Cow<'static, str> {
        <Self::Inner as Value>::type_name()
    }
    fn new(list: Self::Inner) -> Self {
        Self { kept: Mut::new(Kept::Listed(Some(Box::new(Listed { list, linked: false })))) }
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        <Self::Inner as Value>::decode(from).map(<Self as Field>::new)
    }
    fn read<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.list(None).encode(out)
    }
    fn write(&self, _: Decoder<'_>) -> Result<(), Error> {
        Err(Error::attribute("the list cannot be replaced: change what it holds"))
    }
}
