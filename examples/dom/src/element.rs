//! Elements, and what they share with documents.

use ffi_object::{ffi_function, ffi_methods, Any, Error, FfiObject, List, Map, Name, Obj, Str};

use crate::attributes::{Attributes, Row};
use crate::chars::{check_chars, check_name, Checked, IsName};
use crate::children::Children;
use crate::edit::{self, Spot};
use crate::find::Wanted;
use crate::node::{Node, ParentNode};
use crate::path::{NameTest, Namespaces};
use crate::walk::{self, is_text, Lead, NodeIterator, Step, TextIterator, Walk};
use crate::{find, path, Document};

/// An element: a tag, attributes, children.
///
/// `children` is the list of all child nodes, texts included. The element itself behaves like a sequence of those that
/// are not text, as in lxml: `len(element)`, `element[0]`, `for child in element`.
#[derive(FfiObject, Debug)]
#[repr(C)]
pub struct Element {
    #[ffi(base)]
    pub(crate) base: ParentNode,
    /// The name as it is written, prefix included.
    pub tag: Checked<IsName, Name>,
    /// The attributes, by name as it is written, in order. Namespace declarations are among them.
    #[ffi(default = Obj::default())]
    pub(crate) attrib: Attributes,
}

/// The name without its prefix.
#[must_use]
pub(crate) fn local_name(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

impl ParentNode {
    /// A parent without children.
    pub(crate) fn new(node: Node) -> Self {
        Self { node, content: Children::none() }
    }
}

impl Element {
    /// An element whose parts are known to be right.
    pub(crate) fn trusted(node: Node, tag: Name, attributes: Attributes) -> Self {
        Self { base: ParentNode::new(node), tag: Checked::trusted(tag), attrib: attributes }
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Str> {
        self.attrib.get(name)
    }
}

impl ParentNode {
    /// The element that searches start from: that of a document is its root.
    fn top(this: &Obj<Self>) -> Option<Obj<Node>> {
        match this.clone().downcast::<Document>() {
            Ok(document) => Some(Document::getroot(&document)?.upcast().upcast()),
            Err(element) => Some(element.upcast()),
        }
    }

    fn search(
        this: &Obj<Self>,
        path: &str,
        namespaces: Option<&Namespaces>,
        attrib: Option<Wanted>,
        one: bool,
    ) -> Result<Vec<Obj<Element>>, Error> {
        find::find(this, &path::parse(path, namespaces)?, &attrib.unwrap_or_default(), one)
    }

    fn texts(this: &Obj<Self>) -> Result<Vec<Str>, Error> {
        let mut texts = Vec::new();
        let Some(top) = Self::top(this) else { return Ok(texts) };
        let mut walk = Walk::new(top);
        while let Some(step) = walk.step()? {
            if step == Step::Enter {
                texts.extend(walk.here().text());
            }
        }
        Ok(texts)
    }

    fn items(this: &Obj<Self>) -> Vec<Obj<Node>> {
        let children = walk::children(&this.clone().upcast());
        children.iter().flat_map(|children| children.iter()).filter_map(|child| child.item().other().cloned()).collect()
    }
}

#[ffi_methods(cached)]
impl ParentNode {
    /// All child nodes, texts included: the list itself, never a copy.
    ///
    /// Change the tree through the methods of its nodes, which keep every node in one place and tell it its parent. What
    /// is put straight into this list is in the tree as well, but stays where it was before, and learns its parent when
    /// the tree is next walked from above.
    #[ffi(getter)]
    pub fn children(self: &Obj<Self>) -> Obj<List<Obj<Node>>> {
        edit::link_children(self);
        Self::list(self)
    }

    /// Puts a node at the end, out of where it was.
    pub fn append(self: &Obj<Self>, node: &Obj<Node>) -> Result<(), Error> {
        edit::insert(self, std::slice::from_ref(node), &Spot::End)
    }

    /// Puts nodes at the end, all of them or none.
    pub fn extend(self: &Obj<Self>, nodes: Vec<Obj<Node>>) -> Result<(), Error> {
        edit::insert(self, &nodes, &Spot::End)
    }

    /// Puts a node before the item with this index, out of where it was. Text is no item.
    pub fn insert(self: &Obj<Self>, index: i64, node: &Obj<Node>) -> Result<(), Error> {
        edit::insert(self, std::slice::from_ref(node), &Spot::Item(index))
    }

    /// Takes a child out. The text that follows it stays.
    pub fn remove(self: &Obj<Self>, node: &Obj<Node>) -> Result<(), Error> {
        edit::remove(self, node)
    }

    /// Puts a node in the place of a child.
    pub fn replace(self: &Obj<Self>, old: &Obj<Node>, new: &Obj<Node>) -> Result<(), Error> {
        edit::insert(self, std::slice::from_ref(new), &Spot::Instead(old))
    }

    /// The index of a child among the items.
    pub fn index(self: &Obj<Self>, node: &Obj<Node>) -> Result<usize, Error> {
        let at = self.content.with(|items| {
            let place = items.position(node).filter(|_| !is_text(node))?;
            Some((0..place).filter(|&i| items.get(i).is_some_and(|item| !item.is_text())).count())
        });
        at.ok_or_else(|| Error::value("the node is not an item of this one"))
    }

    /// This element and all below it that are not text, in document order. With a tag: only elements that have it
    /// (`"*"`: any; `"{uri}name"`: by namespace).
    ///
    /// The tree may be changed meanwhile: the children that an element has when the iterator comes to it are visited.
    pub fn iter(self: &Obj<Self>, #[ffi(default)] tag: Option<String>) -> Result<NodeIterator, Error> {
        let test = NameTest::of_tag(tag.as_deref())?;
        Ok(match Self::top(self) {
            Some(top) => NodeIterator::walk(top, test),
            None => NodeIterator::fixed(Vec::new()),
        })
    }

    /// The first element that the path leads to, or None.
    ///
    /// Paths are those of ElementTree: a tag means children, `.//tag` all descendants; `*`, `.`, `..`, `{uri}tag` and
    /// `[@name]`, `[@name='value']`, `[tag]`, `[tag='text']`, `[.='text']`, `[1]`, `[last()]`. `attrib` asks for
    /// attributes with these values (None: any). From a document, a path starts at the root element, and one that begins
    /// with `/` at the document.
    pub fn find(
        self: &Obj<Self>,
        path: &str,
        #[ffi(default)] namespaces: Option<Namespaces>,
        #[ffi(default)] attrib: Option<Wanted>,
    ) -> Result<Option<Obj<Element>>, Error> {
        Ok(Self::search(self, path, namespaces.as_ref(), attrib, true)?.into_iter().next())
    }

    /// All elements that the path leads to, in document order.
    pub fn find_all(
        self: &Obj<Self>,
        path: &str,
        #[ffi(default)] namespaces: Option<Namespaces>,
        #[ffi(default)] attrib: Option<Wanted>,
    ) -> Result<Obj<List<Obj<Element>>>, Error> {
        Ok(Obj::new(Self::search(self, path, namespaces.as_ref(), attrib, false)?.into()))
    }

    /// The same as `find_all`, by its name in ElementTree.
    pub fn findall(
        self: &Obj<Self>,
        path: &str,
        #[ffi(default)] namespaces: Option<Namespaces>,
        #[ffi(default)] attrib: Option<Wanted>,
    ) -> Result<Obj<List<Obj<Element>>>, Error> {
        Self::find_all(self, path, namespaces, attrib)
    }

    /// An iterator over the elements that the path leads to.
    pub fn iterfind(
        self: &Obj<Self>,
        path: &str,
        #[ffi(default)] namespaces: Option<Namespaces>,
        #[ffi(default)] attrib: Option<Wanted>,
    ) -> Result<NodeIterator, Error> {
        let found = Self::search(self, path, namespaces.as_ref(), attrib, false)?;
        Ok(NodeIterator::fixed(found.into_iter().map(|e| e.upcast().upcast()).collect()))
    }

    /// The text of the first element that the path leads to: empty if it has none, `default` if there is no such
    /// element.
    pub fn findtext(
        self: &Obj<Self>,
        path: &str,
        #[ffi(default = Any::None)] default: Any,
        #[ffi(default)] namespaces: Option<Namespaces>,
    ) -> Result<Any, Error> {
        let found = Self::search(self, path, namespaces.as_ref(), None, true)?;
        Ok(match found.first() {
            Some(element) => Any::Str(element.text().unwrap_or_else(|| Str::new(""))),
            None => default,
        })
    }

    /// The texts in here, in document order.
    pub fn itertext(self: &Obj<Self>) -> Result<TextIterator, Error> {
        Ok(TextIterator::new(Self::texts(self)?))
    }

    /// All the text in here, in one string.
    pub fn text_content(self: &Obj<Self>) -> Result<String, Error> {
        Ok(Self::texts(self)?.iter().map(|text| &**text).collect())
    }
}

impl Element {
    /// The text before the first child that is not text.
    #[must_use]
    pub fn text(&self) -> Option<Str> {
        self.base.content.with(|items| walk::text_at(items, 0))
    }
}

#[ffi_methods(cached)]
impl Element {
    /// An element with a tag and, maybe, attributes, which are copied.
    #[ffi(new)]
    pub fn new(tag: &str, #[ffi(default)] attrib: Option<Obj<Map<Name, Str>>>) -> Result<Self, Error> {
        check_name(tag)?;
        let attributes: Vec<_> = attrib.iter().flat_map(|attrib| attrib.iter()).collect();
        attributes.iter().try_for_each(|(name, value)| check_attribute(name, value))?;
        Ok(Self::trusted(Node::default(), Name::new(tag), Attributes::of(attributes)))
    }

    /// The text before the first child that is not text, or None. Assigning replaces it; None removes it.
    #[ffi(getter, name = "text")]
    fn lead(&self) -> Lead<'_> {
        Lead(&self.base)
    }

    #[ffi(setter)]
    fn set_text(self: &Obj<Self>, text: Option<String>) -> Result<(), Error> {
        edit::set_text(&self.clone().upcast(), text.as_deref())
    }

    /// The value of an attribute, or `default`.
    pub fn get(&self, name: &str, #[ffi(default = Any::None)] default: Any) -> Any {
        self.attribute(name).map_or(default, Any::Str)
    }

    /// Sets an attribute.
    pub fn set(&self, name: &str, value: &str) -> Result<(), Error> {
        check_attribute(name, value)?;
        self.attrib.set(name, value);
        Ok(())
    }

    /// The names of the attributes, in order.
    pub fn keys(&self) -> Vec<Name> {
        self.attrib.entries().iter().map(|(name, _)| name.clone()).collect()
    }

    /// The values of the attributes, in order.
    pub fn values(&self) -> Vec<Str> {
        self.attrib.entries().iter().map(|(_, value)| value.clone()).collect()
    }

    /// Names and values of the attributes, in order.
    pub fn items(&self) -> Row<'_> {
        self.attrib.entries()
    }

    /// Removes all children, the text and all attributes. The text that follows the element stays.
    pub fn clear(self: &Obj<Self>) {
        edit::clear(&self.clone().upcast());
        self.attrib.clear();
    }

    /// A new element of the same class, not put in anywhere.
    pub fn makeelement(&self, tag: &str, #[ffi(default)] attrib: Option<Obj<Map<Name, Str>>>) -> Result<Self, Error> {
        Self::new(tag, attrib)
    }

    /// The part of the tag before the colon, or None.
    #[ffi(getter)]
    pub fn prefix(&self) -> Option<String> {
        self.tag.read(|tag| tag.split_once(':').map(|(prefix, _)| prefix.to_owned()))
    }

    /// The tag without its prefix.
    #[ffi(getter)]
    pub fn localname(&self) -> String {
        self.tag.read(|tag| local_name(tag).to_owned())
    }

    /// The namespace that the prefix (or the lack of one) stands for here, or None.
    #[ffi(getter)]
    pub fn namespace(self: &Obj<Self>) -> Option<Str> {
        let prefix = self.prefix();
        if prefix.as_deref() == Some("xml") {
            return Some(Str::new("http://www.w3.org/XML/1998/namespace"));
        }
        let name = prefix.map_or_else(|| "xmlns".to_owned(), |prefix| format!("xmlns:{prefix}"));
        let found = self.attribute(&name).or_else(|| {
            let node: Obj<Node> = self.clone().upcast().upcast();
            let mut above = walk::ancestors(&node);
            above.find_map(|parent| parent.downcast_ref::<Self>()?.attribute(&name))
        });
        // An empty one takes the default away.
        found.filter(|uri| !uri.is_empty())
    }

    /// The namespaces that are declared here and above, by prefix. None is the prefix of the default one.
    #[ffi(getter)]
    pub fn nsmap(self: &Obj<Self>) -> Namespaces {
        let node: Obj<Node> = self.clone().upcast().upcast();
        let mut map = Namespaces::new();
        let above = walk::ancestors(&node).filter_map(|parent| parent.downcast::<Self>().ok());
        for element in std::iter::once(self.clone()).chain(above) {
            for (name, uri) in element.attrib.entries().iter() {
                let prefix = match name.strip_prefix("xmlns") {
                    Some("") => None,
                    Some(rest) if rest.starts_with(':') => Some(rest[1..].to_owned()),
                    _ => continue,
                };
                // The nearest declaration counts.
                map.entry(prefix).or_insert_with(|| uri.to_string());
            }
        }
        map.retain(|_, uri| !uri.is_empty());
        map
    }

    fn __len__(&self) -> usize {
        self.base.content.with(|items| items.others().count())
    }

    /// An element is there, also one without children.
    fn __bool__(&self) -> bool {
        true
    }

    fn __getitem__(self: &Obj<Self>, index: i64) -> Result<Obj<Node>, Error> {
        item(&self.clone().upcast(), index)
    }

    fn __setitem__(self: &Obj<Self>, index: i64, node: &Obj<Node>) -> Result<(), Error> {
        let parent: Obj<ParentNode> = self.clone().upcast();
        let old = item(&parent, index)?;
        edit::insert(&parent, std::slice::from_ref(node), &Spot::Instead(&old))
    }

    fn __delitem__(self: &Obj<Self>, index: i64) -> Result<(), Error> {
        let parent: Obj<ParentNode> = self.clone().upcast();
        let old = item(&parent, index)?;
        edit::remove(&parent, &old)
    }

    fn __iter__(self: &Obj<Self>) -> NodeIterator {
        let parent: Obj<ParentNode> = self.clone().upcast();
        NodeIterator::fixed(ParentNode::items(&parent))
    }

    fn __contains__(&self, node: &Obj<Node>) -> bool {
        self.base.content.with(|items| items.position(node)).is_some()
    }

    fn __repr__(self: &Obj<Self>) -> String {
        format!("<Element {} at {:#x}>", self.tag.get(), self.as_raw().as_ptr().addr())
    }
}

fn check_attribute(name: &str, value: &str) -> Result<(), Error> {
    check_name(name)?;
    check_chars(value).map_err(|error| error.at(format_args!("attribute '{name}'")))
}

/// The item with an index, which may count from the end.
fn item(parent: &Obj<ParentNode>, index: i64) -> Result<Obj<Node>, Error> {
    let found = parent.content.with(|items| match usize::try_from(index) {
        Ok(index) => items.others().nth(index).cloned(),
        Err(_) => items.others().rev().nth(usize::try_from(-1 - index).ok()?).cloned(),
    });
    let found = found.ok_or_else(|| Error::index("element index out of range"))?;
    edit::link_one(parent, &found);
    Ok(found)
}

/// Makes an element and appends it to a parent.
#[ffi_function(cached, name = "SubElement")]
pub fn sub_element(
    parent: &Obj<Element>,
    tag: &str,
    #[ffi(default)] attrib: Option<Obj<Map<Name, Str>>>,
) -> Result<Obj<Element>, Error> {
    let element = Obj::new(Element::new(tag, attrib)?);
    ParentNode::append(&parent.clone().upcast(), &element.clone().upcast().upcast())?;
    Ok(element)
}
