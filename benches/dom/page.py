"""Writes the guide's page on the speed of `examples/dom`, from the figures of runs.

    python page.py DIRECTORY PAGE

The directory has a file of figures for each interpreter, as `bench.py --out` makes it.
"""

import json
import sys
from pathlib import Path

import goals
from machine import heading
from report import HEADINGS, all_goals, table

HEAD = """# A large document

`cargo xtask bench dom` reads an XML document with `examples/dom`, with lxml and with xml.etree. It is real: Khronos's
registries of OpenGL, Vulkan, EGL, GLX and WGL, four times in one element, 23 MB with 474,241 elements. First each node of dom's
tree is compared with lxml's: name, attributes, text, tail, number of children, and the line as far as libxml2 knows it, which
is up to 65,534. In the tables, etree is xml.etree, which leaves comments out.

A time is the best of all rounds, with Python's collector off; the libraries take turns, with the same bytes. A walk goes over
all elements with `iter("*")` and reads tag, names and values by the element's `items()`, and text of each. The first one is over
a tree that was just parsed, the others over the same tree, which Python has seen: with `tail`, too; without reading anything;
and by `attrib.items()`, where dom makes a map of each element's attributes, which stays, since it is the element's one `attrib`
from then on. Memory is what a process that reads the file by its path has gained, resident, when it has the tree, and when it
has walked over it in either way. `--python` chooses the interpreter, `--write` puts the figures on this page. A goal that does
not hold is shown as such.
"""


def page(runs):
    """The whole page."""
    text = [HEAD]
    for run in runs:
        text += [heading(run), goals.markdown(all_goals(run))]
        rows = [f"| {' | '.join(cells)} |" for cells in table(run)]
        text.append("\n".join([f"| | {' | '.join(HEADINGS)} |", f"|---|{'--:|' * len(HEADINGS)}", *rows]) + "\n")
    return "\n".join(text)


def main():
    directory, to = map(Path, sys.argv[1:])
    runs = [json.loads(path.read_text()) for path in sorted(directory.glob("dom-*.json"))]
    to.write_text(page(runs))


if __name__ == "__main__":
    main()
