"""numgrad and its peers in one table, from one run.

    python benches/peers/peers.py [--mnist FOLDER] [--threads N]

It needs numpy; PyTorch and JAX are measured where they are installed. The networks, their
parameters and the batches are those of `numgrad bench --write-case`: all measure the same thing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

CASES = [
    ("W1", ["--layers", "784,50,10", "--activation", "sigmoid", "--batch-size", "100"], True),
    ("W2", ["--layers", "784,128,64,10", "--activation", "relu", "--batch-size", "128"], True),
    ("W3", ["--layers", "64,32,10", "--activation", "tanh", "--batch-size", "100"], False),
]


def median_ms(step, seconds=1.5):
    for _ in range(3):
        step()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 5:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    return statistics.median(times) * 1e3


def layers_of(case, dtype):
    """W (inputs × outputs) and b of each layer; θ holds W column by column."""
    import numpy as np

    theta, at, layers = np.array(case["theta"], dtype), 0, []
    for n, m in zip(case["layers"], case["layers"][1:]):
        layers.append((theta[at : at + n * m].reshape(n, m), theta[at + n * m : at + n * m + m]))
        at += n * m + m
    x = np.array(case["x"], dtype).reshape(case["batch"], case["layers"][0])
    return layers, x, np.array(case["labels"])


def numpy_textbook(case, dtype, sample=60):
    """Each weight perturbed by ±h with a full forward pass: the textbook's gradient, from a sample."""
    import numpy as np

    layers, x, labels = layers_of(case, dtype)
    activation = {
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "relu": lambda z: np.maximum(z, 0),
        "tanh": np.tanh,
    }[case["activation"]]
    layers = [(w.copy(), b.copy()) for w, b in layers]

    def loss():
        a = x
        for k, (w, b) in enumerate(layers):
            z = a @ w + b
            a = activation(z) if k + 1 < len(layers) else z
        a = a - a.max(axis=1, keepdims=True)
        p = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
        return -np.mean(np.log(p[np.arange(len(labels)), labels] + 1e-7))

    flat = layers[0][0].reshape(-1)
    start = time.perf_counter()
    for k in range(sample):
        kept = flat[k]
        flat[k] = kept + 1e-4
        up = loss()
        flat[k] = kept - 1e-4
        (up - loss()) / 2e-4
        flat[k] = kept
    return (time.perf_counter() - start) / sample * len(case["theta"]) * 1e3


def torch_step(case, dtype, threads):
    import torch

    torch.set_num_threads(threads)
    layers, x, labels = layers_of(case, dtype)
    activation = {"sigmoid": torch.sigmoid, "relu": torch.relu, "tanh": torch.tanh}
    activation = activation[case["activation"]]
    parameters = [torch.tensor(p, requires_grad=True) for pair in layers for p in pair]
    x, labels = torch.tensor(x), torch.tensor(labels)
    sgd = torch.optim.SGD(parameters, lr=1e-9)

    def step():
        a = x
        for k in range(0, len(parameters), 2):
            a = a @ parameters[k] + parameters[k + 1]
            if k + 2 < len(parameters):
                a = activation(a)
        sgd.zero_grad()
        torch.nn.functional.cross_entropy(a, labels).backward()
        sgd.step()

    return median_ms(step)


def jax_step(case, dtype, steps=50):
    """Backpropagation and gradient descent, jitted, a loop of steps at a time."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    layers, x, labels = layers_of(case, dtype)
    activation = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "tanh": jnp.tanh}
    activation = activation[case["activation"]]
    x, labels = jnp.array(x), jnp.array(labels)

    def loss(layers):
        a = x
        for k, (w, b) in enumerate(layers):
            a = a @ w + b
            if k + 1 < len(layers):
                a = activation(a)
        p = jax.nn.log_softmax(a)
        return -jnp.mean(p[jnp.arange(len(labels)), labels])

    def one(_, layers):
        slopes = jax.grad(loss)(layers)
        return jax.tree.map(lambda p, g: p - dtype(1e-9) * g, layers, slopes)

    loop = jax.jit(lambda layers: jax.lax.fori_loop(0, steps, one, layers))
    layers = jax.tree.map(jnp.array, layers)
    return median_ms(lambda: jax.block_until_ready(loop(layers))) / steps


def installed(name):
    try:
        __import__(name)
        return True
    except ImportError:
        return False


def measure(arguments, name, words, needs_mnist, precision):
    """The rows of one network in one precision."""
    import numpy as np

    dtype = np.float64 if precision == "f64" else np.float32
    data = ["--data", f"mnist:{arguments.mnist}"] if needs_mnist else []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "case.json")
        command = ["cargo", "run", "--quiet", "--release", "--", "bench", *data, *words, "--json"]
        command += ["--threads", str(arguments.threads), "--precision", precision]
        command += ["--write-case", path]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        with open(path) as file:
            case = json.load(file)
    rows = []
    for line in map(json.loads, lines.splitlines()):
        mark = " (from one pass)" if line["extrapolated"] else ""
        rows.append((f"numgrad {line['perturb']}{mark}", line["gradient_seconds"] * 1e3))
    rows.append(("NumPy, full passes (from a sample)", numpy_textbook(case, dtype)))
    if installed("torch"):
        rows.append(("PyTorch, backpropagation step", torch_step(case, dtype, arguments.threads)))
    if installed("jax"):
        rows.append(("JAX jitted, backpropagation step", jax_step(case, dtype)))
    print(f"\n{name}: {'-'.join(map(str, case['layers']))} {case['activation']}, "
          f"batch {case['batch']}, {precision}, {arguments.threads} thread(s)")
    torch_time = dict(rows).get("PyTorch, backpropagation step")
    for label, time_ms in rows:
        ratio = f"{time_ms / torch_time:12.2f} × PyTorch" if torch_time else ""
        print(f"  {label:<36} {time_ms:12.3f} ms{ratio}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mnist", help="the folder of MNIST's files, for W1 and W2")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    for name, words, needs_mnist in CASES:
        if needs_mnist and not arguments.mnist:
            print(f"{name} skipped: it needs --mnist FOLDER")
            continue
        for precision in ["f64", "f32"]:
            measure(arguments, name, words, needs_mnist, precision)


if __name__ == "__main__":
    threads = sys.argv[sys.argv.index("--threads") + 1] if "--threads" in sys.argv else "1"
    # Set before the libraries start their own threads.
    for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
        os.environ[variable] = threads
    if threads == "1":
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    main()
