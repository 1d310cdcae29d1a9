"""What figures depend on, and how the guide says so."""

import datetime
import os
import platform
import sysconfig
from pathlib import Path


def about():
    """The machine, the interpreter, and when it is."""
    return {
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
    }


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def heading(run):
    """What the guide says of a run before its figures."""
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    without = f"; without {', '.join(run['missing'])}" if run.get("missing") else ""
    return (
        f"## Python {run['python']}{' without the GIL' if run['free_threaded'] else ''}\n\n"
        f"{run['date']}, {run['system']}, {run['processor']}, {run['cores']} cores, {run['rounds']} rounds; {versions}{without}.\n"
    )
