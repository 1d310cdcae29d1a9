"""Random programs against a model of who keeps what.

| file | what |
|---|---|
| `stateful_model.py` | the specification: objects, wrappers, and what keeps them |
| `stateful_classes.py` | the Python classes |
| `stateful_truth.py` | what is really there, and the comparison with the model |
| `stateful_machine.py` | what a program can do |

A program is some steps long. After each, all that can be seen is compared with the model: which objects live
(`ffi.live_objects`), which wrappers do, their addresses, classes, weak references, `ffi.state` and `ffi.owners`, fields,
elements and attributes; callbacks of weak references and `__del__` must have run once for what died, and for nothing else.
In the end all is let go of, and everything must be dead.

The suite runs the same programs each time. `FFI_OBJECT_STATEFUL_STEPS` asks for more steps, each 5000 from a seed of their
own, the first of which is `FFI_OBJECT_STATEFUL_SEED`. A failure prints the program; as looking for a shorter one can take
minutes, that is done only with `FFI_OBJECT_STATEFUL_SHRINK=1`.
"""

import gc
import os

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from stateful_machine import Programs
from stateful_truth import figures

STEPS = int(os.environ.get("FFI_OBJECT_STATEFUL_STEPS", "5000"))
SEED = int(os.environ.get("FFI_OBJECT_STATEFUL_SEED", "1"))
SHRINK = os.environ.get("FFI_OBJECT_STATEFUL_SHRINK", "0") != "0"
STEPS_IN_A_PROGRAM = 100
STEPS_OF_A_SEED = min(STEPS, 5000)


@pytest.fixture
def collector():
    """The collector runs when a program says so. Programs freeze what is there before them."""
    enabled = gc.isenabled()
    gc.disable()
    yield
    gc.unfreeze()
    if enabled:
        gc.enable()


@pytest.mark.parametrize("seed", range(SEED, SEED + -(-STEPS // STEPS_OF_A_SEED)))
def test_random_programs_do_what_the_model_says(seed, collector):
    profile = settings(
        max_examples=STEPS_OF_A_SEED // STEPS_IN_A_PROGRAM,
        stateful_step_count=STEPS_IN_A_PROGRAM,
        phases=[Phase.generate, Phase.shrink] if SHRINK else [Phase.generate],
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    before = figures["steps"]
    try:
        run_state_machine_as_test(hypothesis.seed(seed)(Programs), settings=profile)
    finally:
        print(f"seed {seed}, so far", ", ".join(f"{count} {what}" for what, count in figures.items()))
    assert figures["steps"] - before > STEPS_OF_A_SEED // 4, "hardly a step was made"
