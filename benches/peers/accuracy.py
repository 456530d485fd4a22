"""Seconds of training to a test accuracy: numgrad's sweeps beside PyTorch and scikit-learn."""

import json
import os
import statistics
import subprocess
import sys
import tempfile

from process import HERE, bind, installed

TARGETS = [0.97, 0.98]
NEVER = float("inf")
SWEEPS = ["neuron", "weight", "layer"]
PEERS = [
    ("PyTorch, tight loop", "torch", "torch_loop"),
    ("scikit-learn, `MLPClassifier`", "sklearn", "scikit_learn"),
]


def numgrad_command(program, mnist, sweep, threads, seed, epochs, folder):
    words = "--layers 784,128,10 --activation relu --batch-size 128 --precision f32 --json"
    words += " --optimizer momentum --learning-rate 0.1"
    words += f" --perturb {sweep} --threads {threads} --seed {seed} --epochs {epochs}"
    data = ["--data", f"mnist:{mnist}", "--run", os.path.join(folder, f"{sweep}-{seed}")]
    return [program, "train", *data, *words.split()]


def times_to_targets(command):
    """The epoch's record at which each target was reached first, or none; then the run ends."""
    reached, seconds, epoch = {}, 0.0, 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            record = json.loads(line)
            seconds, epoch = record["seconds"], record["epoch"]
            for target in TARGETS:
                if record["test_accuracy"] >= target:
                    reached.setdefault(target, (seconds, epoch))
            if len(reached) == len(TARGETS):
                run.kill()
                break
    if epoch == 0:
        raise RuntimeError(f"no epoch was trained by {command[0]}")
    return reached, seconds / epoch


def measure(program, mnist, threads, seeds, epochs):
    """A row for each contestant, the seeds of all of them in turn.

    A peer's small products may gain nothing from more threads, so it is measured on one as well.
    """
    peers = []
    for label, module, function in PEERS:
        if installed(module):
            peers += [(label, function, count) for count in sorted({1, threads})]
        else:
            print(f"{label}: not installed", file=sys.stderr)
    runs = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(seeds):
            for sweep in SWEEPS:
                command = numgrad_command(program, mnist, sweep, threads, seed, epochs, folder)
                runs.setdefault(("numgrad `" + sweep + "`", threads), []).append(times_to_targets(command))
            for label, function, count in peers:
                bind(count)
                script = os.path.join(HERE, "accuracy_peers.py")
                command = [sys.executable, script, function, mnist, str(seed), str(epochs)]
                runs.setdefault((label, count), []).append(times_to_targets(command))
                bind(threads)
            print(f"time to accuracy: seed {seed} done", file=sys.stderr)
    return {label: summary(found) for label, found in runs.items()}


def summary(found):
    """Medians, where a run that never got there took for ever."""
    row = {"epoch": statistics.median(seconds for _, seconds in found)}
    for target in TARGETS:
        seconds, epochs = zip(*(reached.get(target, (NEVER, NEVER)) for reached, _ in found))
        row[target] = (statistics.median(seconds), statistics.median(epochs))
    return row


def show(rows, seeds):
    print(f"\nMNIST, 784-128-10 ReLU, batch 128, momentum 0.9, learning rate 0.1, f32: medians of "
          f"{seeds} seeds, tested after each epoch\n")
    titles = "".join(f" s to {target:.0%} | epochs | to PyTorch's best |" for target in TARGETS)
    print(f"| | threads | s an epoch |{titles}\n| --- | --- | --- |" + " --- | --- | --- |" * len(TARGETS))
    for (label, threads), row in rows.items():
        cells = [str(threads), f"{row['epoch']:.3f}"]
        for target in TARGETS:
            seconds, epochs = row[target]
            best = min((other[target][0] for (name, _), other in rows.items()
                        if name == PEERS[0][0]), default=NEVER)
            if seconds == NEVER:
                cells += ["never", "-", "-"]
            else:
                ratio = f"{seconds / best:.2f}" if best < NEVER else "-"
                cells += [f"{seconds:.2f}", f"{epochs:.0f}", ratio]
        print(f"| {label} | " + " | ".join(cells) + " |")
