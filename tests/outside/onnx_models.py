#!/usr/bin/env python3
"""That ONNX files of Talus compute what talus_predict does:

    onnx_models.py WRITE_MODELS

reads the files that the program writes by itself, with the standard library alone, and evaluates them in double. Where the
packages `onnx`, `onnxruntime` or `cv2` are installed, they check or evaluate the files too."""
import array, math, os, struct, subprocess, sys, tempfile

FLOAT, INT64, DOUBLE = 1, 7, 11


def fields(message):
    """The fields of a protobuf message: (number, value), bytes for what has a length."""
    at = 0

    def integer():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = integer()
        if tag & 7 == 0:
            value = integer()
            yield tag >> 3, value - (1 << 64) if value >> 63 else value
        else:
            size = {1: 8, 2: None, 5: 4}[tag & 7]
            size = integer() if size is None else size
            assert at + size <= len(message)
            yield tag >> 3, message[at:at + size]
            at += size


def gather(message, *repeated):
    """A message as a dictionary; fields in `repeated` are lists."""
    found = {number: [] for number in repeated}
    for number, value in fields(message):
        if number in repeated:
            found[number].append(value)
        else:
            assert number not in found
            found[number] = value
    return found


def tensor(message):
    """name, ([sizes], [numbers])"""
    of = gather(message, 1)
    numbers = array.array({FLOAT: 'f', INT64: 'q', DOUBLE: 'd'}[of[2]])
    numbers.frombytes(of[9])
    assert len(numbers) == math.prod(of[1])
    return of[8].decode(), (of[1], list(numbers))


def attribute(message):
    of = gather(message, 8)
    kind = of[20]
    return of[1].decode(), {1: lambda: struct.unpack('<f', of[2])[0], 2: lambda: of[3], 3: lambda: of[4].decode(),
                            7: lambda: of[8]}[kind]()


def numbers_of(operand, columns):
    """A constant as a row that is as wide as what it meets."""
    sizes, numbers = operand
    return numbers * columns if len(numbers) == 1 else numbers


class Value(list):
    """Rows of numbers."""


def broadcast(f):
    def run(attributes, *operands):
        rows = max(len(x) for x in operands if isinstance(x, Value))
        columns = max(len(x[0]) for x in operands if isinstance(x, Value))
        full = []
        for x in operands:
            row = [r * columns if len(r) == 1 else r for r in x] if isinstance(x, Value) else None
            full.append(row if row is not None else [numbers_of(x, columns)] * rows)
            assert all(len(r) == columns for r in full[-1])
        return Value([f(*column) for column in zip(*rows_of)] for rows_of in zip(*full))
    return run


def with_attributes(f, **standard):
    def run(attributes, x):
        assert set(attributes) <= set(standard)
        values = {**standard, **attributes}
        return Value([f(z, **values) for z in row] for row in x)
    return run


def gemm(attributes, x, weights, biases=None):
    assert attributes == {'transB': 1}
    (units, inputs), w = weights
    made = Value()
    for row in x:
        assert len(row) == inputs
        sums = [math.fsum(w[k * inputs + j] * row[j] for j in range(inputs)) for k in range(units)]
        made.append([s + b for s, b in zip(sums, biases[1])] if biases else sums)
    return made


def softmax(attributes, x):
    assert attributes == {'axis': 1}
    made = Value()
    for row in x:
        powers = [math.exp(z - max(row)) for z in row]
        made.append([p / sum(powers) for p in powers])
    return made


def layer_normalization(attributes, x, scales, shifts):
    assert attributes['axis'] == -1
    made = Value()
    for row in x:
        mean = sum(row) / len(row)
        deviation = math.sqrt(sum((z - mean)**2 for z in row) / len(row) + attributes['epsilon'])
        made.append([(z - mean) / deviation * s + t for z, s, t in zip(row, scales[1], shifts[1])])
    return made


def mean_of_rows(attributes, x):
    assert attributes == {'axes': [1], 'keepdims': 1}
    return Value([sum(row) / len(row)] for row in x)


def split(attributes, x, sizes):
    assert attributes == {'axis': 1} and sum(sizes[1]) == len(x[0])
    ends = [sum(sizes[1][:i]) for i in range(len(sizes[1]) + 1)]
    return [Value(row[a:b] for row in x) for a, b in zip(ends, ends[1:])]


def concat(attributes, *parts):
    assert attributes == {'axis': 1}
    return Value(sum(rows, []) for rows in zip(*parts))


def exp(z):
    return math.exp(z) if z < 709 else math.inf


def softplus(z):
    return max(z, 0) + math.log1p(exp(-abs(z)))


def sigmoid(z):
    return 1 / (1 + exp(-z)) if z > -700 else exp(z)


def selu(z):
    return 1.0507009873554805 * (z if z > 0 else 1.6732632423543773 * math.expm1(z))


