"""What NumPy writes is read, and what is written NumPy reads:  numpy_files.py COPY_ARRAY

COPY_ARRAY FROM TO [NAME] reads an array and writes it again."""
import subprocess
import sys
import tempfile
import zipfile

try:
    import numpy
    from numpy.lib import format as npy_format
except ImportError:
    sys.exit(77)  # skipped

BECOMES = {'f4': 'f4', 'f8': 'f8', 'f2': 'f4', 'u1': 'u1', 'b1': 'u1'}  # all else: i4
SHAPES = [(7,), (7, 1), (1, 7), (5, 3), (4, 3, 2), (2, 3, 1, 4), (300, 70)]


def arrays():
    random = numpy.random.RandomState(1)
    for kind in ['f2', 'f4', 'f8', 'u1', 'b1', 'i1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8']:
        for shape in SHAPES:
            numbers = random.randint(0, 100, shape).astype(kind)
            for order in '<>':
                ordered = numbers.astype(numbers.dtype.newbyteorder(order))
                yield kind, ordered
                yield kind, numpy.asfortranarray(ordered)


def copy(*arguments):
    subprocess.run([sys.argv[1], *arguments], check=True)


def same(path, kind, array):
    got = numpy.load(path)
    assert got.dtype == numpy.dtype(BECOMES.get(kind, 'i4')), (kind, got.dtype)
    assert numpy.array_equal(got, array.reshape(array.shape[0], -1)), (kind, array.shape)


with tempfile.TemporaryDirectory() as folder:
    source, target = folder + '/from', folder + '/to.npy'
    for i, (kind, array) in enumerate(arrays()):
        with open(source, 'wb') as file:
            npy_format.write_array(file, array, version=[(1, 0), (2, 0), (3, 0)][i % 3])
        copy(source, target)
        same(target, kind, array)
        if i % 5 == 0:
            (numpy.savez_compressed if i % 2 else numpy.savez)(source + '.npz', x=array, other=array[:1])
            copy(source + '.npz', target, 'x')
            same(target, kind, array)
        if i % 7 == 0:  # headers with a field of ZIP64
            with zipfile.ZipFile(source + '.npz', 'w', [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED][i % 2], allowZip64=True) as archive:
                for name in 'x.npy', 'y.npy':
                    with archive.open(name, 'w', force_zip64=True) as file:
                        npy_format.write_array(file, array)
            copy(source + '.npz', target, 'x')
            same(target, kind, array)
