"""What a tree takes, in a process of its own: resident memory, once it is parsed and once it was walked.

    python memory.py LIBRARY DOCUMENT
"""

import gc
import json
import sys

from libraries import LIBRARIES
from processes import resident
from walks import walk


def main():
    _, name, path = sys.argv
    gc.collect()
    before = resident()
    tree = LIBRARIES[name].parse_file(path)
    gc.collect()
    parsed = resident() - before
    walk(tree)
    gc.collect()
    json.dump({"parsed": parsed / 1e6, "walked": (resident() - before) / 1e6}, sys.stdout)


if __name__ == "__main__":
    main()
