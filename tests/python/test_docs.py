"""The Python code of the README and the guide runs."""

import gc
import re
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "src").glob("*.md"))]


def blocks(page):
    return FENCE.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_page(page, monkeypatch):
    pytest.importorskip("geometry")
    # One module a page: later blocks go on where earlier ones ended, and pickle finds the classes.
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    # What pages count does not include what the one before has left to the collector.
    gc.collect()
    exec(compile("\n".join(blocks(page)), str(page), "exec"), module.__dict__)


def test_there_are_pages_with_code():
    assert {page.name for page in PAGES if blocks(page)} >= {"README.md", "tutorial.md"}
