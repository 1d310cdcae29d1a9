"""Shows what the document model promises, on a document of yours.

    python demo.py FILE.xml

What it says is checked as it is said; the timings stand beside those of xml.etree and, if it is installed, lxml.
"""

import argparse
import collections
import gc
import sys
import time
import weakref
import xml.etree.ElementTree as ElementTree

import dom

try:
    from lxml import etree as lxml_etree
except ImportError:
    lxml_etree = None


def figures(document):
    """What the tree consists of."""
    tags = collections.Counter()
    attributes = depth = 0
    # Element and depth; a stack, since documents may be deeper than Python recurses.
    waiting = [(document.root, 1)]
    while waiting:
        element, level = waiting.pop()
        tags[element.tag] += 1
        attributes += len(element.attrib)
        depth = max(depth, level)
        waiting += [(child, level + 1) for child in element if isinstance(child, dom.Element)]
    print(f"  root        <{document.root.tag}>")
    print(f"  elements    {tags.total():,}")
    print(f"  attributes  {attributes:,}")
    print(f"  text        {sum(map(len, document.root.itertext())):,} characters")
    print(f"  depth       {depth}")
    print("  commonest   " + ", ".join(f"<{tag}> {count:,}" for tag, count in tags.most_common(5)))


def identity(document):
    assert document.root is document.root
    print("  doc.root is doc.root")
    if len(document.root.children):
        assert document.root.children[0] is document.root.children[0]
        print("  doc.root.children[0] is doc.root.children[0]")
        number = id(document.root.children[0])
        gc.collect()
        assert id(document.root.children[0]) == number
        print("  and its id() is the same after a garbage collection, though nothing in Python held it")
    reference = weakref.ref(document.root)
    gc.collect()
    assert reference() is document.root
    print("  a weak reference to doc.root still leads to it, though nothing in Python held it")


class Noted(dom.Element):
    """An element that can carry anything: exact dom.Elements take no new attributes, subclasses do."""


def attached_state(document):
    try:
        document.root.note = "hello"
    except AttributeError:
        print("  an exact dom.Element takes no new attributes; a subclass, `class Noted(dom.Element)`, does")
    else:
        raise AssertionError("an exact dom.Element took a new attribute")

    noted = Noted("noted", {"made-by": "demo"})
    noted.note = {"seen": 1}
    reference = weakref.ref(noted)
    document.root.insert(0, noted)
    number = id(noted)
    del noted
    gc.collect()

    again = document.root[0]
    assert type(again) is Noted and id(again) == number
    assert again.note == {"seen": 1}
    print("  inserted a Noted with an attribute hung on it, dropped it, collected, fetched it again:")
    print(f"    it is the same object, of the same class, and note is {again.note}")
    assert reference() is again
    print("    and the weak reference to it is alive")
    assert document.find("noted", attrib={"made-by": "demo"}) is again
    print("    and doc.find('noted') finds that very object")

    document.root.remove(again)
    del again
    gc.collect()
    assert reference() is None
    print("  removed it, dropped it, collected: it is gone, and the weak reference knows")


def nested_edits(document):
    document.root.insert(0, dom.Element("edited"))
    document.root[0].attrib["by"] = "demo & co"
    document.root[0].text = "a < b"
    dom.SubElement(document.root[0], "inner").text = "deep"
    assert document.root[0].get("by") == "demo & co"
    assert document.root[0].find("inner").getparent() is document.root[0]
    text = '<edited by="demo &amp; co">a &lt; b<inner>deep</inner></edited>'
    assert text in document.to_string()
    print(f"  doc.root[0].attrib['by'] = … and the like are in the document: {text}")
    before = document.to_string()
    for mistake in (
        lambda: document.root[0].append(document.root),
        lambda: document.root.set("not a name", ""),
        lambda: setattr(document.root, "text", "\0"),
    ):
        try:
            mistake()
        except ValueError as error:
            print(f"  refused: {error}")
        else:
            raise AssertionError("a mistake was not noticed")
    assert document.to_string() == before
    print("  and the document is as it was before these mistakes")
    del document.root[0]


def round_trip(document):
    text = document.to_string()
    again = dom.parse(text)
    assert again.to_string() == text
    print(f"  written and parsed again, the document is the same: {len(text):,} characters")


def progress(text):
    """Says what takes long, on one line of a terminal."""
    if sys.stderr.isatty():
        print(f"\r{text:40}", end="" if text else "\r", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr)


def walk(root):
    """Reads tag, attributes and text of every node."""
    seen = 0
    for node in root.iter():
        tag, attributes, text, tail = node.tag, getattr(node, "attrib", None), node.text, node.tail
        seen += 1 if isinstance(tag, str) and attributes is not None else 0
        seen += len(text or "") + len(tail or "")
    return seen


def timings(path, rounds):
    with open(path, "rb") as file:
        data = file.read()
    libraries = {
        "dom": lambda: dom.parse(data),
        "xml.etree": lambda: ElementTree.ElementTree(ElementTree.fromstring(data)),
    }
    if lxml_etree is not None:
        options = lxml_etree.XMLParser(resolve_entities=False, huge_tree=True)
        libraries["lxml"] = lambda: lxml_etree.fromstring(data, options).getroottree()
    best = {name: {} for name in libraries}

    def clock(name, what, work):
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        result = work()
        took = time.perf_counter() - start
        gc.enable()
        best[name][what] = min(took, best[name].get(what, took))
        return result

    for turn in range(1, rounds + 1):
        # In turns, so that what slows the machine down slows all of them.
        progress(f"  timing: round {turn} of {rounds} …")
        for name, parse in libraries.items():
            tree = clock(name, "parse", parse)
            clock(name, "first walk", lambda: walk(tree.getroot()))
            clock(name, "walk again", lambda: walk(tree.getroot()))
            del tree
    progress("")
    others = [name for name in libraries if name != "dom"]
    header = f"  {'':12}" + "".join(f"{name + ', ms':>15}" for name in libraries)
    print(header + "".join(f"{'dom / ' + name:>18}" for name in others))
    for what in ("parse", "first walk", "walk again"):
        row = f"  {what:12}" + "".join(f"{best[name][what] * 1e3:15.1f}" for name in libraries)
        print(row + "".join(f"{best['dom'][what] / best[name][what]:18.2f}" for name in others))
    print("  (a walk reads tag, attributes, text and tail of every node; the best of all rounds)")
    if lxml_etree is None:
        print("  (lxml is not installed: `pip install lxml` to see it here)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", metavar="FILE", help="an XML document")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often to time (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds takes a number from 1 on")

    try:
        document = dom.parse_file(arguments.file)
    except SyntaxError as error:
        sys.exit(f"{error.filename}:{error.lineno}:{error.offset}: {error.msg}")
    except OSError as error:
        sys.exit(f"cannot read {arguments.file}: {error.strerror}")

    for title, part in (
        ("The document", figures),
        ("One node, one Python object", identity),
        ("What Python hangs on a node lives as long as the node", attached_state),
        ("Edits through nested paths", nested_edits),
        ("There and back", round_trip),
    ):
        print(f"\n{title}")
        part(document)
    del document
    print("\nTimings")
    timings(arguments.file, arguments.rounds)


if __name__ == "__main__":
    main()
