"""scikit-learn: the step of MLPClassifier and MLPRegressor; see README.md."""

import sys

try:
    import numpy
    import sklearn
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from threadpoolctl import threadpool_limits
except ImportError as error:
    print("absent", error)
    sys.exit(0)

import peer

ACTIVATIONS = {"identity": "identity", "relu": "relu", "sigmoid": "logistic", "tanh": "tanh"}
COPIES = 64  # batches in one call, which hides what a call costs beside its steps
MOST = 1 << 24  # numbers in such copies


class Sklearn:
    def start(self, case):
        if case.activation not in ACTIVATIONS:
            raise NotImplementedError("it has no %s" % case.activation)
        if case.loss == "binary" and case.widths[-1] != 1:
            raise NotImplementedError("binary cross-entropy has one output there")
        self.case, self.t = case, 0
        self.limits = threadpool_limits(case.threads)
        self.inputs, self.targets = case.inputs(), case.targets()
        if case.loss == "squared" and case.widths[-1] == 1:
            self.targets = self.targets.ravel()
        copies = max(1, min(COPIES, MOST // self.inputs.size))
        self.many = numpy.concatenate([self.inputs] * copies), numpy.concatenate([self.targets] * copies)
        self.make_model()
        return "partial_fit of %d batches" % copies

    def make_model(self):
        case = self.case
        kind = MLPRegressor if case.loss == "squared" else MLPClassifier
        self.model = kind(case.widths[1:-1], activation=ACTIVATIONS[case.activation], alpha=0,
                          solver="adam" if case.method == "adam" else "sgd", batch_size=case.batch,
                          learning_rate_init=case.rate, shuffle=False, nesterovs_momentum=False,
                          momentum=case.momentum if case.method == "momentum" else 0,
                          beta_1=case.beta1, beta_2=case.beta2, epsilon=case.epsilon)
        self.fit(self.inputs, self.targets)
        for weights, biases, (W, b) in zip(self.model.coefs_, self.model.intercepts_, case.parameters()):
            weights[...], biases[...] = W.T, b
        del self.model._optimizer  # of the parameters before; the next call makes a new one
        self.steps = 0

    def fit(self, inputs, targets):
        if self.case.loss == "squared":
            self.model.partial_fit(inputs, targets)
        else:
            self.model.partial_fit(inputs, targets, classes=numpy.arange(max(2, self.case.widths[-1])))

    def predict(self):
        if self.case.loss == "squared":
            outputs = self.model.predict(self.inputs)
        else:
            outputs = self.model.predict_proba(self.inputs)
            outputs = outputs[:, 1:] if self.case.loss == "binary" else outputs
        self.case.write("outputs.out", outputs)

    def step(self):
        # Its ε stands beside √v, not beside √(v/(1 − β₂ᵗ)).
        self.steps += 1
        if self.case.method == "adam":
            epsilon = self.case.epsilon * (1 - self.case.beta2**self.steps) ** 0.5
            self.model.epsilon = epsilon
            if hasattr(self.model, "_optimizer"):
                self.model._optimizer.epsilon = epsilon
        self.fit(self.inputs, self.targets)
        flat = [part for W, b in zip(self.model.coefs_, self.model.intercepts_) for part in (W.T.ravel(), b)]
        self.case.write("parameters.out", numpy.concatenate(flat))
        # Its squared error is a mean over outputs too.
        return self.model.loss_ * (self.case.widths[-1] if self.case.loss == "squared" else 1)

    def run(self, count):
        copies = len(self.many[0]) // self.case.batch

        def work():
            left = count
            while left > 0:
                rows = min(left, copies) * self.case.batch
                self.fit(self.many[0][:rows], self.many[1][:rows])
                left -= copies

        return peer.seconds_of(work)

    def epochs(self, count):
        raise NotImplementedError("epochs")


if __name__ == "__main__":
    peer.serve("scikit-learn %s, %s" % (sklearn.__version__, peer.blas()), Sklearn())
