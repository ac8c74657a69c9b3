"""Files that the talus command reads, and how it divides them.   usage: command_files.py TALUS DATA"""

import json
import os
import struct

from command_support import *


def libsvm_lines(signs=False):
    """The flowers again, without their colours."""
    for i in range(300):
        kind, noise = i % 3, (i * 7919 % 1000) / 1000
        label = kind if not signs else (1 if kind == 2 else -1)
        yield f"{label} 1:{kind + noise:.3f} 4:{10 * kind - 3 * noise:.3f}\n"


def write_text(path, lines):
    with open(path, "w") as file:
        file.writelines(lines)


def libsvm():
    """Recognised by its name, by its content, or because it is said."""
    write_text("a.libsvm", libsvm_lines())
    for path in ("b.svm", "b.txt", "b.data"):
        write_text(path, libsvm_lines())
    status, out, err = run("train", "a.libsvm", "--epochs", "40", "--out", "a.safetensors")
    check(f"a classification: {err}", status == 0 and "300 samples of 4 inputs; classification: the labels are 3 different whole numbers\n" in err)
    wanted = run("evaluate", "a.safetensors", "a.libsvm", "--json")
    check(f"it learns: {wanted}", wanted[0] == 0 and json.loads(wanted[1])["metrics"]["accuracy"] > 0.97)
    for path in ("b.svm", "b.txt", "b.data"):
        check(f"{path} is the same", run("evaluate", "a.safetensors", path, "--json") == wanted)
    with open("b.txt") as file:
        check("in a pipe, too", run("evaluate", "a.safetensors", "-", "--json", stdin=file.read()) == wanted)
    status, out, err = run("predict", "a.safetensors", "a.libsvm", "--classes")
    check(f"predictions: {out[:40]!r} {err}", status == 0 and len(out.splitlines()) == 301)
    write_text("few.libsvm", ["0 1:0.5\n", "2 1:2.5 4:19\n"])
    status, out, err = run("predict", "a.safetensors", "few.libsvm", "--classes")
    check(f"features that do not occur are 0: {out} {err}", status == 0 and out.splitlines()[1:] == ["0", "2"])
    status, out, err = run("data", "describe", "a.libsvm")
    check(f"described: {out}", status == 0 and out.startswith("300 rows give 4 inputs and 1 targets\nclassification: "))
    status, out, err = run("data", "describe", "a.libsvm", "--task", "regression", "--json")
    check(f"the task can be said: {out}", json.loads(out)["task"] == "regression, as --task says" and json.loads(out)["classes"] == 0)
    write_text("signs.svm", libsvm_lines(signs=True))
    found = json.loads(run("data", "describe", "signs.svm", "--json")[1])
    check(f"-1 and 1: {found}", found["classes"] == 2 and found["task"] == "classification: the labels are -1 and 1, which become 0 and 1")
    write_text("y.svm", [f"{i / 7:.6f} 1:{i}\n" for i in range(50)])
    found = json.loads(run("data", "describe", "y.svm", "--json")[1])
    check(f"numbers: {found}", found["classes"] == 0 and found["task"] == "regression: the labels are not all whole numbers of at least 0")
    refuses(["train", "a.libsvm", "--target", "y"], '--target is for tables, and "a.libsvm" is taken for libsvm')
    refuses(["train", "a.libsvm", "--format", "arff"], '--format must be table, idx, npy, npz or libsvm, got "arff"')
    refuses(["predict", "a.safetensors", "flowers.csv"], 'the network was trained on arrays, and "flowers.csv" is taken for table', 1)


def not_libsvm():
    """Tables that look a little like it."""
    for text in ("12:30,5\n1:2,3\n", "1\t2:30\n2\t3:40\n", "1 5:30 4:10,1\n2 1:1,2\n", "1 2:30;1\n1 3:40;2\n"):
        write_text("t.txt", [text])
        found = json.loads(run("data", "describe", "t.txt", "--json")[1])
        check(f"{text!r} is a table: {found}", found["format"] == "table")
    write_text("idx_of_prices.csv", ["a,y\n", "1,2.5\n", "2,3.5\n"])
    check("a table may have idx in its name", json.loads(run("data", "describe", "idx_of_prices.csv", "--json")[1])["format"] == "table")
    write_text("s.csv", ["1 1:2\n", "2 1:3\n"])
    found = run("data", "describe", "s.csv", "--format", "libsvm", "--json")
    check(f"what is said goes before the name: {found}", json.loads(found[1])["format"] == "libsvm")


