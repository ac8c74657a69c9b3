"""The talus command from end to end: what it gives, what it says, and how it ends.   usage: command.py TALUS DATA"""

import csv
import io
import json
import os
import re
import shutil
import subprocess

from command_support import *


def usage():
    status, out, err = run()
    check("without arguments, help goes to the messages", (status, out) == (2, "") and "talus train" in err)
    status, out, err = run("--help")
    check("help goes to the output", status == 0 and err == "" and "Exit status" in out)
    for command in "train predict evaluate info export resume data search plan".split():
        status, out, err = run(command, "--help")
        check(f"help of {command} begins with examples", status == 0 and f"talus {command}" in out.split("usage:")[0])
    status, out, err = run("train", "--help")
    check("help names what an option may be", "One of f32, f64.\n" in out and "cosine_restarts, one_cycle" in out and "callback" not in out)
    status, out, err = run("version")
    check("the version", status == 0 and out.count(".") == 2)
    expect(["tran"], 2, "", 'talus: there is no command "tran"; did you mean "train"? `talus --help` lists them.\n')
    train = "usage: talus train DATA [option ...]; `talus train --help` tells more\n"
    expect(["train", "x.csv", "--epoch", "3"], 2, "",
           "talus: there is no option --epoch here; did you mean --epochs?\n" + train)
    expect(["train", "x.csv", "--epochs"], 2, "", "talus: --epochs must have a value: NUMBER\n" + train)
    expect(["train", "x.csv", "--quiet=yes"], 2, "", 'talus: --quiet has no value, got "yes"\n' + train)
    expect(["train", "x.csv", "--rate", "1", "--rate", "2"], 2, "", "talus: --rate must be given once\n" + train)
    expect(["train", "-v", "x.csv"], 2, "", "talus: options begin with two dashes, got -v\n" + train)
    expect(["train", "--quiet"], 2, "", "talus: there must be a file with data, got 0 arguments\n" + train)
    expect(["info", "none.safetensors"], 1, "",
           'talus: "none.safetensors" cannot be opened: No such file or directory\n')
    expect(["train", "none.csv", "--out", "m"], 1, "", 'talus: "none.csv" cannot be opened: No such file or directory\n')
    for shell, word in (("bash", "complete -o"), ("zsh", "#compdef"), ("fish", "complete -c talus")):
        status, out, err = run("complete", shell)
        check(f"completion of {shell}", status == 0 and word in out and "weight-decay" in out)
    check("bash reads its completion",
          subprocess.run(["bash", "-c", f"source <({talus} complete bash); complete -p talus"],
                         capture_output=True).returncode == 0)


def options():
    for arguments, message in (
            (["--rate", "-1"], "talus: --rate: optimizer: rate must be a finite number above 0, got \"-1\"\n"),
            (["--layers", "64,x"],
             "talus: --layers must be at most 63 widths with commas, such as 64,64, got \"64,x\"\n"),
            (["--epochs", "0"], "talus: --epochs: fit: epochs must be at least 1, got \"0\"\n"),
            (["--time", "soon"], "talus: --time must be a time such as 90s, 10m or 2h, got \"soon\"\n")):
        status, out, err = run("train", "numbers.csv", "--out", "m.safetensors", *arguments)
        check(f"{arguments}: {err!r}", status == 2 and message in err and out == "")
        check("nothing is left of it", not os.path.exists("m.safetensors"))
    status, out, err = run("train", "text.csv", "--out", "m.safetensors")
    check(f"a short row is named: {err!r}", status == 1 and '"text.csv": line 3' in err)


def classification():
    status, out, err = run("train", "flowers.csv", "--target", "kind", "--epochs", "60", "--out", "f.safetensors")
    check(f"a classification is trained: {err}", status == 0 and "classification" in err and "accuracy" in out)
    status, out, err = run("evaluate", "f.safetensors", "flowers.csv", "--json")
    found = json.loads(out)
    check(f"its metrics: {out}", status == 0 and found["samples"] == 300 and found["metrics"]["accuracy"] > 0.97)
    status, out, err = run("predict", "f.safetensors", "new.csv")
    rows = list(csv.reader(io.StringIO(out)))
    check(f"predictions are CSV, with names: {out!r}",
          rows[0] == ["kind", "p_daisy", "p_lily", "p_rose, wild"] and [row[0] for row in rows[1:]] == ["daisy", "rose, wild"])
    check("probabilities add up to 1", all(abs(sum(map(float, row[1:])) - 1) < 1e-5 for row in rows[1:]))
    with open("new.csv") as file:
        status, piped, err = run("predict", "f.safetensors", "-", stdin=file.read())
    check("a pipe gives the same", (status, piped) == (0, out))
    status, out, err = run("predict", "f.safetensors", "new.csv", "--classes", "--out", "p.csv")
    check("predictions go to a file", status == 0 and out == "" and open("p.csv").read() == 'kind\ndaisy\n"rose, wild"\n')
    status, out, err = run("info", "f.safetensors")
    check(f"a model says what it is: {out}", status == 0 and out.startswith("4 inputs, 3 layers, ") and "softmax" in out)


