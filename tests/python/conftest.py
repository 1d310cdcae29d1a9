"""Marks of the tests, and a heap that is quick to collect."""

import gc


def pytest_configure(config):
    config.addinivalue_line("markers", "beyond_the_origin: what the origin of this project could not keep")
    config.addinivalue_line("markers", "slow: takes seconds, or a gigabyte")


def pytest_collection_finish(session):
    """Most tests collect garbage before and after, and would each time go through all that pytest has collected."""
    gc.collect()
    gc.freeze()
