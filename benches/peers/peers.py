"""numgrad and its peers in one table, from one run.

    python benches/peers/peers.py [--mnist FOLDER] [--threads N …]

It builds numgrad itself. The networks, their parameters and the batches are those that
`numgrad bench --write-case` writes: everyone measures the same thing. Peers that are not installed
are left out; requirements.txt names the versions.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import accuracy
from measure import NOT_INSTALLED
from process import HERE, bind, built, environment

MNIST = {
    "W1": "--layers 784,50,10 --activation sigmoid --batch-size 100",
    "W2": "--layers 784,128,64,10 --activation relu --batch-size 128",
    "W4": "--layers 784,512,512,10 --activation relu --batch-size 128",
    "W5": "--layers 784,1024,1024,10 --activation relu --batch-size 128",
    "W6": "--layers 784,1024,1024,10 --activation relu --batch-size 256",
}
DIGITS = {"W3": "--layers 64,32,10 --activation tanh --batch-size 100"}

# A full pass for each weight: from a sample of the weights, where all of them would take long.
FULL_PASSES = [
    ("NumPy, a full pass for each weight", "numpy_peers", "textbook"),
    ("SciPy, `approx_derivative`", "numpy_peers", "approx_derivative"),
    ("the `finitediff` crate, over nalgebra", None, None),
    ("PyTorch, vmapped differences", "torch_peers", "vmapped"),
    ("JAX, jitted and vmapped differences", "jax_peers", "vmapped"),
]
REFERENCE = "PyTorch, backpropagation step"
BACKPROPAGATION = [
    ("PyTorch, backpropagation without the update", "torch_peers", "gradient"),
    (REFERENCE, "torch_peers", "step"),
    ("JAX jitted loop, backpropagation step", "jax_peers", "step"),
]


class Contest:
    """What was asked, the programs, and the seconds that were measured: label → column → rounds."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.numgrad = built("-p", "numgrad", "--bin", "numgrad")
        self.finitediff = None
        if not arguments.steps_only:
            words = "-p numgrad-benches --example finitediff --features peers"
            self.finitediff = built(*words.split())
        self.found = {}

    def add(self, label, column, seconds):
        self.found.setdefault(label, {}).setdefault(column, []).append(seconds)

    def run(self, name, precision, threads, folder):
        """One round of one column."""
        column = (name, precision)
        path = os.path.join(folder, f"{name}-{precision}.json")
        for line in self.bench(name, precision, threads, path):
            mark = " (from one pass)" if line["extrapolated"] else ""
            self.add(f"numgrad `{line['perturb']}`{mark}", column, line["gradient_seconds"])
            update = line["update_seconds"]
        self.add("numgrad's update, to be added for a step", column, update)
        peers = BACKPROPAGATION if self.arguments.steps_only else FULL_PASSES + BACKPROPAGATION
        for label, module, function in peers:
            words = [str(self.arguments.seconds)]
            if module:
                script = os.path.join(HERE, "measure.py")
                command = [sys.executable, script, module, function, path, precision, *words]
            elif precision == "f64":
                command = [self.finitediff, path, *words]
            else:
                continue
            ran = subprocess.run(command, capture_output=True, text=True)
            if ran.returncode == 0:
                self.add(label, column, float(ran.stdout.split()[-1]))
            elif ran.returncode == NOT_INSTALLED:
                print(f"{label}: {ran.stderr.strip()}", file=sys.stderr)
            else:
                print(f"{label} failed: {ran.stderr[-500:]}", file=sys.stderr)

    def bench(self, name, precision, threads, path):
        words = MNIST.get(name) or DIGITS[name]
        words += f" --precision {precision} --threads {threads} --seconds {self.arguments.seconds}"
        if self.arguments.steps_only:
            words += " --perturb weight,neuron,layer"
        command = [self.numgrad, "bench", *words.split(), "--json", "--write-case", path]
        if name in MNIST:
            command += ["--data", f"mnist:{self.arguments.mnist}"]
        lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        return [json.loads(line) for line in lines.splitlines()]

    def medians(self):
        return {
            label: {column: statistics.median(seconds) for column, seconds in columns.items()}
            for label, columns in self.found.items()
        }


def show(title, columns, rows, cell):
    print(f"\n{title}\n\n| | " + " | ".join(" ".join(column) for column in columns) + " |")
    print("| --- |" + " --- |" * len(columns))
    for label, row in rows.items():
        cells = [cell(row[column], column) if column in row else "-" for column in columns]
        print(f"| {label} | " + " | ".join(cells) + " |")


def digits(number):
    """Four digits, with thousands apart."""
    return f"{number:,.0f}" if number >= 1000 else f"{number:.4g}"


def gradients(contest, threads):
    arguments = contest.arguments
    columns = [(name, precision) for name in arguments.nets for precision in arguments.precisions]
    contest.found.clear()
    with tempfile.TemporaryDirectory() as folder:
        for round in range(arguments.rounds):
            for name, precision in columns:
                contest.run(name, precision, threads, folder)
                print(f"round {round + 1}: {name} {precision} done", file=sys.stderr)
    rows = contest.medians()
    title = f"A gradient of every weight and bias, ms, {threads} thread(s)"
    show(title, columns, rows, lambda seconds, _: digits(seconds * 1e3))
    reference = rows.get(REFERENCE)
    if reference:
        title = f"The same as multiples of PyTorch's backpropagation step, {threads} thread(s)"
        show(title, columns, rows, lambda seconds, column: digits(seconds / reference[column]))


def listed(text):
    return text.split(",")


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mnist", help="the folder of MNIST's files, which all but W3 need")
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="a table for each")
    parser.add_argument("--nets", type=listed, default=["W1", "W2", "W3"], help="of W1 to W6")
    parser.add_argument("--precisions", type=listed, default=["f64", "f32"])
    parser.add_argument("--rounds", type=int, default=3, help="of which medians are taken; 0 for none")
    parser.add_argument("--seconds", type=float, default=0.5, help="about how long for each figure")
    parser.add_argument("--steps-only", action="store_true", help="no full pass for each weight")
    parser.add_argument("--seeds", type=int, default=5, help="runs to accuracy; 0 for none")
    parser.add_argument("--epochs", type=int, default=20, help="the most of such a run")
    arguments = parser.parse_args()
    unknown = set(arguments.nets) - MNIST.keys() - DIGITS.keys()
    if unknown:
        parser.error(f"unknown nets: {', '.join(sorted(unknown))}")
    if not arguments.mnist:
        left = [name for name in arguments.nets if name in DIGITS]
        print("without --mnist FOLDER only W3 is measured", file=sys.stderr)
        arguments.nets = left
    return arguments


def warn_if_busy():
    """Threads that wait for each other by spinning take a hundred times as long on busy cores."""
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"warning: the machine is busy (load {load:.1f}): times on several threads, "
              "PyTorch's above all, say nothing", file=sys.stderr)


def main():
    arguments = parsed()
    warn_if_busy()
    contest = Contest(arguments)
    print(environment())
    for threads in arguments.threads:
        bind(threads)
        if arguments.rounds:
            gradients(contest, threads)
    if arguments.mnist and arguments.seeds:
        threads = arguments.threads[-1]
        rows = accuracy.measure(
            contest.numgrad, arguments.mnist, threads, arguments.seeds, arguments.epochs
        )
        accuracy.show(rows, arguments.seeds)


if __name__ == "__main__":
    main()
