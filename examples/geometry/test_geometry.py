"""The quickstart holds."""

import runpy
from pathlib import Path


def test_quickstart(capsys):
    runpy.run_path(str(Path(__file__).with_name("quickstart.py")))
    assert capsys.readouterr().out == (
        "Polyline(points=List([Point(x=0.0, y=0.0), Point(x=3.0, y=4.0), Point(x=3.0, y=5.0)]), "
        "origin=Point(x=1.0, y=0.0), label='unnamed')\n"
    )
