"""What the document model promises, as its users would write it. Run with pytest after `maturin develop`."""

import copy
import gc
import pickle
import threading
import weakref
import xml.etree.ElementTree as ET

import dom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

LIBRARY = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library [<!ELEMENT library ANY>]>
<!-- all our books -->
<library xmlns="urn:books" xmlns:x="urn:extra" name="A &amp; B">
  <book id="b1" x:shelf="3"><title>Dune</title><year>1965</year></book>
  <?index by title?>
  <book id="b2"><title>Emma &lt;3</title> and <b>more</b> of it<![CDATA[ & <raw> ]]></book>
  <x:note lang='en' text="&quot;tab&#9;&#xE9;&quot;"/>
</library>
<!-- the end -->
"""

MIXED = "<p>one <b>two</b> three <!-- c --> four <i/><?pi x?> five &#x1F600; &amp;</p>"


@pytest.fixture
def doc():
    return dom.parse(LIBRARY)


@pytest.fixture
def root(doc):
    # `doc` lives as long as the test: a parent is not kept alive by its children.
    return doc.root


# Parsing, compared with the libraries that one would otherwise take.


def same_as_lxml(node, other):
    """Compares a tree with lxml's, element by element."""
    pairs = [(node, other)]
    while pairs:
        a, b = pairs.pop()
        if isinstance(b, etree._Comment):
            assert isinstance(a, dom.Comment) and a.text == b.text
        elif isinstance(b, etree._ProcessingInstruction):
            assert isinstance(a, dom.ProcessingInstruction)
            assert (a.target, a.text) == (b.target, b.text or "")
        else:
            name = etree.QName(b)
            assert (a.localname, a.namespace, a.prefix) == (name.localname, name.namespace, b.prefix)
            declared = {k: v for k, v in a.attrib.items() if k.partition(":")[0] != "xmlns"}
            assert list(declared.values()) == b.values()
            assert [k.rpartition(":")[2] for k in declared] == [etree.QName(k).localname for k in b.attrib]
            assert a.text == b.text
            assert len(a) == len(b)
            pairs += zip(a, b)
        if b.getparent() is not None:
            assert a.tail == b.tail


def same_as_etree(node, other):
    pairs = [(node, other)]
    while pairs:
        a, b = pairs.pop()
        uri, local = b.tag[1:].split("}") if b.tag[0] == "{" else (None, b.tag)
        assert (a.namespace, a.localname, a.text) == (uri, local, b.text)
        assert len(a) == len(b)
        pairs += zip(a, b)


@pytest.mark.parametrize(
    "text",
    [
        LIBRARY,
        MIXED,
        "<a/>",
        "<a>\r\nline\rends\r\n</a>",
        "<a b='x\ty\nz' c='&#10;&#13;'/>",
        "<a><![CDATA[]]>x<![CDATA[]]]]><![CDATA[>]]></a>",
        "<a xmlns='u'><b xmlns=''><c xmlns:p='v'><p:d p:e='1'/></c></b></a>",
        "<é à='ü'>日本 &#x10FFFF;</é>",
        "<a>" * 200 + "x" + "</a>" * 200,
    ],
)
def test_documents_are_read_as_lxml_reads_them(text):
    data = text.encode()
    document = dom.parse(data)
    same_as_lxml(document.root, etree.fromstring(data))
    assert "".join(document.root.itertext()) == "".join(etree.fromstring(data).itertext(etree.Element))
    assert dom.parse(document.to_string()).to_string() == document.to_string()
    same_as_lxml(dom.parse(document.to_string()).root, etree.fromstring(document.to_bytes()))


def test_documents_are_read_as_elementtree_reads_them():
    text = "<a xmlns:n='urn:n'>one<b c='d'>two</b>three<n:e/></a>"
    same_as_etree(dom.fromstring(text), ET.fromstring(text))


def test_nodes_know_their_lines(root):
    expected = [e.sourceline for e in etree.fromstring(LIBRARY.encode()).iter()]
    assert [n.sourceline for n in root.iter()] == expected
    assert dom.Element("new").sourceline is None


def test_everything_around_the_root_is_kept(doc):
    assert (doc.version, doc.encoding, doc.standalone) == ("1.0", "UTF-8", None)
    assert doc.doctype.name == "library"
    assert doc.doctype.text == "library [<!ELEMENT library ANY>]"
    kinds = [type(node).__name__ for node in doc.children]
    assert kinds == ["Doctype", "Comment", "Element", "Comment"]
    assert doc.to_string() == LIBRARY.replace("lang='en'", 'lang="en"').replace("&#xE9;", "é")
    assert dom.parse("<a/>").version is None
    assert dom.parse("<?xml version='1.0' standalone='yes'?><a/>").standalone is True


