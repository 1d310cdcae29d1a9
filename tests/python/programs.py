"""Programs of their own, for what ends or endangers an interpreter."""

import os
import subprocess
import sys
import textwrap


def run(code, timeout=60, **env):
    """Runs a program; one that hangs is a failure."""
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=timeout,
        # What a panic prints is compared.
        env={**os.environ, "RUST_BACKTRACE": "0", **env},
    )


def outcome(result):
    """What a test compares: exit status, and what the program has printed."""
    return result.returncode, result.stdout, result.stderr
