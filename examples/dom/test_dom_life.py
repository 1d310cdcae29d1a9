"""Identity, lifetime, copies, depth, and any tree at all."""

import copy
import gc
import pickle
import threading
import weakref

import dom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dom_samples import LIBRARY, same_as_lxml

# Identity and lifetime.


class Noted(dom.Element):
    """An element with a memory."""

    def __init__(self, tag, note=None):
        super().__init__(tag)
        self.note = note


def test_a_node_is_one_python_object(doc):
    assert doc.root is doc.root
    assert doc.root.children[0] is doc.root.children[0]
    assert doc.root[0] is doc.root.children[1] is doc.find("book") is next(doc.iter("book"))
    number = id(doc.root[0])
    gc.collect()
    assert id(doc.root[0]) == number


def test_what_a_subclass_carries_lives_as_long_as_the_node(doc):
    noted = Noted("note", {"seen": [1]})
    noted.extra = "hung on"
    gone = weakref.ref(noted)
    doc.root.append(noted)
    number = id(noted)
    del noted
    gc.collect()
    again = doc.root[-1]
    assert type(again) is Noted and id(again) == number and gone() is again
    assert again.note == {"seen": [1]} and again.extra == "hung on"
    assert doc.find(".//note") is again
    doc.root.remove(again)
    del again
    gc.collect()
    assert gone() is None


def test_weak_references_and_finalizers_follow_the_node(doc):
    died = []
    book = doc.root[0]
    reference = weakref.ref(book)
    weakref.finalize(book, died.append, "book")
    del book
    gc.collect()
    assert reference() is doc.root[0] and not died
    doc.root.remove(doc.root[0])
    gc.collect()
    assert reference() is None and died == ["book"]


def test_native_nodes_have_no_dict(doc):
    with pytest.raises(AttributeError):
        doc.root.note = "exact native classes take no new attributes"


def test_nothing_is_left_behind():
    gc.collect()
    before = dom.ffi.live_objects()
    document = dom.parse(LIBRARY)
    kept = [document.root, list(document.iter()), document.root.children, document.root.attrib]
    document.root.append(Noted("x", kept))
    del document.root.find("x").note
    del kept, document
    gc.collect()
    assert dom.ffi.live_objects() == before


def test_finalizers_may_edit(doc):
    other = dom.Element("other")

    class Rude(dom.Element):
        def __del__(self):
            other.append(dom.Element("late"))

    doc.root.append(Rude("rude"))
    gc.collect()
    doc.root.clear()
    gc.collect()
    assert len(other) == 1


# Copies.


def test_a_copy_of_an_element_is_its_subtree_alone(root):
    for book in (copy.copy(root[0]), copy.deepcopy(root[0]), pickle.loads(pickle.dumps(root[0]))):
        assert book.to_string() == root[0].to_string()
        assert book is not root[0] and book.getparent() is None
    assert len(pickle.dumps(root[0].find("title"))) < 400, "no document in there"
    twin = copy.deepcopy(root[0])
    twin.set("id", "twin")
    twin[0].text = "other"
    assert root[0].get("id") == "b1" and root[0][0].text == "Dune"
    assert twin[0].getparent() is twin


def test_a_copy_of_a_document_is_whole(doc):
    for twin in (copy.deepcopy(doc), pickle.loads(pickle.dumps(doc))):
        assert twin.to_string() == doc.to_string()
        assert twin.root.children[1].getparent() is twin.root
        assert twin.find("book/title").getroottree() is twin
        assert (twin.version, twin.doctype.name) == ("1.0", "library")


def test_copies_keep_what_python_added(root):
    root.append(Noted("note", note=["n"]))
    twin = copy.deepcopy(root)
    assert type(twin[-1]) is Noted and twin[-1].note == ["n"] and twin[-1].note is not root[-1].note


# Text about nodes.


def test_reprs_are_short(doc, root):
    assert repr(root).startswith("<Element library at 0x")
    assert repr(doc).startswith("<Document library at 0x")
    assert repr(root[2].children[1]).startswith('<Text " and " at 0x')
    assert repr(root[2].children[4]).startswith("<CData ")
    assert len(repr(dom.Text("x" * 1000))) < 60
    assert repr(root[1]).startswith('<ProcessingInstruction "index by title')


