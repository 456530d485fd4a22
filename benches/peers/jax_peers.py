"""JAX: backpropagation in a jitted loop of steps, and jitted, vmapped differences."""

import jax
import jax.numpy as jnp

from case import H, chunk_of, gradient_seconds, median_seconds

jax.config.update("jax_enable_x64", True)

ACTIVATIONS = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "tanh": jnp.tanh}


def loss_of(case):
    activation, x, labels = ACTIVATIONS[case.activation], jnp.array(case.x), jnp.array(case.labels)

    def loss(layers):
        *hidden, (last, bias) = layers
        a = x
        for w, b in hidden:
            a = activation(a @ w + b)
        p = jax.nn.log_softmax(a @ last + bias)
        return -jnp.mean(p[jnp.arange(len(labels)), labels])

    return loss


def step(case, budget, steps=50):
    loss, rate = loss_of(case), case.dtype(1e-9)

    def one(_, layers):
        return jax.tree.map(lambda p, g: p - rate * g, layers, jax.grad(loss)(layers))

    loop = jax.jit(lambda layers: jax.lax.fori_loop(0, steps, one, layers))
    layers = jax.tree.map(jnp.array, case.layers(case.theta))
    return median_seconds(lambda: jax.block_until_ready(loop(layers)), budget) / steps


def vmapped(case, budget):
    loss, theta, h = loss_of(case), jnp.array(case.theta), case.dtype(H)
    chunk = chunk_of(len(theta))

    def difference(k):
        up, down = (loss(case.layers(theta.at[k].add(move))) for move in (h, -h))
        return (up - down) / (2 * h)

    differences = jax.jit(lambda first: jax.vmap(difference)(first + jnp.arange(chunk)))
    measure = lambda first: jax.block_until_ready(differences(first))
    return gradient_seconds(measure, len(theta), chunk, budget)
