"""What a tree takes, in a process of its own: resident memory, once it is parsed and after each of two walks.

    python memory.py LIBRARY DOCUMENT
"""

import gc
import json
import sys

from libraries import LIBRARIES
from processes import resident
from walks import walk, walk_attrib


def gained(before):
    """What the process has more than before, in megabytes."""
    gc.collect()
    return (resident() - before) / 1e6


def main():
    _, name, path = sys.argv
    gc.collect()
    before = resident()
    tree = LIBRARIES[name].parse_file(path)
    figures = {"parsed": gained(before)}
    walk(tree)
    figures["walked"] = gained(before)
    walk_attrib(tree)
    figures["attribs"] = gained(before)
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
