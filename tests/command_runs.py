"""Runs of the talus command: repeated, stopped, gone on with, and searched for.   usage: command_runs.py TALUS DATA"""

import csv
import json
import os
import signal
import subprocess
import time

from command_support import *


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


def configuration():
    """The notes of a model hold all that its run had, and how it went; they repeat it."""
    table = ["train", "flowers.csv", "--target", "kind"]
    status, out, err = run(*table, "--epochs", "12", "--rate", "2e-3", "--seed", "7", "--dropout", "0.1", "--out", "f.safetensors", "--json")
    notes = json.loads(run("info", "f.safetensors", "--json")[1])["notes"]
    config, history, result = notes["config"], notes["history"], notes["result"]
    wanted = {"target": "kind", "task": "classification", "layers": [128, 64], "activation": "relu", "dropout": 0.1, "loss": "cross_entropy",
              "precision": "f32", "optimizer": "adamw", "rate": 0.002, "weight-decay": 0.01, "schedule": "one_cycle", "epochs": 12, "batch": 128,
              "validation": 0.1, "patience": 0, "seed": 7, "missing": "mean"}
    check(f"what was given and what was not: {config}", all(config[name] == value for name, value in wanted.items()))
    check(f"the history: {history}", history["epoch"] == list(range(1, 13)) and
          all(len(history[name]) == 12 for name in ("cost", "validation_cost", "validation_accuracy", "rate", "seconds")))
    check("the loss fell, and the rate rose and fell",
          history["cost"][-1] < history["cost"][0] and history["rate"][-1] < history["rate"][0] < max(history["rate"]))
    printed = json.loads(out)
    check(f"the result is what was printed: {result} {printed}", result == printed and result["outcome"] == "completed" and
          result["epochs"] == result["best_epoch"] == 12 and result["judged_on"] == "validation" and result["samples"] == 30)
    status, out, err = run("info", "f.safetensors")
    check(f"a model says how it was trained: {out}", all(line in out for line in (
        "  optimizer            adamw\n", "  layers               [128, 64]\n", "  outcome              completed\n", "  accuracy")) and
        out.count("\n", out.index("history\n")) == 2 + 6)
    status, out, err = run(*table, "--epochs", "2", "--products", "bf16_x3", "--out", "p.safetensors", "--quiet")
    info = run("info", "p.safetensors")[1]
    check(f"a model keeps how it multiplies: {err} {info}", status == 0 and ", products bf16_x3\n" in info and
          json.loads(run("info", "p.safetensors", "--json")[1])["notes"]["config"]["products"] == "bf16_x3")
    for again in (["--config", "f.safetensors"], ["--config", "config.json"]):
        with open("config.json", "w") as file:
            json.dump(config, file)
        status, out, err = run("train", "flowers.csv", *again, "--out", "g.safetensors", "--quiet", "--threads", "1")
        check(f"{again} repeats the run: {err}", status == 0 and same_model("f.safetensors", "g.safetensors"))
    status, out, err = run("train", "flowers.csv", "--config", "f.safetensors", "--seed", "8", "--out", "g.safetensors", "--quiet")
    check(f"with another seed it is another one: {err}", status == 0 and model("f.safetensors")[0] != model("g.safetensors")[0])
    status, out, err = run("train", "flowers.csv", "--config", "f.safetensors", "--optimizer", "lbfgs", "--out", "g.safetensors", "--quiet")
    other = model("g.safetensors")[1]["notes"]["config"]
    check(f"another method has its own rate, schedule and batch: {err} {other}",
          status == 0 and (other["schedule"], other["batch"], other["seed"]) == ("constant", 0, 7))
    status, out, err = run("train", "flowers.csv", "--config", "g.safetensors", "--optimizer", "adam", "--out", "h.safetensors", "--quiet")
    check(f"and back: {err}", status == 0 and model("h.safetensors")[1]["notes"]["config"]["batch"] == 128)
    status, out, err = run("train", "flowers.csv", "--config", "f.safetensors", "--target", "size", "--out", "h.safetensors", "--quiet")
    check(f"another target has its own task and loss: {err}",
          status == 0 and model("h.safetensors")[1]["notes"]["config"]["loss"] == "squared_error")
    status, out, err = run("train", "flowers.csv", "--config", "f.safetensors", "--folds", "2", "--quiet", "--json")
    check(f"folds with the options of a model: {out} {err}", status == 0 and json.loads(out)["folds"] == 2)


