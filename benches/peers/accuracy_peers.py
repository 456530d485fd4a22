"""MNIST's 784-128-10 ReLU trained by a peer: a line of JSON for each epoch.

    python accuracy_peers.py torch_loop|scikit_learn MNIST_FOLDER SEED EPOCHS

As `numgrad train` does, the seconds are those of training, without the evaluation.
"""

import gzip
import json
import os
import sys
import time

WIDTHS, BATCH, RATE, MOMENTUM = [784, 128, 10], 128, 0.1, 0.9


def mnist(folder):
    """The training and the test images as f32 from 0 to 1, and their labels."""
    import numpy as np

    def read(name, header):
        with gzip.open(os.path.join(folder, name + ".gz")) as file:
            return np.frombuffer(file.read(), np.uint8, offset=header)

    def images(name):
        return (read(name, 16).reshape(-1, 784) / 255).astype(np.float32)

    def labels(name):
        return read(name, 8).astype(np.int64)

    return (
        images("train-images-idx3-ubyte"),
        labels("train-labels-idx1-ubyte"),
        images("t10k-images-idx3-ubyte"),
        labels("t10k-labels-idx1-ubyte"),
    )


def torch_loop(data, seed):
    """A tight loop of eager steps: an epoch a call, then the test accuracy."""
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(seed)
    x, labels, test_x, test_labels = map(torch.tensor, data)
    layers = [torch.nn.Linear(n, m) for n, m in zip(WIDTHS, WIDTHS[1:])]
    for layer in layers:  # as numgrad starts
        torch.nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
        torch.nn.init.zeros_(layer.bias)
    network = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1])
    sgd = torch.optim.SGD(network.parameters(), lr=RATE, momentum=MOMENTUM)

    def epoch():
        for batch in torch.randperm(len(x)).split(BATCH):
            sgd.zero_grad()
            torch.nn.functional.cross_entropy(network(x[batch]), labels[batch]).backward()
            sgd.step()

    def accuracy():
        with torch.no_grad():
            return (network(test_x).argmax(1) == test_labels).double().mean().item()

    return epoch, accuracy


def scikit_learn(data, seed):
    import numpy as np
    from sklearn.neural_network import MLPClassifier

    x, labels, test_x, test_labels = data
    network = MLPClassifier(
        hidden_layer_sizes=WIDTHS[1:-1],
        solver="sgd",
        alpha=0,
        batch_size=BATCH,
        learning_rate_init=RATE,
        momentum=MOMENTUM,
        nesterovs_momentum=False,
        random_state=seed,
    )
    return (
        lambda: network.partial_fit(x, labels, classes=np.arange(10)),
        lambda: network.score(test_x, test_labels),
    )


def main():
    peer, folder, seed, epochs = sys.argv[1:]
    epoch, accuracy = globals()[peer](mnist(folder), int(seed))
    seconds = 0.0
    for number in range(1, int(epochs) + 1):
        start = time.perf_counter()
        epoch()
        seconds += time.perf_counter() - start
        line = {"epoch": number, "seconds": seconds, "test_accuracy": accuracy()}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