def outputs_of_losses():
    """Two values between 0 and 1 are no classes, one probability is that of two classes, and margins are none."""
    write("two.csv", [["a", "p", "q", "is"], *([i % 7, i % 7 > 3, i % 5 > 2, ["no", "yes"][i % 7 > 3]] for i in range(200))])
    with open("two.csv") as file:
        text = file.read().replace("True", "1").replace("False", "0")
    with open("two.csv", "w") as file:
        file.write(text)
    train = ["train", "two.csv", "--epochs", "40", "--quiet", "--report", "l.html", "--out", "l.safetensors"]
    status, out, err = run(*train, "--target", "p,q", "--ignore", "is", "--task", "regression", "--loss", "binary_cross_entropy")
    rows = list(csv.DictReader(io.StringIO(run("predict", "l.safetensors", "two.csv")[1])))
    check(f"two values: {err} {rows[:2]}", status == 0 and set(rows[0]) == {"p", "q"} and float(rows[0]["p"]) < 0.2 < 0.8 < float(rows[6]["p"]))
    check("which are drawn", "<h2>Predictions</h2>" in open("l.html").read())
    for loss in ("binary_cross_entropy", "hinge"):
        status, out, err = run(*train, "--target", "is", "--ignore", "p,q", "--loss", loss)
        rows = list(csv.DictReader(io.StringIO(run("predict", "l.safetensors", "two.csv")[1])))
        names, page = list(rows[0]), open("l.html").read()
        check(f"{loss}: {err} {rows[:2]}", status == 0 and [row["is"] for row in rows[:7]] == ["no"] * 4 + ["yes"] * 3)
        check(f"{loss}: {names}", names == (["is"] if loss == "hinge" else ["is", "p_no", "p_yes"]))
        check(f"{loss}: probabilities are drawn", ("<h2>Calibration</h2>" in page) == (loss != "hinge") and "<h2>Confusion matrix</h2>" in page)
        check("probabilities add up to 1", loss == "hinge" or all(abs(float(row["p_no"]) + float(row["p_yes"]) - 1) < 1e-6 for row in rows))