def config_files():
    """Options as JSON: numbers, texts, flags and lists."""
    def config(content):
        with open("c.json", "w") as file:
            file.write(content)
        return ["train", "flowers.csv", "--config", "c.json", "--out", "h.safetensors", "--quiet"]

    for content, widths in (('{"target": ["kind"], "ignore": ["size", "colour"], "epochs": 2, "layers": [8, 4], "no-scaling": true}', [8, 4, 3]),
                            ('{"target": "kind", "epochs": "2", "layers": "8,4", "no-scaling": false}', [8, 4, 3]),
                            ('{"target": "kind", "epochs": 2, "layers": []}', [3])):
        status, out, err = run(*config(content))
        info = json.loads(run("info", "h.safetensors", "--json")[1])
        check(f"{content}: {err}", status == 0 and info["widths"] == widths and info["notes"]["config"]["epochs"] == 2)
    check("no scaling is kept", run(*config('{"target": "kind", "epochs": 1, "no-scaling": true}'))[0] == 0 and
          model("h.safetensors")[1]["notes"]["config"]["no-scaling"] is True)
    status, out, err = run(*config('{"target": "kind", "epochs": 60, "layers": "8"}'), "--layers", "none")
    check(f"options go before a configuration: {err}", status == 0 and json.loads(run("info", "h.safetensors", "--json")[1])["widths"] == [3])
    write("brackets.csv", [["[a]", "[b", "y"], *[[str(i % 7), str(i % 5), str(i % 2)] for i in range(40)]])
    with open("c.json", "w") as file:
        file.write('{"target": "y", "ignore": "[a]", "epochs": 2, "layers": [4]}')
    status, out, err = run("train", "brackets.csv", "--config", "c.json", "--out", "h.safetensors", "--quiet")
    info = json.loads(run("info", "h.safetensors", "--json")[1])
    check(f"names that look like lists: {err} {info}", status == 0 and (info["inputs"], info["widths"][0]) == (1, 4))
    os.remove("h.safetensors")
    for content, sentence in (('{"rate": 0.1, "rate": 0.2}', 'rate must come once'),
                              ('{"epoch": 60}', 'epoch is no option of a run; the nearest is "epochs"'),
                              ('{"rate": null}', 'rate must have a value, got "null"'),
                              ('{"no-scaling": "maybe"}', 'no-scaling must be true or false, got "maybe"'),
                              ('{"out": "x"}', 'out must be an argument, not in a file'),
                              ('{"target": "kind", "rate": [1, 2]}', 'rate: optimizer: rate must be a number, got "1,2"')):
        status, out, err = run(*config(content))
        check(f"{content}: {status} {err}", (status, out) == (2, "") and f'talus: "c.json": {sentence}\n' in err)
    status, out, err = run(*config('{"rate": 1'))
    check(f"broken JSON: {err}", status == 1 and 'talus: "c.json": ' in err)


