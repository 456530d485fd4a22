"""Ten trainings on the handwritten digits: numgrad's defaults beside scikit-learn's MLPClassifier.

    python benches/peers/digits.py [--numgrad PROGRAM] [--seeds 10]

For each seed S, `numgrad train --seed S` first trains as it does without any other flag, on a split of its
own. Then both train on one stratified split of scikit-learn's making, with a fifth held out: the same
widths (64-32-10, ReLU), 40 epochs of batches of 100. MLPClassifier trains twice: with numgrad's learning rate
and no penalty, and with its own.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import warnings

import numpy
from process import built
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

EPOCHS = 40


def numgrad(program, folder, *words):
    """The test accuracy at the end of a run."""
    run = tempfile.mkdtemp(dir=folder) + "/run"
    command = [program, "train", "--json", "--no-report", "--run", run, *words]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(ended.stdout.splitlines()[-1])["test_accuracy"]


def sklearn(split, seed, **settings):
    """The test accuracy of MLPClassifier after the same epochs."""
    x_train, x_test, y_train, y_test = split
    model = MLPClassifier((32,), max_iter=EPOCHS, batch_size=100, random_state=seed, **settings)
    # It warns that it could go on.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x_train, y_train).score(x_test, y_test)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--numgrad", help="the program; without it, it is built")
    parser.add_argument("--seeds", type=int, default=10)
    arguments = parser.parse_args()
    program = arguments.numgrad or built("-p", "numgrad", "--bin", "numgrad")
    pixels, classes = load_digits(return_X_y=True)
    pixels /= 16
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(arguments.seeds):
            split = train_test_split(
                pixels, classes, test_size=0.2, stratify=classes, random_state=seed
            )
            file = f"{folder}/{seed}.npz"
            names = ["x_train", "x_test", "y_train", "y_test"]
            numpy.savez(file, **dict(zip(names, split)))
            on_file = ["--data", file, "--scaling", "none", "--layers", "64,32,10"]
            accuracies = {
                "numgrad, `train --seed S`, its own splits": numgrad(
                    program, folder, "--seed", str(seed)
                ),
                "numgrad, the same splits as below": numgrad(
                    program, folder, "--seed", str(seed), *on_file
                ),
                "scikit-learn, numgrad's rate (0.01) and no penalty": sklearn(
                    split, seed, learning_rate_init=0.01, alpha=0
                ),
                "scikit-learn, its own rate (0.001) and penalty": sklearn(split, seed),
            }
            for name, accuracy in accuracies.items():
                found.setdefault(name, []).append(accuracy)
    print(f"| test accuracy, {arguments.seeds} seeds | median | least | greatest |")
    print("| --- | --- | --- | --- |")
    for name, accuracies in found.items():
        median = statistics.median(accuracies)
        print(f"| {name} | {median:.4f} | {min(accuracies):.4f} | {max(accuracies):.4f} |")


if __name__ == "__main__":
    main()
