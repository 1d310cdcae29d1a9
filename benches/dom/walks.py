"""Ways through a tree that all libraries have; they differ in what they read of each element."""


def walk(tree):
    """Tag, attributes and text."""
    for node in tree.getroot().iter("*"):
        node.tag
        for name, value in node.items():
            pass
        node.text


def walk_tails(tree):
    """Tag, attributes, text and tail."""
    for node in tree.getroot().iter("*"):
        node.tag
        for name, value in node.items():
            pass
        node.text
        node.tail


def walk_attrib(tree):
    """Tag, attributes and text, the attributes by the mapping that they are."""
    for node in tree.getroot().iter("*"):
        node.tag
        for name, value in node.attrib.items():
            pass
        node.text


def iterate(tree):
    """Nothing."""
    for node in tree.getroot().iter("*"):
        pass
