"""The talus command from end to end: what it gives, what it says, and how it ends.   usage: command.py TALUS DATA"""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

talus, data = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
failures = 0


def run(*arguments, stdin=None, env=None):
    done = subprocess.run([talus, *arguments], input=stdin, capture_output=True, text=True, timeout=120,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def check(what, is_so):
    global failures
    if not is_so:
        failures += 1
        print("failed:", what)


def expect(arguments, status, out=None, err=None):
    """The exit status, and what the streams are; None for anything."""
    got = run(*arguments)
    for name, wanted, text in (("status", status, got[0]), ("output", out, got[1]), ("messages", err, got[2])):
        check(f"{name} of talus {' '.join(arguments)}: {text!r}, not {wanted!r}", wanted is None or text == wanted)


def write(path, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows(rows)


def make_tables():
    """Flowers of three kinds, told apart by two numbers and a colour; and numbers that follow a formula."""
    flowers = [["size", "colour", "weight", "kind"]]
    numbers = [["a", "b", "y"]]
    for i in range(300):
        kind = i % 3
        noise = (i * 7919 % 1000) / 1000
        flowers.append([f"{kind + noise:.3f}", ["red", "blue"][kind % 2], f"{10 * kind - 3 * noise:.3f}",
                        ["daisy", "lily", "rose, wild"][kind]])
        a, b = (i * 37 % 300) / 150 - 1, (i * 101 % 300) / 150 - 1
        numbers.append([f"{a:.4f}", f"{b:.4f}", f"{100 + 5 * a - 3 * b + a * b:.6f}"])
    write("flowers.csv", flowers)
    write("numbers.csv", numbers)
    write("new.csv", [["weight", "size", "colour"], ["0.1", "0.5", "red"], ["19", "2.4", "red"]])
    write("text.csv", [["a", "b"], ["1", "2"], ["3"], ["4", "5"]])


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
            (["--folds", "1"], "talus: --folds must be 2 ... 1000, got \"1\"\n"),
            (["--time", "soon"], "talus: --time must be a time such as 90s, 10m or 2h, got \"soon\"\n")):
        status, out, err = run("train", "numbers.csv", "--out", "m.safetensors", *arguments)
        check(f"{arguments}: {err!r}", status != 0 and message in err and out == "")
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
    status, out, err = run("info", "f.safetensors", "--json")
    check("also as JSON", json.loads(out)["notes"]["config"] == {"target": "kind", "epochs": "60"})
    status, out, err = run("train", "flowers.csv", "--config", "f.safetensors", "--out", "g.safetensors", "--quiet")
    check(f"the run of a model is repeated: {err}", status == 0 and open("f.safetensors", "rb").read() == open("g.safetensors", "rb").read())
    with open("config.json", "w") as file:
        json.dump({"target": "kind", "epochs": 60, "layers": "8"}, file)
    status, out, err = run("train", "flowers.csv", "--config", "config.json", "--layers", "none", "--out", "h.safetensors", "--quiet")
    check(f"options go before a configuration: {err}",
          status == 0 and json.loads(run("info", "h.safetensors", "--json")[1])["widths"] == [3])
    with open("config.json", "w") as file:
        json.dump({"epoch": 60}, file)
    expect(["train", "flowers.csv", "--config", "config.json", "--out", "h.safetensors"], 1, "",
           'talus: "config.json": there is no option "epoch" of a run\n')


def regression():
    status, out, err = run("train", "numbers.csv", "--target", "y", "--epochs", "150", "--out", "n.safetensors", "--json",
                           "--precision", "f64")
    found = json.loads(out)
    check(f"a regression is trained: {err}", status == 0 and "regression" in err and found["metrics"]["r2"] > 0.99)
    status, out, err = run("predict", "n.safetensors", "numbers.csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    true = list(csv.DictReader(open("numbers.csv")))
    check("predictions are near, in the units of the table",
          all(abs(float(a["y"]) - float(b["y"])) < 1.5 for a, b in zip(rows, true)))
    status, out, err = run("train", "numbers.csv", "--folds", "3", "--epochs", "40", "--json", "--quiet")
    check(f"folds are judged: {out} {err}", status == 0 and json.loads(out)["metrics"]["r2"] > 0.9)
    status, out, err = run("data", "describe", "flowers.csv", "--target", "kind")
    check(f"a table is described: {out}", status == 0 and "2 categories: blue, red" in out and "rose, wild" in out)


def scaling_of(path):
    """The scaling of the inputs of a model, from its metadata."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return json.loads(header["__metadata__"]["talus"])["scaling"]["inputs"]


def held_out():
    """What is held out takes no part, neither in the scaling."""
    a = [float(row["a"]) for row in csv.DictReader(open("numbers.csv"))]
    shifts = {}
    for share in ("0", "0.5"):
        status, out, err = run("train", "numbers.csv", "--epochs", "1", "--validation", share, "--out", "v.safetensors", "--quiet")
        check(f"a share of {share} is held out: {err}", status == 0)
        shifts[share] = scaling_of("v.safetensors")["shift"][0]
    check(f"all rows have their mean: {shifts}", abs(shifts["0"] - sum(a) / len(a)) < 1e-12)
    check(f"half of them have another: {shifts}", abs(shifts["0.5"] - sum(a) / len(a)) > 1e-6)


def pictures():
    inputs, labels = (os.path.join(data, name) for name in ("digits-inputs.idx", "digits-labels.idx"))
    status, out, err = run("train", inputs, "--labels", labels, "--epochs", "80", "--layers", "32", "--report", "r.html",
                           "--out", "d.safetensors", "--quiet")
    page = open("r.html").read()
    check(f"pictures are learnt: {err}", status == 0 and "<svg" in page and "data:image/bmp" in page)
    check("the page needs nothing else", "http" not in page and "<script" not in page and "nan" not in page)
    status, out, err = run("evaluate", "d.safetensors", inputs, "--labels", labels, "--json")
    check(f"and judged: {out} {err}", status == 0 and json.loads(out)["metrics"]["accuracy"] > 0.95)


def search():
    status, out, err = run("search", "flowers.csv", "--target", "kind", "--trials", "9", "--epochs", "9", "--seed", "1",
                           "--out", "s.safetensors", "--json")
    check(f"a search finds something: {out} {err}", status == 0 and json.loads(out)["layers"] and err.count("round") == 2)
    again = run("search", "flowers.csv", "--target", "kind", "--trials", "9", "--epochs", "9", "--seed", "1", "--json",
                "--quiet", "--threads", "1")
    check("the same with any number of threads", (again[0], again[1], again[2]) == (0, out, ""))
    check("its model evaluates", run("evaluate", "s.safetensors", "flowers.csv")[0] == 0)


def interrupt():
    process = subprocess.Popen([talus, "train", "numbers.csv", "--epochs", "1000000", "--patience", "0", "--out", "i.safetensors"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    process.stderr.readline()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    check(f"Ctrl-C ends a run with what it has: {process.returncode}",
          process.returncode == 130 and run("info", "i.safetensors")[0] == 0)


def resume():
    """A run that is stopped again and again ends as the one that is not."""
    arguments = ["train", "numbers.csv", "--target", "y", "--epochs", "400", "--layers", "16,8"]
    status, out, err = run(*arguments, "--out", "whole.safetensors", "--quiet")
    check(f"a whole run: {err}", status == 0)
    parts = [*arguments, "--out", "parts.safetensors", "--checkpoint", "run.checkpoint", "--quiet"]
    stops = 0
    for tries in range(200):
        again = ["resume", "run.checkpoint"] if os.path.exists("run.checkpoint") else parts
        process = subprocess.Popen([talus, *again], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if stops < 12:
            time.sleep(0.03 + tries * 0.01)
            process.send_signal(signal.SIGKILL if tries % 2 else signal.SIGINT)
        err = process.communicate(timeout=120)[1]
        if process.returncode == 0:
            break
        if process.returncode == 130: # it was far enough to end by itself
            check(f"a stopped run says how to go on: {err}", "talus resume run.checkpoint" in err)
        stops += again[0] == "resume"
    check(f"it goes on to its end: {err}", process.returncode == 0)
    check("the same model", open("whole.safetensors", "rb").read() == open("parts.safetensors", "rb").read())
    expect(["resume", "whole.safetensors"], 1, "", None)


with tempfile.TemporaryDirectory() as directory:
    os.chdir(directory)
    make_tables()
    for part in (usage, options, classification, regression, held_out, pictures, search, interrupt, resume):
        part()
print("all is as it should be" if failures == 0 else f"{failures} failures")
sys.exit(failures != 0)
