"""Documents from text and files, and back."""

import xml.etree.ElementTree as ET

import dom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dom_samples import LIBRARY, MIXED, same_as_etree, same_as_lxml


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
def test_documents_are_read_as_lxml_reads_them(etree, text):
    data = text.encode()
    document = dom.parse(data)
    same_as_lxml(document.root, etree.fromstring(data))
    assert "".join(document.root.itertext()) == "".join(etree.fromstring(data).itertext(etree.Element))
    assert dom.parse(document.to_string()).to_string() == document.to_string()
    same_as_lxml(dom.parse(document.to_string()).root, etree.fromstring(document.to_bytes()))


def test_documents_are_read_as_elementtree_reads_them():
    text = "<a xmlns:n='urn:n'>one<b c='d'>two</b>three<n:e/></a>"
    same_as_etree(dom.fromstring(text), ET.fromstring(text))


def test_nodes_know_their_lines(etree, root):
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
    assert book.keys() == ("id", "x:shelf") and book.items() == (("id", "b1"), ("x:shelf", "3"))
    book.set("id", "b9")
    book.attrib["new"] = '<&">'
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
def test_malformed_xml_is_a_syntax_error_with_its_place(etree, text, line, column):
    with pytest.raises(SyntaxError) as caught:
        dom.parse(text)
    assert (caught.value.lineno, caught.value.offset) == (line, column), caught.value
    with pytest.raises(SyntaxError):
        etree.fromstring(text)


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="<>/ab='\"&;#x!-[]?\n \x01:", max_size=30))
def test_what_lxml_refuses_is_refused(etree, text):
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


@pytest.mark.parametrize(
    "encoding", ["UTF-8", "UTF-16", "ISO-8859-1", "us-ascii", "windows-1252", "Shift_JIS", "koi8-r"]
)
def test_documents_in_any_encoding(etree, tmp_path, encoding):
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
    with pytest.raises(SyntaxError, match="text outside of the root element"):
        dom.parse("\ufeff\ufeff<é/>")


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
