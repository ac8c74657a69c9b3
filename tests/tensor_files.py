"""Safetensors files that others write are read, and others read those of Talus:  tensor_files.py PREDICT_LAYERS

Files are written and read by the rules of the format alone (https://github.com/huggingface/safetensors), and networks evaluated
with NumPy in double. Where PyTorch is installed, its Linear layers take the tensors too."""
import json
import struct
import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    sys.exit(77)  # skipped
try:
    import torch
except ImportError:
    torch = None

FUNCTIONS = {
    'identity': lambda z: z,
    'relu': lambda z: numpy.maximum(z, 0),
    'tanh': numpy.tanh,
    'sigmoid': lambda z: 1 / (1 + numpy.exp(-z)),
}
NETWORKS = [
    ([3, 1], ['identity']),
    ([5, 7, 2], ['tanh', 'sigmoid']),
    ([17, 33, 20, 4], ['relu', 'tanh', 'identity']),
    ([4, 6, 6, 6, 6, 6, 6, 3], ['tanh', 'relu'] * 3 + ['identity']),
]
SAMPLES = 29


def pack(numbers, kind):
    """The bytes of numbers in a file, and the numbers that they are."""
    if kind == 'BF16':  # the upper half of an f32, towards zero
        halves = (numbers.astype('<f4').view('<u4') >> 16).astype('<u2')
        return halves.tobytes(), (halves.astype('<u4') << 16).view('<f4').astype('f8')
    packed = numbers.astype({'F16': '<f2', 'F32': '<f4', 'F64': '<f8'}[kind])
    return packed.tobytes(), packed.astype('f8')


def write(path, tensors):
    """tensors: name -> (kind, shape, bytes), whose bytes may stand in any order"""
    header, content = {'__metadata__': {'format': 'pt'}}, b''
    for name, (kind, shape, part) in tensors.items():
        header[name] = {'dtype': kind, 'shape': list(shape), 'data_offsets': [len(content), len(content) + len(part)]}
        content += part
    text = json.dumps(header).encode()
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + content)


def read(path):
    """The metadata, and name -> array; the file must keep to the format."""
    with open(path, 'rb') as file:
        content = file.read()
    length, = struct.unpack('<Q', content[:8])
    assert content[8:9] == b'{'
    header, content = json.loads(content[8:8 + length]), content[8 + length:]
    metadata = header.pop('__metadata__', {})
    assert all(isinstance(text, str) for text in metadata.values())
    arrays, end = {}, 0
    for name, of in sorted(header.items(), key=lambda item: item[1]['data_offsets']):
        begin, finish = of['data_offsets']
        assert begin == end, name  # no gaps
        arrays[name] = numpy.frombuffer(content[begin:finish], {'F32': '<f4', 'F64': '<f8'}[of['dtype']]).reshape(of['shape'])
        end = finish
    assert end == len(content)
    return metadata, arrays


def predict(x, layers, functions):
    """The predictions, and what those of a precision may be off them in its eps: products of k numbers by (k + 2)·|W||a|,
    activations, which change by no more than their arguments, by 4 (Higham, Accuracy and stability, 2002, section 3.1)."""
    off = numpy.zeros_like(x)
    for (w, b), name in zip(layers, functions):
        sizes = abs(x) @ abs(w).T + abs(b)
        off = off @ abs(w).T + (w.shape[1] + 2) * sizes
        x = FUNCTIONS[name](x @ w.T + b)
        off += 4 * abs(x)
    return x, off


def same(got, x, layers, functions):
    expected, off = predict(x.astype('f8'), layers, functions)
    assert got.shape == expected.shape
    assert (abs(got - expected) <= numpy.finfo(got.dtype).eps * off).all(), abs(got - expected).max()


def state_of(sequential):
    return {name: tensor.numpy() for name, tensor in sequential.state_dict().items()}


def by_torch(x, arrays, functions):
    """What nn.Sequential predicts with these tensors of Linear layers at 0, 2, 4, …, and its own names of them."""
    modules = {'relu': torch.nn.ReLU, 'tanh': torch.nn.Tanh, 'sigmoid': torch.nn.Sigmoid, 'identity': torch.nn.Identity}
    parts = []
    for i, name in enumerate(functions):
        w = arrays['%d.weight' % (2 * i)]
        parts += [torch.nn.Linear(w.shape[1], w.shape[0]), modules[name]()]
    net = torch.nn.Sequential(*parts).to(torch.from_numpy(x).dtype)
    net.load_state_dict({name: torch.from_numpy(array.astype(x.dtype)) for name, array in arrays.items()})
    assert set(state_of(net)) == set(arrays)
    with torch.no_grad():
        return net(torch.from_numpy(x)).numpy()


def try_network(folder, random, widths, functions, kind, precision):
    tensors, layers = {}, []
    for i, (m, n) in enumerate(zip(widths, widths[1:])):
        for part, shape in ('bias', (n,)), ('weight', (n, m)):
            content, numbers = pack(random.uniform(-1, 1, shape), kind)
            tensors['%d.%s' % (2 * i, part)] = kind, shape, content
            layers.append(numbers.reshape(shape))
    if kind == 'F64' and precision == 'f4':  # which become the nearest
        layers = [numbers.astype('f4').astype('f8') for numbers in layers]
    layers = list(zip(layers[1::2], layers[::2]))
    paths = {name: folder + '/' + name for name in ('tensors', 'x.npy', 'y.npy', 'model')}
    x = random.uniform(-2, 2, (SAMPLES, widths[0])).astype(precision)
    write(paths['tensors'], tensors)
    numpy.save(paths['x.npy'], x)
    subprocess.run([sys.argv[1], paths['tensors'], paths['x.npy'], paths['y.npy'], paths['model'], *functions], check=True)
    y = numpy.load(paths['y.npy'])
    assert y.dtype == precision
    same(y, x, layers, functions)

    metadata, arrays = read(paths['model'])
    assert [layer['activation'] for layer in json.loads(metadata['talus'])['network']['layers']] == functions
    assert set(arrays) == {'layers.%d.%s' % (i, part) for i in range(len(layers)) for part in ('weight', 'bias')}
    for i, (w, b) in enumerate(layers):
        assert arrays['layers.%d.weight' % i].dtype == precision
        assert numpy.array_equal(arrays['layers.%d.weight' % i], w) and numpy.array_equal(arrays['layers.%d.bias' % i], b)
    if torch:
        own = {'%d.%s' % (2 * i, part): arrays['layers.%d.%s' % (i, part)] for i in range(len(layers)) for part in ('weight', 'bias')}
        same(by_torch(x, own, functions), x, layers, functions)


with tempfile.TemporaryDirectory() as folder:
    random = numpy.random.RandomState(1)
    for widths, functions in NETWORKS:
        for kind in 'F16', 'BF16', 'F32', 'F64':
            for precision in 'f4', 'f8':
                try_network(folder, random, widths, functions, kind, precision)