# Depth, size, threads.


def test_depth_is_no_limit():
    depth = 200_000
    document = dom.parse("<a>" * depth + "x" + "</a>" * depth)
    assert len(document.to_string()) == 7 * depth + 2
    assert len(document.find_all(".//a")) == depth - 1
    assert document.root.text_content() == "x"
    assert sum(1 for _ in document.iter()) == depth
    *_, deepest = document.iter("a")
    assert deepest.getroottree() is document
    assert sum(1 for _ in deepest.iterancestors()) == depth - 1
    with pytest.raises(ValueError):
        deepest.append(document.root)
    del document, deepest
    gc.collect()


def test_threads_cannot_make_a_cycle():
    for _ in range(200):
        a, b = dom.Element("a"), dom.Element("b")
        dom.SubElement(a, "c")
        dom.SubElement(b, "d")

        def put(x, y):
            try:
                x.append(y)
            except ValueError:
                pass

        threads = [threading.Thread(target=put, args=args) for args in ((a, b), (b, a))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(len(e.find_all(".//*")) for e in (a, b)) == [1, 3]


# Any tree survives the way to text and back.

names = st.from_regex(r"[a-zA-Zé_][a-z0-9.\-é]{0,5}", fullmatch=True).filter(lambda n: not n.lower().startswith("xml"))
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
        lambda c: c >= " " or c in "\t\n\r"
    ),
    max_size=8,
)
comments = texts.filter(lambda t: "--" not in t and not t.endswith("-") and "\r" not in t)
leaves = st.one_of(
    texts.filter(bool).map(dom.Text),
    texts.filter(lambda t: t and "\r" not in t and "]]>" not in t).map(dom.CData),
    comments.map(dom.Comment),
    st.builds(dom.ProcessingInstruction, names, comments.filter(lambda t: "?>" not in t).map(str.strip)),
)


def element(tag, attrib, children):
    made = dom.Element(tag, attrib)
    made.extend(children)
    return made


trees = st.recursive(
    st.builds(element, names, st.dictionaries(names, texts, max_size=3), st.just([])),
    lambda inner: st.builds(
        element, names, st.dictionaries(names, texts, max_size=3), st.lists(st.one_of(leaves, inner), max_size=4)
    ),
    max_leaves=20,
)


def shape(node):
    """What a tree says, neighbouring texts as one."""
    if isinstance(node, dom.Element):
        inside = []
        for child in node.children:
            said = shape(child)
            if said[0] == "Text" and inside and inside[-1][0] == "Text":
                said = ("Text", inside.pop()[1] + said[1])
            inside.append(said)
        return ("Element", node.tag, node.items(), inside)
    if isinstance(node, dom.ProcessingInstruction):
        return ("PI", node.target, node.text)
    return (type(node).__name__, node.text)


@settings(max_examples=150, deadline=None)
@given(trees)
def test_any_tree_survives_the_way_to_text_and_back(tree):
    text = tree.to_string()
    again = dom.fromstring(text)
    assert shape(again) == shape(tree)
    assert again.to_string() == text
    assert shape(copy.deepcopy(tree)) == shape(tree)


@settings(max_examples=150, deadline=None)
@given(trees)
def test_lxml_reads_any_tree(etree, tree):
    text = tree.to_string()
    same_as_lxml(dom.fromstring(text), etree.fromstring(text.encode()))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from(["append", "insert", "next", "detach"])),
        max_size=40,
    )
)
def test_any_sequence_of_edits_leaves_trees(steps):
    nodes = [dom.Element(f"n{i}") for i in range(8)]
    for i, j, how in steps:
        a, b = nodes[i], nodes[j]
        try:
            if how == "append":
                a.append(b)
            elif how == "insert":
                a.insert(0, b)
            elif how == "next":
                a.addnext(b)
            else:
                b.detach()
        except ValueError:
            pass
    roots = [n for n in nodes if n.getparent() is None]
    seen = [n for root in roots for n in root.iter()]
    assert sorted(n.tag for n in seen) == [n.tag for n in nodes]
    for node in nodes:
        assert all(child.getparent() is node for child in node)
