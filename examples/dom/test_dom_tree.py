"""Searching and editing."""

import random
import xml.etree.ElementTree as ET

import dom
import pytest

from dom_samples import LIBRARY, MIXED

# Searching.

PATHS = [
    "book", "book/title", ".//title", ".//*", "*", ".", "./book", "book[1]/..", ".//year/..", "book[@id]",
    "book[@id='b2']", "book[title]", "book[year='1965']", "book[2]", "book[last()]",
    "book[last()-1]/title", ".//b[.='more']", "book[@id='b1'][1]", "nothing", ".//nothing", "book//b", "{*}book",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_paths_lead_where_they_lead_in_lxml_and_elementtree(etree, path):
    text = LIBRARY.replace(' xmlns="urn:books"', "").partition("?>")[2]
    root, lx, et = dom.fromstring(text), etree.fromstring(text), ET.fromstring(text)
    found = [e.to_string() for e in root.findall(path)]
    expected = [etree.tostring(e, encoding="unicode", with_tail=False) for e in lx.findall(path)]
    assert [dom.fromstring(t).get("id") for t in found] == [etree.fromstring(t).get("id") for t in expected]
    assert len(found) == len(et.findall(path))
    first = root.find(path)
    assert (first.to_string() if first is not None else None) == (found[0] if found else None)
    assert [e.to_string() for e in root.iterfind(path)] == found


def test_finding_by_tag_and_attribute(doc):
    assert doc.find("book", attrib={"id": "b2"}) is doc.root[2]
    assert doc.find_all("book") == [doc.root[0], doc.root[2]]
    assert doc.find_all(".//*", attrib={"id": None}) == doc.find_all("book")
    assert doc.find("book", attrib={"id": "b3"}) is None
    assert doc.find("/library/book/title").text == "Dune"
    assert doc.findtext("book/title") == "Dune"
    assert doc.findtext("book/isbn", "none") == "none" and doc.findtext("book/isbn") is None
    assert doc.root.findtext("x:note") == ""


def test_where_paths_say_more_than_in_lxml():
    text = "<a><b i='1'/><b i='2'/><b/></a>"
    root, et = dom.fromstring(text), ET.fromstring(text)
    for path in ("b[@i!='2']", "b[.!='']"):
        assert [e.get("i") for e in root.findall(path)] == [e.get("i") for e in et.findall(path)]
    assert root.findall("b/..") == [root], "each element once"


@pytest.mark.parametrize("path", ["", "a[", "a[@]", "a]b", "//", "a[0]", "a[@b=c]", "{urn", "1a", "a b"])
def test_a_path_that_makes_no_sense_is_a_syntax_error(root, path):
    with pytest.raises(SyntaxError):
        root.find(path)


def test_an_absolute_path_needs_a_document(root):
    with pytest.raises(ValueError, match="begin with './/'"):
        root.find("/library")


def test_iter_goes_in_document_order(doc, root):
    assert [n.tag for n in root.iter("*")] == ["library", "book", "title", "year", "book", "title", "b", "x:note"]
    assert len(list(root.iter())) == 9, "the processing instruction too, as in lxml"
    assert [e.text for e in doc.iter("title")] == ["Dune", "Emma <3"]
    assert next(root.iter("title")) is root[0][0]
    with pytest.raises(ValueError):
        root.iter("book/title")


def test_the_tree_may_change_while_it_is_iterated(root):
    for element in root.iter():
        if isinstance(element, dom.Element):
            dom.SubElement(element, "extra")
    assert len(root.find_all(".//extra")) == 8
    for child in root:
        root.remove(child)
    assert len(root) == 0


# Around a node.


def test_parents_and_siblings(doc, root):
    title = root.find("book/title")
    assert title.getparent() is root[0] and title.parent is root[0]
    assert root.getparent() is None and root.parent is doc
    assert title.getroottree() is doc
    assert [e.tag for e in title.iterancestors()] == ["book", "library"]
    assert [e.tag for e in title.iterancestors("library")] == ["library"]
    assert root[0].getnext() is root[1] and root[1].getprevious() is root[0]
    assert root[0].getprevious() is None and root[-1].getnext() is None
    assert isinstance(root.getnext(), dom.Comment)


def test_parents_are_not_kept_alive_by_children():
    title = dom.parse(LIBRARY).find("book/title")
    assert title.text == "Dune"
    assert title.getparent() is None


# Editing.


def test_building_a_document():
    root = dom.Element("feed", {"version": "1"})
    entry = dom.SubElement(root, "entry", {"id": "e1"})
    entry.text = "a < b"
    entry.tail = "\n"
    root.append(dom.Comment(" no more "))
    root.append(dom.ProcessingInstruction("go", "now"))
    root.append(dom.CData("<x>"))
    root.append(dom.Text("]]>"))
    doc = dom.Document()
    doc.root = root
    assert doc.to_string() == (
        '<feed version="1"><entry id="e1">a &lt; b</entry>\n<!-- no more --><?go now?><![CDATA[<x>]]>]]&gt;</feed>\n'
    )
    assert dom.parse(doc.to_string()).to_string() == doc.to_string()


def test_text_and_tail_can_be_set():
    p = dom.fromstring(MIXED)
    b = p.find("b")
    p.text, b.text, b.tail = "1 ", "2", " 3"
    assert p.to_string().startswith("<p>1 <b>2</b> 3<!-- c -->")
    text = p.children[0]
    p.text = "changed"
    assert p.children[0] is text and text.text == "changed"
    p.text = b.tail = None
    assert p.text is None and b.tail is None
    assert p.to_string().startswith("<p><b>2</b><!-- c -->")
    p.text = ""
    assert p.children[0] is b
    with pytest.raises(ValueError, match="append it first"):
        dom.Element("a").tail = "lost"


def test_a_node_is_in_one_place(root):
    first, second = root[0], root[2]
    title = first.find("title")
    second.append(title)
    assert title.getparent() is second and first.find("title") is None
    root.insert(0, second)
    assert root[0] is second and root[1] is first and len(root) == 4
    root.append(second)
    assert root[-1] is second
    first.addnext(second)
    assert first.getnext() is second
    first.addprevious(second)
    assert first.getprevious() is second
    root.extend([first, second])
    assert [root[-2], root[-1]] == [first, second]
    second.detach()
    assert second.getparent() is None and second not in root


def test_insert_counts_items_as_list_insert_does():
    p = dom.fromstring("<p>text<a/>tail<b/></p>")
    p.insert(0, dom.Element("first"))
    p.insert(-1, dom.Element("x"))
    p.insert(99, dom.Element("last"))
    p.insert(-99, dom.Element("zero"))
    assert p.to_string() == "<p>text<zero/><first/><a/>tail<x/><b/><last/></p>"


def test_items_can_be_replaced_and_deleted(root):
    old = root[0]
    root[0] = dom.Element("new")
    assert root[0].tag == "new" and old.getparent() is None
    root.replace(root[0], old)
    assert root[0] is old
    del root[0]
    assert [e.get("id") for e in root.iter("book")] == ["b2"]
    root[0].detach()
    root.find("book").clear()
    assert root.find("book").to_string() == "<book/>"


def test_removing_leaves_the_text_that_follows():
    p = dom.fromstring("<p>a<b/>c<d/>e</p>")
    p.remove(p.find("b"))
    assert p.to_string() == "<p>ac<d/>e</p>" and p.text == "ac"


def test_cycles_are_refused(root):
    book = root[0]
    before = root.to_string()
    for act in (
        lambda: book.append(root),
        lambda: root.append(root),
        lambda: book[0].insert(0, root),
        lambda: book[0].addnext(root),
        lambda: book.extend([dom.Element("ok"), root]),
        lambda: book.replace(book[0], root),
    ):
        with pytest.raises(ValueError):
            act()
        assert root.to_string() == before


def test_what_cannot_be_a_child_is_refused(doc, root):
    before = doc.to_string()
    with pytest.raises(TypeError):
        root.append(doc)
    with pytest.raises(TypeError):
        root.append("text")
    with pytest.raises(TypeError):
        doc.append(dom.Text("x"))
    with pytest.raises(TypeError):
        root.append(dom.parse(LIBRARY).doctype)
    with pytest.raises(ValueError, match="one root"):
        doc.append(dom.Element("second"))
    with pytest.raises(ValueError):
        root.remove(root[0][0])
    with pytest.raises(ValueError):
        root.replace(dom.Element("a"), dom.Element("b"))
    assert doc.to_string() == before
    doc.root = dom.Element("second")
    assert doc.root.tag == "second" and root.getroottree() is None


def test_the_root_moves_like_any_element(doc, root):
    other = dom.Document()
    other.append(root)
    assert doc.root is None and other.root is root and root.parent is other


CHANGES = [
    lambda element, truth, name: (element.set(name, name * 2), truth.__setitem__(name, name * 2)),
    lambda element, truth, name: (element.set(name, ""), truth.__setitem__(name, "")),
    lambda element, truth, name: (element.attrib.pop(name, None), truth.pop(name, None)),
    lambda element, truth, name: (element.attrib.update({name: "new"}), truth.update({name: "new"})),
    lambda element, truth, name: (element.clear(), truth.clear()),
]


@pytest.mark.parametrize("count", [0, 1, 3, 16, 17, 40])
def test_attributes_are_those_of_a_dict_however_they_are_changed(count):
    """They are kept in three ways, each of which becomes the next."""
    rng = random.Random(count)
    for _ in range(60):
        truth = {f"a{i}": str(i) for i in range(count)}
        source = " ".join(f'{name}="{value}"' for name, value in truth.items())
        element = rng.choice([dom.fromstring(f"<e {source}/>"), dom.Element("e", dom.ffi.Map(truth))])
        seen = None
        for _ in range(rng.randrange(8)):
            rng.choice(CHANGES[: rng.choice([2, 4, 5])])(element, truth, f"a{rng.randrange(45)}")
            assert element.items() == tuple(truth.items())
            assert (element.keys(), element.values()) == (tuple(truth), tuple(truth.values()))
            assert [element.get(f"a{i}") for i in range(45)] == [truth.get(f"a{i}") for i in range(45)]
            if rng.random() < 0.2:
                seen = element.attrib
            assert seen is None or (seen is element.attrib and dict(seen) == truth)
        assert dom.fromstring(element.to_string()).items() == tuple(truth.items())


@pytest.mark.parametrize("name", ["", "1a", "a b", "<a>", "a:", ":a", "a:b:c", "{urn:x}a", "a\n", "é²"])
def test_names_are_names(name):
    element = dom.Element("a")
    for act in (
        lambda: dom.Element(name),
        lambda: element.set(name, "x"),
        lambda: dom.Element("b", {name: "x"}),
        lambda: setattr(element, "tag", name),
        lambda: dom.ProcessingInstruction(name),
    ):
        with pytest.raises(ValueError, match="is not an XML name"):
            act()
    assert element.to_string() == "<a/>"


@pytest.mark.parametrize("bad", ["\x00", "a\x08b", "\x1f", "\ufffe", "\uffff"])
def test_texts_have_no_control_characters(bad):
    element = dom.fromstring("<a x='1'>t<b/></a>")
    for act in (
        lambda: setattr(element, "text", bad),
        lambda: setattr(element[0], "tail", bad),
        lambda: element.set("x", bad),
        lambda: dom.Text(bad),
        lambda: dom.Comment(bad),
    ):
        with pytest.raises(ValueError, match="XML does not allow"):
            act()
    assert element.to_string() == '<a x="1">t<b/></a>'
    element.attrib["y"] = bad
    with pytest.raises(ValueError, match="attribute 'y' of <a>"):
        element.to_string()


def test_comments_and_instructions_can_be_written():
    for text in ("--", "a-"):
        with pytest.raises(ValueError):
            dom.Comment(text)
    with pytest.raises(ValueError):
        dom.ProcessingInstruction("a", "?>")
    with pytest.raises(ValueError):
        dom.ProcessingInstruction("xml")
    comment = dom.Comment("fine")
    with pytest.raises(ValueError):
        comment.text = "not -- fine"
    assert comment.to_string() == "<!--fine-->"
    assert dom.CData("a]]>b").to_string() == "<![CDATA[a]]]]><![CDATA[>b]]>"
    with pytest.raises(TypeError):
        comment.text = 3


# The list of children, edited directly.


def test_children_is_the_list_itself(root):
    assert root.children is root.children
    child = dom.Element("direct")
    root.children.append(child)
    assert root.find("direct") is child
    assert child.getparent() is root
    assert "<direct/>" in root.to_string()
    root.children.remove(child)
    assert child.getparent() is None, "a parent is only ever one that has the node"


def test_a_tree_that_contains_itself_is_noticed():
    a, b = dom.Element("a"), dom.Element("b")
    a.append(b)
    b.children.append(a)
    for act in (a.to_string, a.text_content, lambda: list(a.iter()), lambda: a.find_all(".//c")):
        with pytest.raises(ValueError, match="contains itself"):
            act()
    b.children.clear()
    assert a.to_string() == "<a><b/></a>"


def test_a_strange_child_is_noticed(doc, root):
    root.children.append(doc)
    with pytest.raises(ValueError):
        doc.to_string()