def test_text_is_made_of_nodes(root):
    second = root[2]
    assert [type(n).__name__ for n in second.children] == ["Element", "Text", "Element", "Text", "CData"]
    assert second.children[1].text == " and "
    assert second[1].tail == " of it & <raw> "
    assert isinstance(second.children[4], dom.Text)
    assert second.text_content() == "Emma <3 and more of it & <raw> "
    assert list(second[0].itertext()) == ["Emma <3"]


def test_an_element_is_a_sequence_of_what_is_not_text(root):
    assert len(root) == 4
    assert [getattr(n, "tag", None) for n in root] == ["book", None, "book", "x:note"]
    assert root[0] is root.children[1]
    assert root[-1].tag == "x:note"
    assert root.index(root[2]) == 2
    assert root[1] in root and root[0][0] not in root
    assert bool(root[-1]), "an element without children is still there"
    with pytest.raises(IndexError):
        root[4]
    with pytest.raises(TypeError):
        root["book"]


def test_attributes_are_a_mapping_in_order(root):
    book = root[0]
    assert book.attrib == {"id": "b1", "x:shelf": "3"}
    assert (book.get("id"), book.get("no"), book.get("no", "x")) == ("b1", None, "x")
    assert book.keys() == ["id", "x:shelf"] and book.items() == [("id", "b1"), ("x:shelf", "3")]
    book.set("id", "b9")
    book.attrib["new"] = "<&\">"
    del book.attrib["x:shelf"]
    assert book.attrib is book.attrib
    assert book.to_string().startswith('<book id="b9" new="&lt;&amp;&quot;&gt;">')
    assert dom.Element("a").attrib == {}


def test_names_stay_as_written_and_namespaces_are_looked_up(root):
    note = root[-1]
    assert (note.tag, note.prefix, note.localname, note.namespace) == ("x:note", "x", "note", "urn:extra")
    assert root[0].namespace == "urn:books"
    assert dict(note.nsmap) == {None: "urn:books", "x": "urn:extra"}
    assert dom.fromstring("<p:a/>").namespace is None
    assert root.find("{urn:extra}note") is note
    assert root.find("y:note", {"y": "urn:extra"}) is note
    assert root.find("{*}note") is note
    assert root.find("note") is None
    assert [e.localname for e in root.iter("{urn:extra}*")] == ["note"]


# Searching.

PATHS = [
    "book", "book/title", ".//title", ".//*", "*", ".", "./book", "book[1]/..", ".//year/..", "book[@id]",
    "book[@id='b2']", "book[title]", "book[year='1965']", "book[2]", "book[last()]",
    "book[last()-1]/title", ".//b[.='more']", "book[@id='b1'][1]", "nothing", ".//nothing", "book//b", "{*}book",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_paths_lead_where_they_lead_in_lxml_and_elementtree(path):
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


# Malformed documents.


@pytest.mark.parametrize(
    "text, line, column",
    [
        ("<a>\n <b></a>\n</a>", 2, 5),
        ("<a>\n<b>", 2, 4),
        ("<a></a>\n<b/>", 2, 1),
        ("", 1, 1),
        ("<!-- only -->", 1, 14),
        ("text<a/>", 1, 1),
        ("<a/>\n text", 2, 2),
        ("<a>\n  &nbsp;</a>", 2, 3),
        ("<a x='&nope;'/>", 1, 7),
        ("<a>a & b</a>", 1, 6),
        ("<a>&#0;</a>", 1, 4),
        ("<a>&#xD800;</a>", 1, 4),
        ("<a x='1' x='2'/>", 1, 10),
        ("<a x=1/>", 1, 6),
        ("<a x='1'y='2'/>", 1, 9),
        ("<a x='<'/>", 1, 7),
        ("<é>\n日本 <1/></é>", 2, 5),
        ("<a>]]></a>", 1, 4),
        ("<a>\n\x01</a>", 2, 1),
        ("<a><!-- -- --></a>", 1, 9),
        ("<a/><?xml version='1.0'?>", 1, 5),
        (" <?xml version='1.0'?><a/>", 1, 2),
        ("<a/><!DOCTYPE a>", 1, 5),
        ("<![CDATA[x]]><a/>", 1, 1),
        ("&amp;<a/>", 1, 1),
    ],
)
def test_malformed_xml_is_a_syntax_error_with_its_place(text, line, column):
    with pytest.raises(SyntaxError) as caught:
        dom.parse(text)
    assert (caught.value.lineno, caught.value.offset) == (line, column), caught.value
    with pytest.raises(SyntaxError):
        etree.fromstring(text)


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="<>/ab='\"&;#x!-[]?\n \x01:", max_size=30))
def test_what_lxml_refuses_is_refused(text):
    try:
        document = dom.parse(text)
    except SyntaxError as error:
        assert error.lineno >= 1 and error.offset >= 1
    else:
        etree.fromstring(text, etree.XMLParser(recover=text.count(":") > 0))
        assert dom.parse(document.to_string()).to_string() == document.to_string()