def refusals():
    """What could not be done, or would be ignored, is refused in a sentence."""
    table = ["train", "numbers.csv", "--epochs", "2"]
    kept = "each fold has a network of its own, and none is kept"
    for option, value, why in (("out", "m.safetensors", kept), ("report", "r.html", kept), ("checkpoint", "c", "each fold has a run of its own"),
                               ("test", "numbers.csv", "each fold is a test set in turn"), ("test-share", "0.2", "each fold is a test set in turn"),
                               ("validation", "0.2", "each fold is held out in turn"), ("metric", "r2", "nothing is watched while a fold is trained")):
        refuses([*table, "--folds", "3", f"--{option}", value], f"--folds and --{option} do not go together: {why}")
    refuses([*table, "--test", "numbers.csv", "--test-share", "0.2"], "--test and --test-share do not go together: there is one test set")
    for option in ("checkpoint-epochs", "checkpoint-seconds", "checkpoint-keep"):
        refuses([*table, f"--{option}", "3"], f"--{option} is for runs with --checkpoint")
    refuses([*table, "--test-labels", "numbers.csv"], "--test-labels is for runs with --test")
    refuses([*table, "--labels", "numbers.csv"], '--labels is for inputs in idx or npy, and "numbers.csv" is taken for table')
    refuses([*table, "--layers", "none", "--dropout", "0.5"], "--dropout is for hidden layers, of which there are none")
    refuses([*table, "--seed", "one"], '--seed: fit: seed must be an integer, got "one"')
    for value in ("1", "2.5", "3x"):
        refuses([*table, "--folds", value], f'--folds must be 2 ... 1000, got "{value}"')
    for value in ("0", "1", "x"):
        refuses([*table, "--test-share", value], f'--test-share must be a number above 0 and below 1, got "{value}"')
    for option in ("out", "report", "checkpoint"):
        refuses([*table, f"--{option}", "nowhere/file"], f'--{option}: "nowhere/file" cannot be written: No such file or directory', 1)
    os.mkdir("place")
    for option in ("out", "report", "checkpoint"):
        refuses([*table, f"--{option}", "place"], f'--{option}: "place" cannot be written: it is a directory', 1)
    for one, other in (("out", "report"), ("out", "checkpoint"), ("report", "checkpoint")):
        refuses([*table, f"--{one}", "same", f"--{other}", "same"], f'--{one} and --{other} must be two files, got "same" for both')
    refuses([*table, "--test", "none.csv", "--out", "m"], '"none.csv" cannot be opened: No such file or directory', 1)
    run("train", "numbers.csv", "--epochs", "1", "--quiet", "--out", "n.safetensors")
    refuses(["predict", "n.safetensors", "numbers.csv", "--out", "nowhere/x"], '--out: "nowhere/x" cannot be written: No such file or directory', 1)
    refuses(["predict", "n.safetensors", "numbers.csv", "--classes"], "--classes is for classifications, and this network predicts numbers")
    refuses(["evaluate", "n.safetensors", "numbers.csv", "--target", "y"], "--target is an option of talus train, not of this command")
    refuses(["export", "n.safetensors"], "export must have --onnx FILE or --c FILE")


def search():
    status, out, err = run("search", "flowers.csv", "--target", "kind", "--trials", "9", "--epochs", "9", "--seed", "1",
                           "--out", "s.safetensors", "--json")
    check(f"a search finds something: {out} {err}", status == 0 and json.loads(out)["layers"] and err.count("round") == 2)
    again = run("search", "flowers.csv", "--target", "kind", "--trials", "9", "--epochs", "9", "--seed", "1", "--json",
                "--quiet", "--threads", "1")
    check("the same with any number of threads", (again[0], again[1], again[2]) == (0, out, ""))
    status, out, err = run("train", "flowers.csv", "--config", "s.safetensors", "--out", "t.safetensors", "--quiet")
    check(f"one run with what was found gives its parameters: {err}", status == 0 and model("s.safetensors")[0] == model("t.safetensors")[0])
    check("and has its options", model("s.safetensors")[1]["notes"]["config"] == model("t.safetensors")[1]["notes"]["config"])
    out, err = run("search", "numbers.csv", "--trials", "3", "--epochs", "10", "--rate", "0.02", "--batch", "8", "--json")[1:]
    found = json.loads(out)
    check(f"its value is that of the network that it keeps: {out} {err}", found["cost"] == found["metrics"]["cost"] and
          f"cost {found['cost']:.5g} with" in err)
    status, out, err = run("search", "numbers.csv", "--trials", "4", "--epochs", "3", "--layers", "none", "--json")
    check(f"networks without hidden layers have no dropout: {out} {err}", status == 0 and "dropout" not in out + err)
    status, out, err = run("search", "numbers.csv", "--metric", "accuracy", "--out", "none.safetensors")
    check(f"what no trial can do is said once: {err}", (status, out) == (1, "") and err.count("\n") == 1 and "accuracy" in err)
    refuses(["search", "numbers.csv", "--layers", "8,x"], '--layers must be at most 63 widths with commas, such as 64,64, got "8,x"')
    refuses(["search", "numbers.csv", "--layers", "none", "--rate", "0.1", "--weight-decay", "0"],
            "a search has nothing to try where --rate and --weight-decay are given, and --layers is none")
    table = ["search", "flowers.csv", "--target", "kind"]
    refuses([*table, "--layers", "8", "--rate", "0.1", "--weight-decay", "0", "--dropout", "0"],
            "a search has nothing to try where --layers, --rate, --weight-decay and --dropout are all given")
    refuses([*table, "--optimizer", "lbfgs"], "a search tries rates, which --optimizer lbfgs does not have")
    refuses([*table, "--validation", "0"], "--validation must be above 0 in a search")
    refuses([*table, "--trials", "2x"], '--trials must be 1 ... 10000, got "2x"')
    refuses([*table, "--schedule", "cosine"], "--schedule is an option of talus train, not of this command")
    refuses([*table, "--config", "s.safetensors"], '"s.safetensors": schedule is for "talus train"')
    begin = time.time()
    status, out, err = run(*table, "--trials", "50", "--epochs", "100000", "--time", "1s", "--json", "--quiet")
    check(f"it ends in time: {time.time() - begin}", status == 0 and time.time() - begin < 10 and json.loads(out)["trials"] == 50)
    check("its model evaluates", run("evaluate", "s.safetensors", "flowers.csv")[0] == 0)


