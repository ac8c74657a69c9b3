"""Makes a collection of broken files, in every format that the library reads.   usage: hostile_files.py DIRECTORY

Each is named for its format and what is wrong with it. Those that begin with "odd-" are strange but may be valid."""

import json
import os
import struct
import sys
import zipfile
import zlib

directory = sys.argv[1]
os.makedirs(directory, exist_ok=True)
BIG = [2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**48, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 10**30]
count = 0


def put(name, content):
    global count
    count += 1
    with open(os.path.join(directory, name), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


# safetensors ------------------------------------------------------------------------------------------------------

META = {"talus": "0.1.0", "network": {"inputs": 2, "layers": [{"width": 1}]}}
WEIGHT = {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}
BIAS = {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}


def safetensors(name, header=None, data=bytes(12), length=None, text=None):
    if text is None:
        text = json.dumps(header)
    text = text if isinstance(text, bytes) else text.encode()
    put(f"{name}.safetensors", struct.pack("<Q", (len(text) if length is None else length) % 2**64) + text + data)


def model(**changes):
    header = {"__metadata__": {"talus": json.dumps(META)}, "layers.0.weight": dict(WEIGHT), "layers.0.bias": dict(BIAS)}
    header.update(changes)
    return {key: value for key, value in header.items() if value is not None}


def with_meta(**changes):
    meta = json.loads(json.dumps(META))
    meta.update(changes)
    return model(__metadata__={"talus": json.dumps({k: v for k, v in meta.items() if v is not None})})


put("valid.safetensors", struct.pack("<Q", len(json.dumps(model()))) + json.dumps(model()).encode() + bytes(12))
for i, size in enumerate(BIG):
    safetensors(f"bad-header-length-{i}", model(), length=size)
    safetensors(f"bad-shape-{i}", model(**{"layers.0.weight": {**WEIGHT, "shape": [size, 2]}}))
    safetensors(f"bad-shape-product-{i}", model(**{"layers.0.weight": {**WEIGHT, "shape": [size, size]}}))
    safetensors(f"bad-end-{i}", model(**{"layers.0.bias": {**BIAS, "data_offsets": [8, size]}}))
    safetensors(f"bad-width-{i}", with_meta(network={"inputs": 2, "layers": [{"width": size}]}))
    safetensors(f"bad-inputs-{i}", with_meta(network={"inputs": size, "layers": [{"width": 1}]}))
for name, changes in {
        "overlap": {"layers.0.bias": {**BIAS, "data_offsets": [4, 8]}},
        "gap": {"layers.0.bias": {**BIAS, "shape": [0], "data_offsets": [12, 12]}},
        "hole-at-front": {"layers.0.weight": {**WEIGHT, "data_offsets": [4, 12]}, "layers.0.bias": None},
        "backwards": {"layers.0.bias": {**BIAS, "data_offsets": [12, 8]}},
        "negative-offset": {"layers.0.bias": {**BIAS, "data_offsets": [-4, 0]}},
        "negative-shape": {"layers.0.bias": {**BIAS, "shape": [-1]}},
        "three-offsets": {"layers.0.bias": {**BIAS, "data_offsets": [8, 12, 12]}},
        "no-offsets": {"layers.0.bias": {"dtype": "F32", "shape": [1]}},
        "no-dtype": {"layers.0.bias": {"shape": [1], "data_offsets": [8, 12]}},
        "unknown-dtype": {"layers.0.bias": {**BIAS, "dtype": "F33"}},
        "integer-dtype": {"layers.0.bias": {**BIAS, "dtype": "I32"}},
        "wrong-dtype-size": {"layers.0.bias": {**BIAS, "dtype": "F64"}},
        "dtype-number": {"layers.0.bias": {**BIAS, "dtype": 1}},
        "shape-text": {"layers.0.bias": {**BIAS, "shape": "1"}},
        "shape-fraction": {"layers.0.bias": {**BIAS, "shape": [1.5]}},
        "shape-deep": {"layers.0.bias": {**BIAS, "shape": [1] * 100}},
        "extra-key": {"layers.0.bias": {**BIAS, "more": 1}},
        "tensor-list": {"layers.0.bias": [1]},
        "tensor-null-text": {"layers.0.bias": "x"},
        "missing-bias": {"layers.0.bias": None},
        "other-name": {"layers.0.bias": None, "layers.1.bias": BIAS},
        "metadata-list": {"__metadata__": []},
        "metadata-number": {"__metadata__": {"talus": 1}},
        "metadata-none": {"__metadata__": None},
        "metadata-no-json": {"__metadata__": {"talus": "{"}},
        "metadata-deep": {"__metadata__": {"talus": "[" * 100000}},
        "metadata-empty": {"__metadata__": {"talus": ""}}}.items():
    safetensors(f"bad-{name}", model(**changes))
for name, changes in {
        "no-network": {"network": None},
        "unknown-part": {"more": 1},
        "unknown-option": {"network": {"inputs": 2, "depth": 3, "layers": [{"width": 1}]}},
        "no-layers": {"network": {"inputs": 2, "layers": []}},
        "many-layers": {"network": {"inputs": 2, "layers": [{"width": 1}] * 100000}},
        "many-ranges": {"network": {"inputs": 2, "layers": [{"width": 1}], "ranges": [{"outputs": 1}] * 100000}},
        "weights-too-many": {"network": {"inputs": 2, "layers": [{"width": 1}], "output_weights": [1] * 1000}},
        "weight-nan": {"network": {"inputs": 2, "layers": [{"width": 1}], "output_weights": [None]}},
        "layer-count-told": {"network": {"inputs": 2, "layer_count": 1, "layers": [{"width": 1}]}},
        "activation-unknown": {"network": {"inputs": 2, "layers": [{"width": 1, "activation": "rely"}]}},
        "loss-unfit": {"network": {"inputs": 2, "loss": "cross_entropy", "layers": [{"width": 1}]}},
        "scaling-short": {"scaling": {"inputs": {"shift": [1, 2, 3], "scale": [1, 2, 3]}}},
        "scaling-half": {"scaling": {"inputs": {"shift": [0]}}},
        "scaling-zero": {"scaling": {"inputs": {"shift": [0], "scale": [0]}}},
        "scaling-infinite": {"scaling": {"inputs": {"shift": [0], "scale": [float("1e308") * 10]}}},
        "statistics-needless": {"statistics": []},
        "version-number": {"talus": 1}}.items():
    safetensors(f"bad-model-{name}", with_meta(**changes))
for name, text in {
        "duplicate-tensor": '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}',
        "duplicate-key": '{"a":{"dtype":"F32","dtype":"F32","shape":[3],"data_offsets":[0,12]}}',
        "duplicate-metadata": '{"__metadata__":{},"__metadata__":{},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}',
        "array": "[]", "empty-text": "", "spaces": "      ", "trailing": '{}x', "trailing-comma": '{"a":1,}', "deep": "{\"a\":" * 5000,
        "deep-list": "[" * 5000, "control": '{"a\n":1}', "half-pair": '{"\\ud800":1}', "zero": '{"\\u0000":1}'}.items():
    safetensors(f"bad-text-{name}", text=text)
safetensors("bad-text-latin", text=b'{"\xe9":1}')
safetensors("bad-text-overlong", text=b'{"\xc0\xaf":1}')
safetensors("bad-nan", model(), data=struct.pack("<3f", 1, float("nan"), 1))
safetensors("bad-infinity", model(), data=struct.pack("<3f", 1, float("inf"), 1))
safetensors("bad-more-data", model(), data=bytes(13))
safetensors("bad-less-data", model(), data=bytes(11))
safetensors("bad-no-data", model(), data=b"")
put("bad-empty.safetensors", b"")
put("bad-seven.safetensors", bytes(7))
put("bad-many-tensors.safetensors", (lambda t: struct.pack("<Q", len(t)) + t)(json.dumps(
    {f"t{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(100000)}).encode()))

# .npy and .npz ------------------------------------------------------------------------------------------------------


def npy(header, data=bytes(24), version=(1, 0), length=None, pad=True):
    text = header if isinstance(header, bytes) else header.encode()
    if pad:
        text += b" " * (-(len(text) + 11) % 64) + b"\n"
    size = len(text) if length is None else length
    return b"\x93NUMPY" + bytes(version) + (struct.pack("<H", size % 65536) if version[0] == 1 else struct.pack("<I", size % 2**32)) + text + data


def described(descr="'<f4'", order="False", shape="(3, 2)"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


put("valid.npy", npy(described()))
for i, size in enumerate(BIG):
    put(f"bad-rows-{i}.npy", npy(described(shape=f"({size}, 2)")))
    put(f"bad-product-{i}.npy", npy(described(shape=f"({size}, {size})")))
    put(f"bad-many-dimensions-{i}.npy", npy(described(shape="(" + "2, " * (70 + i) + ")")))
for name, header in {
        "object": described(descr="'|O'"), "text": described(descr="'<U8'"), "complex": described(descr="'<c8'"),
        "record": described(descr="[('a', '<f4')]"), "time": described(descr="'<M8[s]'"), "f3": described(descr="'<f3'"),
        "order-text": described(order="'no'"), "order-lower": described(order="true"), "shape-negative": described(shape="(-3, 2)"),
        "shape-text": described(shape="('3', 2)"), "shape-open": described(shape="(3, 2"), "shape-float": described(shape="(3.0, 2)"),
        "shape-zero": described(shape="(0, 2)"), "no-shape": "{'descr': '<f4', 'fortran_order': False}",
        "twice": "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3, 2)}",
        "more": "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), 'x': 1}", "call": "__import__('os')", "empty": "",
        "list": "[1]", "open": "{", "nested": "{'descr': " + "(" * 1000, "quote": "{'descr': '<f4", "json": '{"descr": 1}'}.items():
    put(f"bad-header-{name}.npy", npy(header))
for name, content in {
        "magic": b"\x93NUMPZ" + npy(described())[6:], "version-0": npy(described(), version=(0, 0)),
        "version-9": npy(described(), version=(9, 0)), "header-long": npy(described(), length=60000),
        "header-longer": npy(described(), version=(2, 0), length=2**31), "header-longest": npy(described(), version=(3, 0), length=2**32 - 1),
        "short": npy(described(), data=bytes(23)), "long": npy(described(), data=bytes(25)), "none": npy(described(), data=b""),
        "empty": b"", "cut-magic": b"\x93NUM", "cut-version": b"\x93NUMPY\x01", "cut-length": b"\x93NUMPY\x01\x00\x10"}.items():
    put(f"bad-{name}.npy", content)


def archive(name, members, change=None, method=zipfile.ZIP_STORED):
    path = os.path.join(directory, "part.zip")
    with zipfile.ZipFile(path, "w", method) as file:
        for member, content in members:
            file.writestr(member, content)
    content = bytearray(open(path, "rb").read())
    os.remove(path)
    if change:
        change(content)
    put(name, bytes(content))


def set_at(signature, offset, form, value):
    def change(content):
        struct.pack_into(form, content, content.index(signature) + offset, value)
    return change


X = [("x.npy", npy(described()))]
archive("valid.npz", X)
bomb = npy(described(descr="'|u1'", shape="(100000000, 1)"), data=bytes(1000000))
archive("bad-bomb.npz", [("x.npy", bomb)], method=zipfile.ZIP_DEFLATED)
archive("bad-bomb-zeros.npz", [("x.npy", npy(described(shape="(99999999, 9)"), data=bytes(5000000)))], method=zipfile.ZIP_DEFLATED)
archive("bad-twice.npz", X + [("y.npy", X[0][1])], lambda c: c.__setitem__(slice(0, len(c)), c.replace(b"y.npy", b"x.npy")))
archive("bad-no-x.npz", [("y.npy", npy(described()))])
archive("bad-empty.npz", [])
for i, size in enumerate(BIG[:4]):
    for where, signature, offset in (("local-size", b"PK\3\4", 18), ("local-length", b"PK\3\4", 22), ("size", b"PK\1\2", 20),
                                     ("length", b"PK\1\2", 24), ("place", b"PK\1\2", 42), ("directory", b"PK\5\6", 16),
                                     ("directory-size", b"PK\5\6", 12)):
        archive(f"odd-{where}-{i}.npz", X, set_at(signature, offset, "<I", min(size, 2**32 - 1)))
for name, signature, offset, value in (("method", b"PK\1\2", 10, 99), ("encrypted", b"PK\1\2", 8, 1), ("count", b"PK\5\6", 10, 65535),
                                       ("name-length", b"PK\1\2", 28, 65535), ("extra-length", b"PK\1\2", 30, 65535),
                                       ("comment", b"PK\5\6", 20, 65535)):
    archive(f"odd-{name}.npz", X, set_at(signature, offset, "<H", value))


def wide(name, change, at, form, value):
    """x.npy, stored, with every number in a part of ZIP64. `change` names the part in which one is another."""
    content, count = X[0][1], 2**32 - 1
    facts = struct.pack("<HHHIIIIH", 45, 0, 0, 0, zlib.crc32(content), count, count, 5)
    parts = {"own": b"PK\3\4" + facts + struct.pack("<H", 20) + b"x.npy", "own-field": struct.pack("<HHQQ", 1, 16, len(content), len(content)),
             "content": content, "entry": b"PK\1\2-\0" + facts + struct.pack("<HHHHII", 28, 0, 0, 0, 0, count) + b"x.npy",
             "field": struct.pack("<HHQQQ", 1, 24, len(content), len(content), 0),
             "end": b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, 79, 55 + len(content)),
             "locator": b"PK\6\7" + struct.pack("<IQI", 0, 55 + len(content) + 79, 1),
             "last": b"PK\5\6" + b"\xff" * 16 + bytes(2)}
    part = bytearray(parts[change])
    struct.pack_into(form, part, at, value)
    put(name, b"".join({**parts, change: bytes(part)}.values()))


wide("valid-zip64.npz", "last", 20, "<H", 0)
for i, size in enumerate(BIG[:9]):
    for part, at in (("own-field", 4), ("own-field", 12), ("field", 4), ("field", 12), ("field", 20), ("end", 4), ("end", 24), ("end", 32),
                     ("end", 40), ("end", 48), ("locator", 8)):
        wide(f"bad-zip64-{part}-{at}-{i}.npz", part, at, "<Q", size)
for part, at, value in (("own-field", 2, 0), ("own-field", 2, 65535), ("field", 0, 2), ("field", 2, 8), ("field", 2, 65535), ("entry", 30, 4),
                        ("own", 28, 0)):
    wide(f"bad-zip64-{part}-{at}-of-{value}.npz", part, at, "<H", value)
archive("bad-checksum.npz", X, lambda c: c.__setitem__(c.index(b"\n") + 5, 1))

# IDX, tables, LIBSVM, ONNX, checkpoints --------------------------------------------------------------------------


def idx(kind, sizes, data):
    return bytes([0, 0, kind, len(sizes)]) + b"".join(struct.pack(">I", size % 2**32) for size in sizes) + data


put("valid.idx", idx(8, [2, 3], bytes(6)))
for i, size in enumerate(BIG[:4]):
    put(f"bad-size-{i}.idx", idx(8, [size, 3], bytes(6)))
    put(f"bad-sizes-{i}.idx", idx(14, [size] * 200, bytes(6)))
for name, content in {"type": idx(7, [2, 3], bytes(6)), "none": idx(8, [], b""), "zero": idx(8, [0, 3], b""), "short": idx(8, [2, 3], bytes(5)),
                      "long": idx(8, [2, 3], bytes(7)), "nan": idx(13, [1], struct.pack(">f", float("nan"))), "magic": b"\1\0\x08\1" + bytes(8),
                      "empty": b"", "cut": bytes([0, 0, 8, 3, 0, 0]), "gzip": zlib.compress(bytes(100))[2:], "gzip-cut": b"\x1f\x8b\x08\0",
                      "gzip-bomb": (lambda z: z.compress(idx(8, [2**31, 1], bytes(3000000))) + z.flush())(zlib.compressobj(9, 8, 31))}.items():
    put(f"bad-{name}.idx", content)
put("valid.csv", "a,b\n1,2\n3,4\n")
for name, content in {"ragged": "a,b\n1,2\n3\n", "more": "a,b\n1,2\n3,4,5\n", "quote": 'a,b\n"1,2\n', "after-quote": 'a,b\n"1"x,2\n',
                      "empty": "", "lines": "\n\n\n", "infinite": "a,b\n1,inf\n3,4\n", "huge": "a,b\n1,1e999\n3,4\n",
                      "latin": b"a,b\n\xe9,1\n\xe8,2\n", "zero": b"a,b\n1,\0\n3,4\n", "header-only": "a,b\n", "missing": "a,b\n1,\n3,4\n",
                      "twice": "a,a\n1,2\n", "columns": ",".join("x" * 100000) + "\n", "categories": "a,b\n" + "".join(f"t{i},1\n" for i in range(500))}.items():
    put(f"{'odd' if name in ('twice', 'zero') else 'bad'}-{name}.csv", content)
put("valid.svm", "1 1:0.5 2:1\n0 2:3\n")
for name, content in {"index-0": "1 0:1\n", "index-huge": "1 2147483647:1\n", "index-huger": "1 99999999999999999999:1\n", "order": "1 2:1 1:1\n",
                      "twice": "1 1:1 1:2\n", "no-colon": "1 1\n", "no-value": "1 1:\n", "no-index": "1 :1\n", "text": "a b c\n", "nan": "1 1:nan\n",
                      "infinite": "1 1:inf\n", "label": "x 1:1\n", "empty": "", "negative": "1 -1:1\n", "spread": "1 1:1\n" * 50 + "1 90000000:1\n"}.items():
    put(f"bad-{name}.svm", content)
for name, content in {"empty": b"", "text": b"hello", "zeros": bytes(100), "ones": b"\xff" * 100, "length": b"\x3a\xff\xff\xff\xff\x0f",
                      "endless": b"\x80" * 100, "nested": b"\x3a\x7f" * 60, "graph-only": b"\x3a\x00", "version": b"\x08\x99\x01",
                      "group": b"\x0b\x0c", "fixed": b"\x09\1\2\3"}.items():
    put(f"bad-{name}.onnx", content)
for name in ("bad-nan", "bad-overlap", "bad-end-3", "bad-text-deep", "valid", "bad-many-tensors"):
    with open(os.path.join(directory, f"{name}.safetensors"), "rb") as file:
        put(f"bad-{name}.checkpoint", file.read())
print(count, "files")
