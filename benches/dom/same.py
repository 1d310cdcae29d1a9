"""Compares dom's tree of a document with lxml's, node by node.

    python same.py DOCUMENT

Ends with status 1 at the first difference, and says where it is.
"""

import collections
import sys

import dom
from lxml import etree

from libraries import DOM, LIBRARIES, LXML

#: From here on, libxml2 only guesses the line of a node.
UNSURE = 65535


def sure(line):
    return line if line < UNSURE else None


def qualified(uri, local):
    return f"{{{uri}}}{local}" if uri else local


def attributes(element):
    """Names, with their namespaces, and values; without the declarations of namespaces."""
    for name, value in element.attrib.items():
        prefix, _, local = name.rpartition(":")
        if "xmlns" not in (prefix, name):
            uri = "http://www.w3.org/XML/1998/namespace" if prefix == "xml" else element.nsmap[prefix] if prefix else None
            yield qualified(uri, local), value


def expected(node):
    """What lxml is to say, given the node that dom has."""
    facts = {"text": node.text, "tail": node.tail, "line": sure(node.sourceline)}
    if isinstance(node, dom.Element):
        tag = qualified(node.namespace, node.localname)
        return facts | {"tag": tag, "prefix": node.prefix, "attributes": list(attributes(node)), "children": len(node)}
    # libxml2 takes the line on which it ends.
    facts["line"] = sure(node.sourceline + node.text.count("\n"))
    return facts | ({"tag": etree.Comment} if isinstance(node, dom.Comment) else {"tag": etree.PI, "target": node.target})


def said(node):
    """What lxml says."""
    facts = {"tag": node.tag, "text": node.text, "tail": node.tail, "line": sure(node.sourceline)}
    if node.tag is etree.Comment:
        return facts
    if node.tag is etree.PI:
        return facts | {"target": node.target, "text": node.text or ""}
    return facts | {"prefix": node.prefix, "attributes": node.items(), "children": len(node)}


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    tree, other = LIBRARIES[DOM].parse(data), LIBRARIES[LXML].parse(data)
    kinds = collections.Counter()
    # Nodes in the same order, each with as many children, are the same tree.
    for node, its in zip(tree.getroot().iter(), other.getroot().iter(), strict=True):
        ours, theirs = expected(node), said(its)
        for what in ours | theirs:
            if ours.get(what) != theirs.get(what):
                sys.exit(f"{what} of {other.getpath(its)}: {ours.get(what)!r} in dom, {theirs.get(what)!r} in lxml")
        kinds[type(node).__name__] += 1
    counts = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
    print(f"{kinds.total():,} nodes are the same ({counts}): names, attributes, texts, tails, children, lines below {UNSURE:,}")


if __name__ == "__main__":
    main()
