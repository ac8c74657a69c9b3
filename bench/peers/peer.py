"""The lines that peers written in Python receive and send; see README.md."""

import os
import sys
import time

import numpy


class Case:
    """What the line of a case says, and its arrays."""

    def __init__(self, words):
        self.__dict__.update(word.split("=", 1) for word in words)
        self.widths = [int(width) for width in self.net.split("-")]
        self.batch, self.threads = int(self.batch), int(self.threads)
        self.tune = self.tune == "1"
        for name in ("rate", "momentum", "beta1", "beta2", "epsilon"):
            setattr(self, name, float(getattr(self, name)))
        self.dtype = numpy.dtype("f4" if self.precision == "f32" else "f8")

    def read(self, name, dtype, columns=None):
        array = numpy.fromfile(os.path.join(self.dir, name), dtype)
        return array if columns is None else array.reshape(-1, columns)

    def write(self, name, array):
        numpy.ascontiguousarray(array, self.dtype).tofile(os.path.join(self.dir, name))

    def inputs(self):
        return self.read("inputs.bin", self.dtype, self.widths[0])

    def targets(self):
        if self.loss == "squared":
            return self.read("targets.bin", self.dtype, self.widths[-1])
        return self.read("targets.bin", numpy.int32)

    def parameters(self):
        """The pairs (W_l, b_l)."""
        flat, at = self.read("parameters.bin", self.dtype), 0
        for inputs, outputs in zip(self.widths, self.widths[1:]):
            weights = flat[at : at + inputs * outputs].reshape(outputs, inputs)
            at += inputs * outputs
            yield weights, flat[at : at + outputs]
            at += outputs


def seconds_of(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fastest(settings, measure, least=0.2):
    """The setting for which measure(setting, N) is smallest, each measured for a while, in turns."""
    best = {setting: float("inf") for setting in settings}
    for _ in range(3):
        for setting in settings:
            count = 1
            while (seconds := measure(setting, count)) < least / 8:
                count *= 2
            best[setting] = min(best[setting], seconds / count)
    return min(settings, key=best.get)


def blas():
    """The build of OpenBLAS that is loaded, such as openblas-openmp."""
    with open("/proc/self/maps") as maps:
        parts = [part for line in maps for part in line.strip().split("/")[1:]]
    builds = [part for part in parts if part.startswith("openblas-")]
    return builds[0] if builds else "no OpenBLAS of Debian"


def answer(peer, words):
    """One request to a peer: an object with start, predict, step, run, epochs."""
    request = words[0]
    if request == "case":
        try:
            return "ok " + peer.start(Case(words[1:]))
        except NotImplementedError as reason:
            return "no %s" % reason
    if request == "predict":
        peer.predict()
        return "ok"
    if request == "step":
        return "cost %.17g" % peer.step()
    if request == "run":
        return "seconds %.9g" % peer.run(int(words[1]))
    if request == "epochs":
        return "seconds %.9g accuracy %.9g" % peer.epochs(int(words[1]))
    return "no such request"


def serve(title, peer):
    # Answers go to what was standard output; whatever libraries print goes elsewhere.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print("peer", title, file=answers, flush=True)
    for line in sys.stdin:
        print(answer(peer, line.split()), file=answers, flush=True)
