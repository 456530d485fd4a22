"""The processes that are measured: numgrad's programs, built here, and Python's peers."""

import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def installed(module):
    return importlib.util.find_spec(module) is not None


def environment():
    """The machine, the versions and the day, for whoever reads a table later."""
    cpu = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as file:
            names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
        cpu = names[0] if names else cpu
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()
    parts = [f"{cpu}, {os.cpu_count()} cores", " ".join(rust[:2])]
    for name in ["numpy", "scipy", "torch", "jax", "scikit-learn"]:
        try:
            parts.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            pass
    return ", ".join(parts) + time.strftime(", %Y-%m-%d")


def built(*words):
    """Builds a program of the workspace, and says where it is."""
    command = ["cargo", "build", "--release", "--message-format", "json-render-diagnostics", *words]
    built = subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True)
    messages = map(json.loads, built.stdout.splitlines())
    return [message["executable"] for message in messages if message.get("executable")][-1]


def bind(threads):
    """Binds this process, and those that it starts, to as many cores and library threads.

    To be called before a library is loaded: threads are started then.
    """
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(ALLOWED)
        if threads > len(cores):
            sys.exit(f"--threads {threads}: only {len(cores)} core(s) may be used")
        os.sched_setaffinity(0, cores[-threads:])
    for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
        os.environ[variable] = str(threads)
    # Some systems set these for old versions of OpenBLAS, which makes the current ones slow.
    for variable in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]:
        os.environ.pop(variable, None)
    one = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["XLA_FLAGS"] = one if threads == 1 else ""


ALLOWED = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
