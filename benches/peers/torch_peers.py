"""PyTorch: eager backpropagation, with and without the update, and vmapped differences."""

import os

import torch

from case import H, chunk_of, gradient_seconds, median_seconds

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

ACTIVATIONS = {"sigmoid": torch.sigmoid, "relu": torch.relu, "tanh": torch.tanh}


def loss_of(layers, activation, x, labels):
    *hidden, (last, bias) = layers
    for w, b in hidden:
        x = activation(x @ w + b)
    return torch.nn.functional.cross_entropy(x @ last + bias, labels)


def prepared(case):
    return ACTIVATIONS[case.activation], torch.tensor(case.x), torch.tensor(case.labels)


def step_of(case, update):
    activation, x, labels = prepared(case)
    layers = [tuple(torch.tensor(p, requires_grad=True) for p in pair) for pair in case.layers(case.theta)]
    # So slow that θ stays what it is.
    sgd = torch.optim.SGD([p for pair in layers for p in pair], lr=1e-9)

    def step():
        sgd.zero_grad()
        loss_of(layers, activation, x, labels).backward()
        if update:
            sgd.step()

    return step


def step(case, budget):
    return median_seconds(step_of(case, update=True), budget)


def gradient(case, budget):
    return median_seconds(step_of(case, update=False), budget)


def vmapped(case, budget):
    activation, x, labels = prepared(case)
    theta = torch.tensor(case.theta)
    chunk = chunk_of(len(theta))

    def loss(theta):
        return loss_of(case.layers(theta), activation, x, labels)

    losses = torch.func.vmap(loss)

    def differences(first):
        moves = torch.zeros(chunk, len(theta), dtype=theta.dtype)
        moves[torch.arange(chunk), first + torch.arange(chunk)] = H
        with torch.no_grad():
            return (losses(theta + moves) - losses(theta - moves)) / (2 * H)

    return gradient_seconds(differences, len(theta), chunk, budget)