def regression():
    status, out, err = run("train", "numbers.csv", "--target", "y", "--epochs", "150", "--out", "n.safetensors", "--json",
                           "--precision", "f64")
    found = json.loads(out)
    check(f"a regression is trained: {err}", status == 0 and "regression" in err and found["metrics"]["r2"] > 0.99)
    status, out, err = run("evaluate", "n.safetensors", "numbers.csv", "--json")
    found = json.loads(out)["metrics"]
    check(f"metrics by their plain names: {out}", set(found) == {"cost", "r2", "rmse", "mae"} and found["r2"] > 0.99)
    status, out, err = run("predict", "n.safetensors", "numbers.csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    true = list(csv.DictReader(open("numbers.csv")))
    check(f"with the digits of f64: {rows[:2]}", any(len(row["y"]) > 15 for row in rows) and max(len(row["y"]) for row in rows) <= 18)
    check("predictions are near, in the units of the table",
          all(abs(float(a["y"]) - float(b["y"])) < 1.5 for a, b in zip(rows, true)))
    status, out, err = run("train", "numbers.csv", "--folds", "3", "--epochs", "40", "--json", "--quiet")
    check(f"folds are judged: {out} {err}", status == 0 and json.loads(out)["metrics"]["r2"] > 0.9)
    status, out, err = run("data", "describe", "flowers.csv", "--target", "kind")
    check(f"a table is described: {out}", status == 0 and "2 categories: blue, red" in out and "rose, wild" in out)


def worst_and_parts():
    """The worst errors are those in deviations of their target, which is named; a drawing of a part of the samples says so."""
    write("wide.csv", [["a", "large", "small"], *([i % 50, 1e6 * (i % 2), 1000 if i == 7 else i % 50 / 50] for i in range(100))])
    run("train", "wide.csv", "--target", "large,small", "--epochs", "2", "--validation", "0", "--quiet", "--report", "w.html")
    table = open("w.html").read().split("<h2>Worst predictions</h2>")[1]
    check(f"the worst one is of small: {table[:400]}", "<tr><td>8</td><td>small</td><td>1000</td>" in table and
          table.index("<tr><td>8<") < 250)
    write("many.csv", [["a", "is"], *([i % 50, ["no", "yes"][i % 50 > 20]] for i in range(6000))])
    run("train", "many.csv", "--epochs", "1", "--validation", "0", "--quiet", "--report", "m.html")
    check("a confusion matrix of a part", "columns predicted ones, of 5000 of the 6000 samples.</p>" in open("m.html").read())


def pictures():
    inputs, labels = (os.path.join(data, name) for name in ("digits-inputs.idx", "digits-labels.idx"))
    status, out, err = run("train", inputs, "--labels", labels, "--epochs", "80", "--layers", "32", "--report", "r.html",
                           "--out", "d.safetensors", "--quiet")
    page = open("r.html").read()
    check(f"pictures are learnt: {err}", status == 0 and "<svg" in page and "data:image/bmp" in page)
    check("the page needs nothing else", "http" not in page and "<script" not in page and "nan" not in page)
    status, out, err = run("evaluate", "d.safetensors", inputs, "--labels", labels, "--json")
    check(f"and judged: {out} {err}", status == 0 and json.loads(out)["metrics"]["accuracy"] > 0.95)


def reports():
    """A page says all of a run, and needs nothing else."""
    status, out, err = run("train", "numbers.csv", "--epochs", "20", "--metric", "r2", "--report", "n.html", "--quiet")
    page = open("n.html").read()
    check(f"of numbers: {err}", status == 0 and all(f"<h2>{title}</h2>" in page for title in (
        "Training", "Predictions", "Layers", "Importance of columns", "Worst predictions", "To repeat it")))
    check("with all drawings", all(f"<title>{title}</title>" in page for title in ("Loss", "r2", "Learning rate", "Predicted against true", "Residuals", "Rise of the loss")))
    check("and the command", "talus train numbers.csv --epochs 20 --metric r2 --report n.html --quiet</pre>" in page)
    check("on what it was judged", "30 samples of the validation set, which were not trained on" in page)
    run("train", "numbers.csv", "--epochs", "2", "--validation", "0", "--report", "all.html", "--quiet")
    check("or that it was not", "300 samples that were trained on, since none were held out" in open("all.html").read())
    run("train", "flowers.csv", "--target", "kind", "--epochs", "20", "--test-share", "0.3", "--report", "f.html", "--quiet")
    page = open("f.html").read()
    check("of classes", all(f"<h2>{title}</h2>" in page for title in ("Confusion matrix", "Calibration", "Layers", "Importance of columns")) and
          "90 samples of the test set" in page and "rose, wild" in page)
    counts = [int(cell) for cell in re.findall(r"<td [^>]*>(\d+)</td>", page)]
    check(f"each sample is once in the matrix: {counts}", sum(counts) == 90)
    for name in ("n.html", "all.html", "f.html"):
        page = open(name).read()
        check(f"{name} needs nothing else", not any(word in page for word in ("http", "<script", "<link", "@import", "src=\"/", "nan", "inf\"")))


def exports():
    """For other programs: ONNX, and C that compiles and predicts the same."""
    run("train", "numbers.csv", "--epochs", "20", "--quiet", "--out", "e.safetensors")
    status, out, err = run("export", "e.safetensors", "--onnx", "e.onnx", "--c", "network")
    check(f"both are written: {err}", (status, out) == (0, "") and b"talus" in open("e.onnx", "rb").read().lower() and "network" in open("network.h").read())
    if shutil.which("cc") is not None:
        check("the C compiles", subprocess.run(["cc", "-std=c11", "-Wall", "-Werror", "-c", "network.c"], capture_output=True).returncode == 0)


end_of((usage, options, classification, outputs_of_losses, regression, worst_and_parts, pictures, reports, exports))