OPERATORS = {
    'Abs': with_attributes(abs), 'Cast': lambda attributes, x: x, 'Concat': concat, 'Gemm': gemm,
    'Add': broadcast(lambda a, b: a + b), 'Sub': broadcast(lambda a, b: a - b),
    'Mul': broadcast(lambda a, b: a * b), 'Div': broadcast(lambda a, b: a / b),
    'Min': broadcast(min), 'Max': broadcast(max), 'Clip': broadcast(lambda z, least, most: max(least, min(most, z))),
    'Greater': broadcast(lambda a, b: float(a > b)), 'PRelu': broadcast(lambda z, s: z if z > 0 else s * z),
    'Elu': with_attributes(lambda z, alpha: z if z > 0 else alpha * math.expm1(z), alpha=1.0),
    'Erf': with_attributes(math.erf), 'Exp': with_attributes(exp),
    'HardSigmoid': with_attributes(lambda z, alpha, beta: max(0, min(1, alpha * z + beta)), alpha=0.2, beta=0.5),
    'LayerNormalization': layer_normalization,
    'LeakyRelu': with_attributes(lambda z, alpha: z if z > 0 else alpha * z, alpha=0.01),
    'Log': with_attributes(math.log), 'Neg': with_attributes(lambda z: -z), 'ReduceMean': mean_of_rows,
    'Relu': with_attributes(lambda z: max(z, 0.0)), 'Selu': with_attributes(selu),
    'Sigmoid': with_attributes(sigmoid), 'Sin': with_attributes(math.sin), 'Softmax': softmax,
    'Softplus': with_attributes(softplus), 'Softsign': with_attributes(lambda z: z / (1 + abs(z))),
    'Split': split, 'Sqrt': with_attributes(math.sqrt), 'Tanh': with_attributes(math.tanh),
}


def evaluate(path, inputs):
    """The outputs of a file, evaluated node by node."""
    with open(path, 'rb') as file:
        model = gather(file.read())
    assert model[1] == 8 and gather(model[8]).get(2) in (13, 17)
    graph = gather(model[7], 1, 5)
    values = dict(tensor(t) for t in graph[5])
    values[gather(graph[11])[1].decode()] = inputs
    for message in graph[1]:
        node = gather(message, 1, 2, 5)
        made = OPERATORS[node[4].decode()](dict(attribute(a) for a in node[5]),
                                           *[values[name.decode()] for name in node[1]])
        for name, value in zip(node[2], [made] if isinstance(made, Value) else made):
            assert name.decode() not in values
            values[name.decode()] = value
    return values[gather(graph[12])[1].decode()]


def read(path, precision, columns):
    numbers = array.array('d' if precision == 'f64' else 'f')
    with open(path, 'rb') as file:
        numbers.frombytes(file.read())
    return Value(list(numbers[i:i + columns]) for i in range(0, len(numbers), columns))


def difference(got, wanted):
    """The largest, relative to numbers above 1."""
    assert [len(row) for row in got] == [len(row) for row in wanted]
    return max(0 if g == w else abs(g - w) / max(1, abs(w)) for a, b in zip(got, wanted) for g, w in zip(a, b))


def with_standard_library(path, precision, inputs):
    return evaluate(path, inputs)


def with_onnx(path, precision, inputs):
    import onnx
    onnx.checker.check_model(path, full_check=True)
    from onnx.reference import ReferenceEvaluator
    import numpy
    x = numpy.array(inputs, dtype='f4' if precision == 'f32' else 'f8')
    return ReferenceEvaluator(path).run(None, {'input': x})[0].tolist()


def with_onnxruntime(path, precision, inputs):
    import numpy, onnxruntime
    x = numpy.array(inputs, dtype='f4' if precision == 'f32' else 'f8')
    return onnxruntime.InferenceSession(path).run(None, {'input': x})[0].tolist()


def main(program):
    failed = 0
    runtimes = [with_standard_library, with_onnx, with_onnxruntime]
    largest = {}
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([program, directory], check=True)
        with open(os.path.join(directory, 'models')) as file:
            models = [line.split() for line in file]
        for name, precision, samples, columns, outputs in models:
            begin = os.path.join(directory, name)
            inputs, wanted = read(begin + '.in', precision, int(columns)), read(begin + '.out', precision, int(outputs))
            assert len(inputs) == len(wanted) == int(samples)
            for runtime in runtimes:
                try:
                    found = difference(runtime(begin + '.onnx', precision, inputs), wanted)
                except ImportError:
                    continue
                most = 64 * 2.0**(-24 if precision == 'f32' else -53)
                if not found <= most:
                    print(f'{name}, {runtime.__name__}: outputs differ by {found:.2g}, more than {most:.2g}')
                    failed += 1
                key = runtime.__name__, precision
                largest[key] = max(largest.get(key, 0), found)
    for (runtime, precision), found in largest.items():
        print(f'{runtime}, {precision}: outputs of {len(models) // 2} models differ by at most {found:.2g}')
    return failed > 0 or len(models) < 40


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
