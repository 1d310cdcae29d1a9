"""The document that most tests look at, and lxml to compare with."""

import dom
import pytest

from dom_samples import LIBRARY


@pytest.fixture
def doc():
    return dom.parse(LIBRARY)


@pytest.fixture
def root(doc):
    # `doc` lives as long as the test: a parent is not kept alive by its children.
    return doc.root


@pytest.fixture(scope="session")
def etree():
    return pytest.importorskip("lxml.etree", reason="there is no lxml for this interpreter")
