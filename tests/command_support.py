"""What the tests of the talus command share.   usage: command_….py TALUS DATA"""

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile

talus, data = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
failures = 0


def run(*arguments, stdin=None, env=None):
    done = subprocess.run([talus, *arguments], input=stdin, capture_output=True, text=not isinstance(stdin, bytes), timeout=120,
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


def refuses(arguments, sentence, status=2):
    """A command that ends with a sentence and leaves nothing: neither output nor a file."""
    before = set(os.listdir())
    got = run(*arguments)
    check(f"talus {' '.join(arguments)}: {got}", got[0] == status and got[1] == "" and f"talus: {sentence}\n" in got[2])
    check(f"nothing is left of talus {' '.join(arguments)}", set(os.listdir()) == before)


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


def model(path):
    """The bytes of the parameters of a model, and what its metadata say."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        return file.read(), json.loads(header["__metadata__"]["talus"])


def scaling_of(path):
    """The scaling of the inputs of a model, from its metadata."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return json.loads(header["__metadata__"]["talus"])["scaling"]["inputs"]


def same_model(a, b):
    """Whether two models have the same parameters, and were trained in the same way, but for the time that it took, and for
    whether the task was found or asked for."""
    (x, of_x), (y, of_y) = model(a), model(b)
    for of in (of_x, of_y):
        of["notes"]["history"].pop("seconds")
        of["notes"]["result"].pop("seconds")
        of["notes"]["columns"].pop("reason")
    return x == y and of_x == of_y


def end_of(parts):
    """Runs the parts in a directory of their own."""
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        make_tables()
        for part in parts:
            part()
        os.chdir("/")
    print("all is as it should be" if failures == 0 else f"{failures} failures")
    sys.exit(failures != 0)