def test_entities_of_a_dtd_are_not_expanded():
    laughs = '<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;&l;&l;">]><a>&m;</a>'
    with pytest.raises(SyntaxError, match="unknown entity '&m;'"):
        dom.parse(laughs)


def test_errors_of_files(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        dom.parse_file(tmp_path / "none.xml")
    assert caught.value.filename == str(tmp_path / "none.xml")
    with pytest.raises(IsADirectoryError):
        dom.parse_file(str(tmp_path))
    bad = tmp_path / "bad.xml"
    bad.write_text("<a>\n</b>")
    with pytest.raises(SyntaxError) as caught:
        dom.parse_file(str(bad))
    assert (caught.value.filename, caught.value.lineno, caught.value.offset) == (str(bad), 2, 1)
    with pytest.raises(TypeError, match="str or bytes"):
        dom.parse(None)


# Files and encodings.


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1", "us-ascii", "windows-1252", "Shift_JIS", "koi8-r"])
def test_documents_in_any_encoding(tmp_path, encoding):
    source = f'<?xml version="1.0" encoding="{encoding}"?>\n<a b="naïve">日本 Привет € {chr(0x1F600)}</a>\n'
    document = dom.parse(source)
    path = tmp_path / "out.xml"
    document.write(path)
    again = dom.parse_file(path)
    assert again.to_string() == source
    assert etree.parse(str(path)).getroot().text == document.root.text
    assert dom.parse(source.encode(encoding, "xmlcharrefreplace")).to_string() == source


def test_an_encoding_that_is_asked_for():
    document = dom.parse("<a>é</a>")
    assert document.to_bytes() == b"<a>\xc3\xa9</a>\n"
    assert document.to_bytes("latin-1") == b'<?xml version="1.0" encoding="latin-1"?>\n<a>\xe9</a>\n'
    assert document.to_bytes("ascii").endswith(b"<a>&#233;</a>\n")
    with pytest.raises(ValueError, match="unknown encoding"):
        document.to_bytes("klingon")
    document.root.tag = "é"
    with pytest.raises(ValueError, match="the encoding has no 'é'"):
        document.to_bytes("ascii")


def test_bytes_that_are_not_what_they_say():
    with pytest.raises(SyntaxError) as caught:
        dom.parse(b"<a>\n\xc3\xa9\xff</a>")
    assert (caught.value.msg, caught.value.lineno, caught.value.offset) == ("bytes that are not UTF-8", 2, 2)
    with pytest.raises(SyntaxError, match="unknown encoding 'klingon'"):
        dom.parse(b"<?xml version='1.0' encoding='klingon'?><a/>")
    with pytest.raises(SyntaxError, match="it is not"):
        dom.parse(b"<?xml version='1.0' encoding='utf-16'?><a/>")
    assert dom.parse(b"\xef\xbb\xbf<a/>").root.tag == "a"
    assert dom.parse("\ufeff<a/>").root.tag == "a"


def test_a_file_is_only_touched_when_all_is_well(tmp_path, doc):
    path = tmp_path / "doc.xml"
    doc.write(str(path))
    before = path.read_bytes()
    doc.root.attrib["bad name"] = ""
    with pytest.raises(ValueError):
        doc.write(str(path))
    assert path.read_bytes() == before
    with pytest.raises(FileNotFoundError):
        doc.root.attrib.pop("bad name")
        doc.write(str(tmp_path / "no" / "dir.xml"))


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
    same_as_lxml(again, etree.fromstring(text.encode()))
    assert shape(copy.deepcopy(tree)) == shape(tree)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from(["append", "insert", "next", "detach"])), max_size=40))
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
