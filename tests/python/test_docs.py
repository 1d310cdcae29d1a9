"""The Python code of the README and the guide runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = ["folding", "geometry", "language", "mixed"]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "src").glob("*.md"))]


def blocks(page):
    return FENCE.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_page(page, tmp_path):
    code = "\n".join(blocks(page))
    for example in EXAMPLES:
        if re.search(rf"^(import|from) {example}\b", code, re.MULTILINE):
            pytest.importorskip(example)
    # Each page is a program of its own, as for its reader. What it counts cannot include what others have left:
    # the free-threaded 3.13 keeps a module, and all that its globals hold, once a thread has been started.
    program = tmp_path / "program.py"
    program.write_text(code, encoding="utf-8")
    result = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")


def test_there_are_pages_with_code():
    assert {page.name for page in PAGES if blocks(page)} >= {
        "README.md", "tutorial.md", "language.md", "language_types.md", "errors.md", "containers.md", "defining.md",
        "reflection.md", "pyo3.md", "long_work.md", "moving.md", "values.md", "walking.md",
    }
