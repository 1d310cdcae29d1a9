"""The libraries that are compared, each with its ways to parse."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass

import dom
from lxml import etree


@dataclass(frozen=True)
class Library:
    #: From bytes, and from the path of a file, to a tree.
    parse: Callable
    parse_file: Callable


def _parser():
    """lxml's parser, as it has to be for large documents of strangers."""
    return etree.XMLParser(resolve_entities=False, huge_tree=True)


DOM, LXML, ETREE = "dom", "lxml", "etree"

LIBRARIES = {
    DOM: Library(dom.parse, dom.parse_file),
    LXML: Library(
        lambda data: etree.fromstring(data, _parser()).getroottree(),
        lambda path: etree.parse(path, _parser()),
    ),
    ETREE: Library(lambda data: ElementTree.ElementTree(ElementTree.fromstring(data)), ElementTree.parse),
}
