"""Each weight perturbed by ±h with a full forward pass: the textbook's gradient, and SciPy's."""

import numpy as np

from case import H, gradient_seconds


def loss_of(case):
    """The mean cross-entropy as a function of θ, in NumPy."""
    activation = {
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "relu": lambda z: np.maximum(z, 0),
        "tanh": np.tanh,
    }[case.activation]
    samples = np.arange(len(case.labels))

    def loss(theta):
        *hidden, (last, bias) = case.layers(theta)
        a = case.x
        for w, b in hidden:
            a = activation(a @ w + b)
        z = a @ last + bias
        z = z - z.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[samples, case.labels])

    return loss


def textbook(case, budget):
    loss, theta = loss_of(case), case.theta.copy()

    def difference(k):
        kept = theta[k]
        theta[k] = kept + H
        up = loss(theta)
        theta[k] = kept - H
        down = loss(theta)
        theta[k] = kept
        return (up - down) / (2 * H)

    return gradient_seconds(difference, len(theta), 1, budget)


def approx_derivative(case, budget, chunk=8):
    from scipy.optimize._numdiff import approx_derivative

    loss, theta = loss_of(case), case.theta.copy()

    def differences(first):
        def loss_of_some(some):
            theta[first : first + chunk] = some
            return loss(theta)

        some = case.theta[first : first + chunk]
        approx_derivative(loss_of_some, some, method="3-point", abs_step=H)
        theta[first : first + chunk] = some

    return gradient_seconds(differences, len(theta), chunk, budget)
