"""Documents and comparisons that the tests share."""

import dom

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


def same_as_lxml(node, other):
    """Compares a tree with lxml's, element by element."""
    from lxml import etree

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
            assert list(declared.values()) == list(b.values())
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
