"""The network, its parameters and the batch that everyone measures, and how time is taken."""

import json
import statistics
import time

import numpy as np

H = 1e-4


class Case:
    """What `numgrad bench --write-case FILE` wrote, in one precision."""

    def __init__(self, path, precision):
        with open(path) as file:
            case = json.load(file)
        self.dtype = np.float64 if precision == "f64" else np.float32
        self.widths = case["layers"]
        self.activation = case["activation"]
        self.theta = np.array(case["theta"], self.dtype)
        self.x = np.array(case["x"], self.dtype).reshape(case["batch"], self.widths[0])
        self.labels = np.array(case["labels"])

    def layers(self, theta):
        """W (inputs × outputs) and b of each layer, as views of θ, which holds W input by input."""
        layers, at = [], 0
        for n, m in zip(self.widths, self.widths[1:]):
            weights = theta[at : at + n * m].reshape(n, m)
            layers.append((weights, theta[at + n * m : at + n * m + m]))
            at += n * m + m
        return layers


def median_seconds(step, budget):
    """The median of repeated steps over about this time, after three that warm up."""
    for _ in range(3):
        step()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < budget or len(times) < 3:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    return statistics.median(times)


def gradient_seconds(differences, parameters, chunk, budget):
    """The time of a whole gradient, from as many chunks of weights as fit the time.

    `differences(first)` measures the weights first … first + chunk − 1. Every weight costs a full
    pass, whichever it is, so the rest is extrapolated.
    """
    differences(0)
    measured, start = 0, time.perf_counter()
    for first in range(0, parameters, chunk):
        differences(min(first, parameters - chunk))
        measured += min(chunk, parameters - first)
        if time.perf_counter() - start > budget:
            break
    return (time.perf_counter() - start) * parameters / measured


def chunk_of(parameters, numbers=160_000):
    """As many perturbed copies of θ at once as a core's cache holds: more of them take longer."""
    return max(1, min(parameters, numbers // parameters))
