"""Ways through a tree that all libraries have; they differ in what they read of each element."""


def walk(tree):
    """Tag, attributes and text."""
    for node in tree.getroot().iter("*"):
        node.tag
        for name, value in node.attrib.items():
            pass
        node.text


def walk_items(tree):
    """The same, the attributes by the element's own method."""
    for node in tree.getroot().iter("*"):
        node.tag
        for name, value in node.items():
            pass
        node.text


def walk_tails(tree):
    """Tag, attributes, text and tail."""
    for node in tree.getroot().iter("*"):
        node.tag
        for name, value in node.attrib.items():
            pass
        node.text
        node.tail


def iterate(tree):
    """Nothing."""
    for node in tree.getroot().iter("*"):
        pass