def stopped_search():
    """A search that is stopped in its second round keeps the best of the first one."""
    write("large.csv", [["a", "b", "y"], *([i % 97, i % 89, i % 97 * (i % 89)] for i in range(10000))])
    process = subprocess.Popen([talus, "search", "large.csv", "--target", "y", "--layers", "512,512", "--trials", "4", "--epochs", "2",
                                "--json", "--out", "stopped.safetensors"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    check(f"Ctrl-C ends a search with what it has: {process.returncode} {out} {err}", process.returncode == 130 and json.loads(out)["trials"] == 4)
    check("its model evaluates", run("evaluate", "stopped.safetensors", "large.csv")[0] == 0)


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
            check(f"a stopped run says how to go on: {err}", "talus resume run.checkpoint" in err or
                  (again == parts and "talus: stopped before the training began; nothing was written\n" in err))
        stops += again[0] == "resume"
    check(f"it goes on to its end: {err}", process.returncode == 0)
    check("the same model", same_model("whole.safetensors", "parts.safetensors"))
    expect(["resume", "whole.safetensors"], 1, "", None)
    os.rename("numbers.csv", "[1].csv")
    status, out, err = run("train", "[1].csv", "--epochs", "2", "--checkpoint", "old.checkpoint", "--quiet")
    os.rename("old.checkpoint", "new.checkpoint")
    status, out, err = run("resume", "new.checkpoint")
    check(f"data that look like a list: {status} {err}", status == 0)
    os.rename("[1].csv", "numbers.csv")


def stopped_early():
    """Ctrl-C while data are read leaves what there was, and a second one ends the program at once."""
    run("train", "numbers.csv", "--epochs", "1", "--quiet", "--out", "kept.safetensors")
    before = model("kept.safetensors")
    os.mkdir("copies")
    for signals, status in ((1, 130), (2, -signal.SIGINT)):
        process = subprocess.Popen([talus, "train", "-", "--epochs", "1", "--out", "kept.safetensors"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": "copies"})
        process.stdin.write(open("numbers.csv", "rb").read())
        process.stdin.flush()
        time.sleep(0.4)
        for _ in range(signals):
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
        err = process.communicate(timeout=60)[1].decode()
        check(f"{signals} signals: {process.returncode} {err}", process.returncode == status and
              (signals == 2 or "talus: stopped before the training began; nothing was written\n" in err))
        check("the model is what it was, and no copy is left", model("kept.safetensors") == before and os.listdir("copies") == [])


end_of((held_out, configuration, config_files, refusals, search, stopped_search, interrupt, resume, stopped_early))
