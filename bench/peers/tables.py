#!/usr/bin/env python3
"""The command with its defaults beside scikit-learn's MLP with its own, on public tables:

    bench/peers/tables.py [--seeds N] [TABLE...]

Prints the result and the seconds of each on a fifth of the rows, which a seed chooses. The tables are those of the R
packages mlbench and ggplot2 (r-cran-mlbench, r-cran-ggplot2); needs Rscript and python3-sklearn."""
import argparse
import csv
import json
import pathlib
import subprocess
import tempfile
import time
import warnings

import numpy
from sklearn.compose import TransformedTargetRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import OneHotEncoder, StandardScaler

TALUS = pathlib.Path(__file__).resolve().parents[2] / "build" / "tools" / "talus"

# The R package and the name of each table there, the column that is predicted, and whether it is a value.
TABLES = {
    "letters": ("mlbench", "LetterRecognition", "lettr", False),
    "satellite": ("mlbench", "Satellite", "classes", False),
    "diamonds": ("ggplot2", "diamonds", "price", True),
}


def read_table(folder, package, name):
    path = folder / "table.csv"
    subprocess.run(["Rscript", "-e", f"library({package}); data({name}); write.csv({name}, '{path}', row.names = FALSE)"],
                   check=True, capture_output=True)
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def run_talus(folder, training, test, target, is_value, seed):
    """Reading the file and writing the model are part of the time."""
    write_rows(folder / "training.csv", training)
    write_rows(folder / "test.csv", test)
    begin = time.perf_counter()
    subprocess.run([TALUS, "train", folder / "training.csv", "--target", target, "--seed", str(seed), "--quiet",
                    "--out", folder / "model.safetensors"], check=True)
    seconds = time.perf_counter() - begin
    told = subprocess.run([TALUS, "evaluate", folder / "model.safetensors", folder / "test.csv", "--json"],
                          check=True, capture_output=True, text=True).stdout
    return json.loads(told)["metrics"]["r2" if is_value else "accuracy"], seconds


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


class Matrix:
    """Numbers as they stand, categories one-hot, all columns standardised, as the training rows have them."""

    def __init__(self, training, target):
        columns = [name for name in training[0] if name != target]
        self.numbers = [c for c in columns if all(is_number(row[c]) for row in training)]
        self.names = [c for c in columns if c not in self.numbers]
        self.encoder = OneHotEncoder(handle_unknown="ignore").fit(self.categories(training)) if self.names else None
        self.scaler = StandardScaler().fit(self.columns(training))

    def categories(self, rows):
        return [[row[c] for c in self.names] for row in rows]

    def columns(self, rows):
        numbers = numpy.array([[float(row[c]) for c in self.numbers] for row in rows])
        if self.encoder is None:
            return numbers
        return numpy.hstack([numbers, self.encoder.transform(self.categories(rows)).toarray()])

    def __call__(self, rows):
        return self.scaler.transform(self.columns(rows))


def run_sklearn(model, training, test, target, is_value):
    """Of the time only the fit counts."""
    matrix = Matrix(training, target)
    wanted = [[float(row[target]) if is_value else row[target] for row in rows] for rows in (training, test)]
    inputs = matrix(training)
    begin = time.perf_counter()
    model.fit(inputs, wanted[0])
    seconds = time.perf_counter() - begin
    return model.score(matrix(test), wanted[1]), seconds


def peers(is_value, seed):
    if not is_value:
        return {"sklearn": MLPClassifier(random_state=seed)}
    return {"sklearn": MLPRegressor(random_state=seed),
            "sklearn, target scaled": TransformedTargetRegressor(MLPRegressor(random_state=seed),
                                                                 transformer=StandardScaler())}


def compare(name, seeds, folder):
    package, data, target, is_value = TABLES[name]
    rows = read_table(folder, package, data)
    results = {}
    for seed in range(seeds):
        order = numpy.random.RandomState(seed).permutation(len(rows))
        test, training = [[rows[i] for i in part] for part in (order[:len(rows) // 5], order[len(rows) // 5:])]
        results.setdefault("talus", []).append(run_talus(folder, training, test, target, is_value, seed))
        for label, model in peers(is_value, seed).items():
            results.setdefault(label, []).append(run_sklearn(model, training, test, target, is_value))
    metric = "R2" if is_value else "accuracy"
    for label, pairs in results.items():
        values, seconds = zip(*pairs)
        print(f"{name:10} {label:23} {metric:8} {numpy.mean(values):.4f} (" +
              " ".join(f"{value:.4f}" for value in values) + f")  median {numpy.median(seconds):.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="of " + ", ".join(TABLES) + "; default: all")
    parser.add_argument("--seeds", type=int, default=3, help="splits, of which each is also the seed of the models")
    arguments = parser.parse_args()
    for name in arguments.tables:
        if name not in TABLES:
            parser.error(f"the table must be one of {', '.join(TABLES)}, got {name}")
    warnings.filterwarnings("ignore")  # that 200 epochs were not enough
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.tables or TABLES:
            compare(name, arguments.seeds, pathlib.Path(folder))


if __name__ == "__main__":
    main()
