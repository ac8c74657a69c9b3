"""How the talus command scales and projects inputs, and draws and bounds weights.   usage: command_inputs.py TALUS DATA"""

import csv
import json
import math
import os
import struct

from command_support import *


def weights_of(path, rows, cols):
    """The rows of W_1 of a model in f64, which its parameters begin with."""
    numbers = struct.unpack(f"<{rows * cols}d", model(path)[0][:8 * rows * cols])
    return [numbers[i * cols:(i + 1) * cols] for i in range(rows)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def spectral_norm(rows):
    """By power iterations."""
    v = [1 + 0.1 * j for j in range(len(rows[0]))]
    for _ in range(500):
        image = [dot(row, v) for row in rows]
        v = [dot(column, image) for column in zip(*rows)]
        length = math.sqrt(dot(v, v))
        v = [x / length for x in v]
    image = [dot(row, v) for row in rows]
    return math.sqrt(dot(image, image))


def first_weights():
    """Initialisation, and what is said of it in notes: a rate of next to nothing leaves weights as they began."""
    still = ["train", "numbers.csv", "--precision", "f64", "--layers", "2", "--optimizer", "gradient_descent", "--rate", "1e-300",
             "--epochs", "1", "--validation", "0", "--quiet", "--out", "w.safetensors"]
    status, out, err = run(*still, "--initializer", "orthogonal", "--gain", "3")
    w = weights_of("w.safetensors", 2, 2)
    check(f"rows are orthogonal and of the length of the gain: {err} {w}", status == 0 and
          all(abs(dot(w[i], w[k]) - 9 * (i == k)) < 1e-13 for i in range(2) for k in range(2)))
    info = run("info", "w.safetensors")[1]
    check(f"which is told: {info}", "initializer=orthogonal gain=3\n" in info)
    status, out, err = run(*still, "--unit-variance")
    w, scaling = weights_of("w.safetensors", 2, 2), scaling_of("w.safetensors")
    rows = [[(float(row[name]) - m) * s for name, m, s in zip("ab", scaling["shift"], scaling["scale"])] for row in csv.DictReader(open("numbers.csv"))]
    z = [dot(u, x) for x in rows for u in w]
    variance = sum(x * x for x in z) / len(z) - (sum(z) / len(z)) ** 2
    check(f"what enters the activations varies by 1: {err} {variance}", status == 0 and abs(variance - 1) < 1e-12)
    check("and that is kept", model("w.safetensors")[1]["notes"]["config"]["unit-variance"] is True)


def spectral_norms():
    """A limit, and a penalty."""
    norms = []
    for options in ([], ["--spectral-norm", "0.5"], ["--spectral-penalty", "1"]):
        status, out, err = run("train", "numbers.csv", "--precision", "f64", "--layers", "4", "--epochs", "300", "--quiet", "--out", "w.safetensors", *options)
        check(f"{options}: {err}", status == 0)
        norms.append(spectral_norm(weights_of("w.safetensors", 4, 2)))
    check(f"norms of weights: {norms}", norms[0] > 1 and norms[1] < 0.5 * 1.02 and norms[2] < 0.7 * norms[0])


def prepared_inputs():
    """Scalings, clipping and projections of inputs: runs are repeated, go on and are judged with them."""
    table = ["train", "flowers.csv", "--target", "kind", "--epochs", "8", "--quiet"]
    cases = ((["--input-scaling", "range"], 4), (["--input-scaling", "robust", "--input-clip", "3"], 4), (["--projection", "pca"], 4),
             (["--projection", "pca", "--kept-variance", "0.9"], 2), (["--projection", "pca_whitening", "--kept-variance", "0.99", "--projection-epsilon", "0"], 3),
             (["--projection", "zca_whitening"], 4), (["--no-scaling", "--projection", "pca", "--input-clip", "20", "--unit-variance"], 4),
             (["--initializer", "orthogonal", "--spectral-norm", "2", "--spectral-penalty", "1e-3"], 4))
    for options, features in cases:
        status, out, err = run(*table, *options, "--out", "p.safetensors")
        info = json.loads(run("info", "p.safetensors", "--json")[1])
        check(f"{options}: {err} {info['parameters']}", status == 0 and info["inputs"] == 4 and
              info["parameters"] == 128 * (features + 1) + 64 * 129 + 3 * 65)
        status, out, err = run("train", "flowers.csv", "--config", "p.safetensors", "--out", "q.safetensors", "--quiet")
        check(f"{options} are repeated: {err}", status == 0 and same_model("p.safetensors", "q.safetensors"))
        judged = run("evaluate", "p.safetensors", "flowers.csv", "--json")
        check(f"{options} are judged: {judged}", judged[0] == 0 and json.loads(judged[1])["metrics"]["accuracy"] > 0.9)
        check("and exported", run("export", "p.safetensors", "--onnx", "p.onnx", "--c", "p_c")[0] == 0)
    status, out, err = run("train", "numbers.csv", "--validation", "0", "--epochs", "1", "--input-scaling", "robust", "--input-clip", "3", "--quiet", "--out", "p.safetensors")
    scaling = scaling_of("p.safetensors")
    a = sorted(float(row["a"]) for row in csv.DictReader(open("numbers.csv")))
    check(f"the median and the clip: {err} {scaling}", abs(scaling["shift"][0] - (a[149] + a[150]) / 2) < 1e-12 and scaling["clip"] == 3)
    info = run("info", "q.safetensors")[1]
    check(f"options are told: {info}", "spectral_norm=2 spectral_penalty=0.001" in info and "gain" not in info.split("trained with")[0])
    run(*table, "--projection", "zca_whitening", "--projection-epsilon", "0.1", "--out", "p.safetensors")
    check("a projection is told", "  projected to 4 features\n" in run("info", "p.safetensors")[1])
    status, out, err = run("train", "flowers.csv", "--config", "p.safetensors", "--projection", "pca", "--out", "q.safetensors", "--quiet")
    config = model("q.safetensors")[1]["notes"]["config"]
    check(f"another projection has no epsilon of this one: {err} {config}", status == 0 and "projection-epsilon" not in config)
    status, out, err = run(*table, "--projection", "pca_whitening", "--out", "p.safetensors")
    check("the usual epsilon is kept", model("p.safetensors")[1]["notes"]["config"]["projection-epsilon"] == 1e-5)
    status, out, err = run(*table, "--projection", "pca_whitening", "--folds", "3", "--json")
    check(f"folds are projected: {err}", status == 0 and json.loads(out)["folds"] == 3)
    status, out, err = run("search", "flowers.csv", "--target", "kind", "--projection", "pca", "--kept-variance", "0.9", "--trials", "3",
                           "--epochs", "3", "--quiet", "--out", "p.safetensors")
    check(f"a search projects: {err}", status == 0 and model("p.safetensors")[1]["notes"]["config"]["kept-variance"] == 0.9)
    for given, kept in ((["--input-scaling", "range"], "no-scaling"), (["--no-scaling"], "input-scaling")):
        run(*table, *(["--no-scaling"] if kept == "no-scaling" else ["--input-scaling", "range"]), "--out", "p.safetensors")
        status, out, err = run("train", "flowers.csv", "--config", "p.safetensors", *given, "--out", "q.safetensors", "--quiet")
        check(f"{given} counts, not {kept} of a model: {err}", status == 0 and kept not in model("q.safetensors")[1]["notes"]["config"])
    with open("x.idx", "wb") as file: # 60 pictures of 2 × 2 bytes, with few large ones
        file.write(struct.pack(">HBB3I", 0, 8, 3, 60, 2, 2) + bytes(16 if i % 13 == 0 else i * 7 % (3 + i % 4) for i in range(240)))
    with open("y.idx", "wb") as file:
        file.write(struct.pack(">HBBI", 0, 8, 1, 60) + bytes(i % 2 for i in range(60)))
    pictures = ["train", "x.idx", "--labels", "y.idx", "--layers", "16", "--epochs", "2"]
    for options, white in (([], True), (["--input-scaling", "standard"], False), (["--projection", "pca", "--kept-variance", "0.9", "--input-clip", "1"], True)):
        status, out, err = run(*pictures, *options, "--unit-variance", "--quiet", "--out", "p.safetensors")
        scale = scaling_of("p.safetensors")["scale"]
        check(f"pictures with {options}: {err} {scale[:3]}", status == 0 and (scale == [1 / 16]) == white)


def refused_inputs():
    table = ["train", "numbers.csv", "--epochs", "2"]
    for option in ("kept-variance", "projection-epsilon"):
        refuses([*table, f"--{option}", "0.5"], f"--{option} is for runs with --projection")
    refuses([*table, "--no-scaling", "--input-scaling", "range"], "--no-scaling and --input-scaling do not go together: one asks for a scaling, the other for none")
    refuses([*table, "--input-scaling", "none"], '--input-scaling must be one of standard, range, robust; got "none"')
    refuses([*table, "--projection", "ica"], '--projection must be one of pca, pca_whitening, zca_whitening; got "ica"')
    refuses([*table, "--projection", "pca", "--projection-epsilon", "1"], "--projection-epsilon is for whitening, not for pca")
    refuses([*table, "--projection", "pca", "--kept-variance", "1.5"], '--kept-variance must be a number above 0 and below 1, got "1.5"')
    for value in ("-1", "x", "inf", "nan"):
        refuses([*table, "--input-clip", value], f'--input-clip must be a finite number of at least 0, got "{value}"')
    refuses([*table, "--projection", "pca_whitening", "--projection-epsilon", "-1"], '--projection-epsilon must be a finite number of at least 0, got "-1"')
    refuses([*table, "--input-clip", "1e99"], "clip_inputs: clip must be 2^-100 … 2^100, or 0 for none, got 1e+99", 1)
    refuses([*table, "--layers", "none", "--spectral-penalty", "1"], "--spectral-penalty is for hidden layers, of which there are none")
    refuses([*table, "--spectral-penalty", "-1"], '--spectral-penalty: layer: spectral_penalty must be a finite number at least 0, got "-1"')
    refuses([*table, "--gain", "x"], '--gain: layer: gain must be a number, got "x"')
    write("constant.csv", [["a", "b", "y"], *[[str(i), "1", str(i % 3)] for i in range(30)]])
    status, out, err = run("train", "constant.csv", "--target", "y", "--epochs", "1", "--no-scaling", "--projection", "pca")
    note = "talus: note: fit_projection: 1 of 2 columns do not vary and add nothing to the covariance: 1 (counted from 0)\n"
    check(f"a column that does not vary is named: {status} {err}", status == 0 and note in err)
    status, out, err = run("train", "constant.csv", "--target", "y", "--epochs", "1", "--threads", "1", "--quiet")
    check(f"but not quietly: {status} {err}", status == 0 and "note" not in err)
    status, out, err = run("train", "constant.csv", "--target", "y", "--epochs", "1", "--threads", "1")
    check(f"also where inputs are scaled: {err}", err.count("talus: note: ") == 1 and "1 of 2 columns do not vary and get the scale 1: 1 (" in err)


end_of((first_weights, spectral_norms, prepared_inputs, refused_inputs))
