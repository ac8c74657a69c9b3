"""PyTorch: the step with autograd and torch.optim; see README.md."""

import sys

try:
    import numpy
    import torch
except ImportError as error:
    print("absent", error)
    sys.exit(0)

import peer

ACTIVATIONS = {
    "identity": torch.nn.Identity,
    "relu": torch.nn.ReLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "elu": torch.nn.ELU,
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "softplus": torch.nn.Softplus,
}


def loss_of(case):
    """The loss as a function of Z_L and Y."""
    if case.loss == "cross":
        return torch.nn.functional.cross_entropy
    if case.loss == "binary":
        return torch.nn.functional.binary_cross_entropy_with_logits
    return lambda outputs, targets: (outputs - targets).square().sum() * (0.5 / len(outputs))


def targets_of(case):
    targets = torch.from_numpy(case.targets())
    if case.loss == "cross":
        return targets.long()
    return targets.to(torch.float32 if case.precision == "f32" else torch.float64).reshape(-1, case.widths[-1])


class Model:
    """A network with its optimiser, in one of the ways that PyTorch offers."""

    def __init__(self, case, compiled, foreach):
        self.case, self.loss = case, loss_of(case)
        layers = []
        for weights, biases in case.parameters():
            linear = torch.nn.Linear(weights.shape[1], weights.shape[0])
            linear.weight = torch.nn.Parameter(torch.from_numpy(weights.copy()))
            linear.bias = torch.nn.Parameter(torch.from_numpy(biases.copy()))
            layers += [linear, ACTIVATIONS[case.activation]()]
        self.net = torch.nn.Sequential(*layers[:-1])
        self.parameters = list(self.net.parameters())
        if case.method == "adam":
            self.optimizer = torch.optim.Adam(self.parameters, case.rate, (case.beta1, case.beta2),
                                              case.epsilon, foreach=foreach)
        else:
            momentum = case.momentum if case.method == "momentum" else 0
            self.optimizer = torch.optim.SGD(self.parameters, case.rate, momentum, foreach=foreach)
        self.forward = torch.jit.script(self.net) if compiled else self.net

    def step(self, inputs, targets):
        self.optimizer.zero_grad(set_to_none=True)
        cost = self.loss(self.forward(inputs), targets)
        cost.backward()
        self.optimizer.step()
        return cost

    def write_parameters(self):
        flat = torch.cat([p.detach().reshape(-1) for p in self.parameters])
        self.case.write("parameters.out", flat.numpy())


SETTINGS = [(False, False), (False, True), (True, False), (True, True)]


def name_of(setting):
    return "%s, optimiser %s" % ("TorchScript" if setting[0] else "eager",
                                 "foreach" if setting[1] else "for loop")


class Torch:
    def start(self, case):
        torch.set_num_threads(case.threads)
        self.case, self.data = case, None
        if case.tune:
            trials = {setting: Model(case, *setting) for setting in SETTINGS}
            self.load_batch()
            setting = peer.fastest(SETTINGS, lambda s, count: self.time(trials[s], count))
        else:
            setting = SETTINGS[0]
        self.model = Model(case, *setting)
        self.load_batch()
        return name_of(setting)

    def load_batch(self):
        self.inputs = torch.from_numpy(self.case.inputs())
        self.targets = targets_of(self.case)

    def predict(self):
        with torch.no_grad():
            outputs = self.model.net(self.inputs)
            if self.case.loss == "cross":
                outputs = outputs.softmax(1)
            elif self.case.loss == "binary":
                outputs = outputs.sigmoid()
        self.case.write("outputs.out", outputs.numpy())

    def step(self):
        cost = self.model.step(self.inputs, self.targets).item()
        self.model.write_parameters()
        return cost

    def time(self, model, count):
        def work():
            for _ in range(count):
                model.step(self.inputs, self.targets)

        return peer.seconds_of(work)

    def run(self, count):
        return self.time(self.model, count)

    # Epochs

    def load_data(self):
        case = self.case
        self.data = [
            torch.from_numpy(case.read("train-inputs.bin", case.dtype, case.widths[0])),
            torch.from_numpy(case.read("train-labels.bin", numpy.int32)).long(),
            torch.from_numpy(case.read("test-inputs.bin", case.dtype, case.widths[0])),
            torch.from_numpy(case.read("test-labels.bin", numpy.int32)).long(),
        ]
        # Either the whole set is put into the new order, or each batch is gathered.
        trial = Model(case, False, True)
        self.gathers = peer.fastest([False, True], lambda gathers, count: peer.seconds_of(
            lambda: self.train(trial, gathers)) if count else 0, 0)

    def train(self, model, gathers):
        inputs, labels = self.data[:2]
        count, batch = len(labels), self.case.batch
        order = torch.randperm(count)
        if not gathers:
            inputs, labels = inputs[order], labels[order]
        for at in range(0, count, batch):
            part = order[at : at + batch] if gathers else slice(at, at + batch)
            model.step(inputs[part], labels[part])

    def validate(self, model):
        inputs, labels = self.data[2:]
        with torch.no_grad():
            right = sum(
                (model.forward(inputs[at : at + 1000]).argmax(1) == labels[at : at + 1000]).sum().item()
                for at in range(0, len(labels), 1000)
            )
        return right / len(labels)

    def epochs(self, count):
        if self.data is None:
            self.load_data()
        accuracy = 0

        def work():
            nonlocal accuracy
            for _ in range(count):
                self.train(self.model, self.gathers)
                accuracy = self.validate(self.model)

        return peer.seconds_of(work), accuracy


if __name__ == "__main__":
    torch.manual_seed(1)
    peer.serve("PyTorch %s, %s" % (torch.__version__, peer.blas()), Torch())
