"""Marks of the tests."""


def pytest_configure(config):
    config.addinivalue_line("markers", "beyond_the_origin: what the origin of this project could not keep")
    config.addinivalue_line("markers", "slow: takes seconds, or a gigabyte")