def arrays():
    """.npy in a pipe, and labels in a file of their own."""
    inputs, labels = (os.path.join(data, name) for name in ("digits-inputs.idx", "digits-labels.idx"))
    check("descriptions of pictures", json.loads(run("data", "describe", inputs, "--labels", labels, "--json")[1])["classes"] == 10)
    check("and without labels", json.loads(run("data", "describe", inputs, "--json")[1])["targets"] == 0)
    run("train", inputs, "--labels", labels, "--epochs", "3", "--layers", "16", "--quiet", "--out", "d.safetensors")
    with open(inputs, "rb") as file:
        piped = run("predict", "d.safetensors", "-", stdin=file.read())
    check(f"pictures in a pipe: {piped[2]}", piped[1].decode() == run("predict", "d.safetensors", inputs)[1])
    refuses(["train", inputs, "--epochs", "1"], f'"{inputs}" has no targets; --labels FILE is for those of idx and npy', 1)
    refuses(["evaluate", "d.safetensors", inputs], f'"{inputs}" needs a file of labels: --labels FILE', 1)
    refuses(["train", inputs, "--labels", labels, "--test", inputs], f'"{inputs}" needs a file of labels: --test-labels FILE', 1)
    refuses(["predict", "d.safetensors", inputs, "--separator", "tab"], f'--separator is for tables, and "{inputs}" is taken for idx')
    refuses(["train", inputs, "--labels", labels, "--missing", "drop"], f'--missing is for tables, and "{inputs}" is taken for idx')
    status, out, err = run("train", inputs, "--labels", labels, "--test", inputs, "--test-labels", labels, "--epochs", "1", "--json", "--quiet")
    check(f"a test set of pictures: {out} {err}", status == 0 and json.loads(out)["judged_on"] == "test")
    run("train", inputs, "--labels", labels, "--test", inputs, "--test-labels", labels, "--epochs", "1", "--quiet", "--out", "e.safetensors")
    status, out, err = run("train", inputs, "--config", "e.safetensors", "--quiet", "--out", "f.safetensors")
    check(f"which is no part of the options of a run: {err}", status == 0)
    with open("x.npy", "wb") as file:
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (4, 64), }"
        header += b" " * (64 - (10 + len(header)) % 64 - 1) + b"\n"
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + struct.pack("<256f", *range(256)))
    with open("x.npy", "rb") as file:
        piped = run("predict", "d.safetensors", "-", stdin=file.read())
    check(f".npy in a pipe: {piped[2]}", piped[0] == 0 and len(piped[1].splitlines()) == 5)


def parts():
    """One file becomes a training, a validation and a test set."""
    table = ["train", "flowers.csv", "--target", "kind", "--epochs", "40"]
    status, out, err = run(*table, "--test-share", "0.2", "--out", "p.safetensors", "--json")
    found = json.loads(out)
    check(f"the test set is judged: {out} {err}", status == 0 and (found["judged_on"], found["samples"]) == ("test", 60))
    check("in steps of what is left", found["steps"] == 40 * 2) # 300 - 60 - 24 samples are two batches
    check("the share is kept", model("p.safetensors")[1]["notes"]["config"]["test-share"] == 0.2)
    status, out, err = run(*table, "--test-share", "0.2")
    check(f"and is told: {err}", "on 60 samples of the test set:\n" in err and "accuracy" in out)
    status, out, err = run("train", "flowers.csv", "--config", "p.safetensors", "--out", "q.safetensors", "--quiet")
    check(f"it is repeated: {err}", status == 0 and same_model("p.safetensors", "q.safetensors"))
    status, out, err = run(*table, "--test-share", "0.3", "--seed", "3", "--checkpoint", "p.checkpoint", "--out", "r.safetensors", "--quiet")
    before = model("r.safetensors")
    status, out, err = run("resume", "p.checkpoint", "--quiet")
    check(f"a run goes on with the same parts: {err}", status == 0 and model("r.safetensors")[0] == before[0] and
          model("r.safetensors")[1]["notes"]["result"]["samples"] == 90)
    rare = [["x", "kind"]] + [[str(i % 7 + 10 * (i % 20 == 0)), "rare" if i % 20 == 0 else "usual"] for i in range(200)]
    write("rare.csv", rare)
    status, out, err = run("train", "rare.csv", "--test-share", "0.5", "--validation", "0.5", "--epochs", "1", "--json", "--quiet")
    check(f"each class gives its share: {out}", json.loads(out)["metrics"]["recall"] > 0) # of a class without samples there is none


end_of((libsvm, not_libsvm, arrays, parts))
