"""What other libraries compute with an exported network: outputs.py KIND MODEL INPUTS [ACTIVATION OUTPUT]

MODEL is read by the library that KIND names (onnxruntime, numpy, safetensors or torch), INPUTS are lines
of numbers, and the outputs are printed as lines of numbers with 17 digits. It exits with 77, and says what is missing,
where a library is absent.
"""

import sys

LEAK = 0.01


def normal(z):
    """The normal distribution function, in f64."""
    import math

    import numpy as np

    return np.vectorize(lambda x: math.erfc(-x / math.sqrt(2)) / 2)(z.astype(np.float64)).astype(z.dtype)


def activate(name, z):
    import numpy as np

    if name == "softmax":
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    return {
        "identity": lambda: z,
        "sigmoid": lambda: 1 / (1 + np.exp(-z)),
        "tanh": lambda: np.tanh(z),
        "relu": lambda: np.maximum(z, 0),
        "leaky-relu": lambda: np.where(z > 0, z, z.dtype.type(LEAK) * z),
        "softplus": lambda: np.logaddexp(0, z),
        "gelu": lambda: z * normal(z),
        "step": lambda: (z > 0).astype(z.dtype),
    }[name]()


def forward(tensors, x, hidden, output):
    """The layers of a file, on inputs in f64 that are scaled before they are rounded."""
    if "scaling.offset" in tensors:
        x = (x - tensors["scaling.offset"]) * tensors["scaling.factor"]
    x = x.astype(tensors["0.weight"].dtype)
    last = max(int(name.split(".")[0]) for name in tensors if name.endswith(".weight"))
    for number in range(0, last + 1, 2):
        z = x @ tensors[f"{number}.weight"].T + tensors[f"{number}.bias"]
        x = activate(output if number == last else hidden, z)
    if "target.offset" in tensors:
        dtype = x.dtype
        x = (x.astype("float64") * tensors["target.spread"] + tensors["target.offset"]).astype(dtype)
    return x


def by_onnxruntime(model, x):
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (port,) = session.get_inputs()
    kind = {"tensor(float)": "float32", "tensor(double)": "float64"}[port.type]
    return session.run(None, {port.name: x.astype(kind)})[0]


def by_numpy(model, x, hidden, output):
    import numpy as np

    with np.load(model, allow_pickle=False) as file:
        tensors = {name: file[name] for name in file.files}
    assert all(isinstance(tensor, np.ndarray) for tensor in tensors.values())
    assert b'"numgrad"' in tensors.pop("numgrad.json").tobytes()
    return forward(tensors, x, hidden, output)


def by_safetensors(model, x, hidden, output):
    from safetensors.numpy import load_file

    return forward(load_file(model), x, hidden, output)


def by_torch(model, x, hidden, output):
    """The layers alone, as a Sequential loads them: a folded network, of raw inputs."""
    import torch
    from safetensors.torch import load_file

    modules = {
        "identity": torch.nn.Identity,
        "sigmoid": torch.nn.Sigmoid,
        "tanh": torch.nn.Tanh,
        "relu": torch.nn.ReLU,
        "softplus": torch.nn.Softplus,
        "gelu": torch.nn.GELU,
        "softmax": lambda: torch.nn.Softmax(dim=1),
    }
    state = load_file(model)
    layers = []
    numbers = sorted(int(name.split(".")[0]) for name in state if name.endswith(".weight"))
    for number in numbers:
        outputs, inputs = state[f"{number}.weight"].shape
        layers += [torch.nn.Linear(inputs, outputs), modules[hidden]()]
    layers[-1] = modules[output]()
    network = torch.nn.Sequential(*layers).to(state["0.weight"].dtype)
    network.load_state_dict(state, strict=True)
    with torch.no_grad():
        return network(torch.tensor(x, dtype=state["0.weight"].dtype)).numpy()


def main():
    kind, model, inputs, *functions = sys.argv[1:]
    try:
        import numpy as np

        x = np.loadtxt(inputs, ndmin=2)
        by = {
            "onnxruntime": by_onnxruntime,
            "numpy": by_numpy,
            "safetensors": by_safetensors,
            "torch": by_torch,
        }
        y = by[kind](model, x, *(functions if kind != "onnxruntime" else []))
    except ModuleNotFoundError as missing:
        print(missing, file=sys.stderr)
        sys.exit(77)
    np.savetxt(sys.stdout, y.astype(np.float64), fmt="%.17g")


if __name__ == "__main__":
    main()
