"""Regenerates a backbone and runs an adapter: FORMAT.md in another language, standard library only.

    reader.py adapters INPUTS FILE…  of each adapter: the fingerprint, b (f32 bits) and y; of a feed-forward network p
                                     (f16 bits) too, of a recurrent one r₀ (f32 bits). INPUTS are pixels, or f32
    reader.py backbone FILE          the fingerprint of a backbone file, once its weights are regenerated

Prints one JSON value; any deviation from the format is an exception.
"""

import bisect
import hashlib
import json
import math
import re
import struct
import sys
from pathlib import Path

MAX_HEADER = 1 << 20
RMS = 31.9990672929257


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def f32_bits(x):
    return struct.unpack("<I", struct.pack("<f", x))[0]


def f16_bits(x):
    return struct.unpack("<H", struct.pack("<e", x))[0]


def f16s(data):
    return list(struct.unpack(f"<{len(data) // 2}e", data))


def f16_value(bits):
    return struct.unpack("<e", struct.pack("<H", bits))[0]


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return "sha256:" + digest.hexdigest()


# 1 Container


def number(x):
    """ECMAScript's Number::toString."""
    x = float(x)
    if x == 0:
        return "0"
    sign, x = ("-" if x < 0 else ""), abs(x)
    mantissa, _, exponent = repr(x).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.lstrip("0").rstrip("0")
    n = len(digits)
    if n <= point <= 21:
        return sign + digits + "0" * (point - n)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return f"{sign}{digits[0]}{'.' + digits[1:] if n > 1 else ''}e{point - 1:+d}"


def canonical(value):
    """RFC 8785."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return number(value)


def read_container(data, key):
    """The header and the tensors as {name: (dtype, shape, bytes)}."""
    (n,) = struct.unpack("<Q", data[:8])
    assert n <= MAX_HEADER and 8 + n <= len(data)
    outer_text = data[8 : 8 + n].decode()
    outer = json.loads(outer_text)
    body = data[8 + n :]
    assert list(outer) == ["__metadata__"] + sorted(
        (name for name in outer if name != "__metadata__"),
        key=lambda name: (["F32", "F16", "I8", "U8"].index(outer[name]["dtype"]), name.encode()),
    )
    compact = json.dumps(outer, ensure_ascii=False, separators=(",", ":"))
    assert outer_text == compact + " " * (-len(compact.encode()) % 8), "not the one form"
    metadata = outer.pop("__metadata__")
    assert list(metadata) == [key]
    header = json.loads(metadata[key])
    assert canonical(header) == metadata[key], "not canonical"
    tensors, end = {}, 0
    for name, info in outer.items():
        begin, next_end = info["data_offsets"]
        assert begin == end and list(info) == ["dtype", "shape", "data_offsets"]
        end = next_end
        assert end - begin == math.prod(info["shape"]) * {"F32": 4, "F16": 2, "I8": 1, "U8": 1}[info["dtype"]]
        tensors[name] = (info["dtype"], info["shape"], body[begin:end])
    assert end == len(body)
    return header, tensors


def floats(data):
    return list(struct.unpack(f"<{len(data) // 4}f", data))


# 3 Generator


def thresholds():
    """The table of FORMAT.md itself."""
    above = (folder / "FORMAT.md" for folder in Path(__file__).resolve().parents)
    text = next(path for path in above if path.exists()).read_text(encoding="utf-8")
    block = re.search(r"<!-- sample: thresholds -->\n```text\n(.*?)```", text, re.DOTALL).group(1)
    table = [int(number) for number in block.split()]
    assert len(table) == 127
    return table


THRESHOLDS = thresholds()


def normal(u):
    size = bisect.bisect_right(THRESHOLDS, u % 32768)
    return -size if u >= 32768 else size


def quarter_round(s, a, b, c, d):
    for x, y, z, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & 0xFFFFFFFF
        mixed = s[z] ^ s[x]
        s[z] = (mixed << bits | mixed >> (32 - bits)) & 0xFFFFFFFF


def key_stream(key, unit, length):
    out, block = b"", 0
    while len(out) < length:
        start = list(struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<QQ", block, unit)))
        state = start[:]
        for _ in range(4):
            for i in range(4):
                quarter_round(state, i, 4 + i, 8 + i, 12 + i)
            for i in range(4):
                quarter_round(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
        out += struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(start, state)))
        block += 1
    return out[:length]


def with_sign(size, of):
    return -size if of < 0 else size


def draw(distribution, stream, unit, n, shape):
    """The n lattice values of a unit and the scale; stream(length) gives its bytes."""
    kind = distribution["distribution"]
    if kind == "uniform":
        u = struct.unpack(f"<{n}H", stream(2 * n))
        return [u * 255 // 65536 - 127 for u in u], f32(distribution["half_width"] / 127.5)
    if kind == "normal":
        u = struct.unpack(f"<{n}H", stream(2 * n))
        return [normal(u) for u in u], f32(distribution["std"] / RMS)
    if kind == "mixture":
        mean, std = distribution["mean"], distribution["std"]
        top = mean + std * 3.96875
        q = []
        for u, sign, _ in struct.iter_unpack("<HBB", stream(4 * n)):
            at = (127 * (mean + std * (normal(u) / 32))) / top
            at = with_sign(math.floor(abs(at) + 0.5), at)
            q.append(-at if sign & 1 else at)
        return q, f32(top / 127)
    if kind == "rademacher":
        data = stream((n + 7) // 8)
        return [-1 if data[j // 8] >> j % 8 & 1 else 1 for j in range(n)], f32(distribution["value"])
    if kind == "sparse":
        keep = math.floor(distribution["density"] * 65536 + 0.5)
        pairs = struct.iter_unpack("<HH", stream(4 * n))
        return [normal(u) if kept < keep else 0 for u, kept in pairs], f32(distribution["std"] / RMS)
    if kind == "one_hot":
        q = [0] * n
        q[unit % n] = -1 if stream(1)[0] & 1 else 1
        return q, f32(distribution["value"])
    if kind == "local_normal":
        return draw_local(distribution, stream(8 + 2 * n), n, shape)
    raise ValueError(f"unknown distribution {kind}")


def draw_local(distribution, data, n, shape):
    sigma = distribution["sigma"]
    height, width, channels = shape["height"], shape["width"], shape["channels"]
    u, v, *values = struct.unpack(f"<II{n}H", data)
    cx, cy = u * 8 * width >> 32, v * 8 * height >> 32

    def window(d):
        return math.floor(4096 * math.exp(-((d / 8) * (d / 8)) / ((2 * sigma) * sigma)) + 0.5)

    t = []
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                value = normal(values[(y * width + x) * channels + c])
                t.append(value * window(abs(8 * y + 4 - cy)) * window(abs(8 * x + 4 - cx)))
    return stretch(t, distribution["norm"])


def stretch(t, norm):
    largest = max(map(abs, t))
    if largest == 0:
        return [0] * len(t), 0.0
    q = [with_sign(math.floor(abs(t) * (127 / largest) + 0.5), t) for t in t]
    return q, f32(norm / math.sqrt(sum(q * q for q in q)))


def drawn_units(spec, name, distribution, units, n, shape=None):
    """Each unit's lattice values and scale."""
    key = hashlib.sha256(f"bl-adapt/backbone/1/{spec['seed']}/{name}".encode()).digest()
    for unit in range(units):
        yield draw(distribution, lambda length: key_stream(key, unit, length), unit, n, shape)


def uniform(key, stream, n, mean, half_width):
    words = struct.unpack(f"<{n}I", key_stream(key, stream, 4 * n))
    return [f32(mean + (word // 256 / 2**23 - 1) * half_width) for word in words]


class Matrices:
    """A spec and {name: (q as a list of rows, scales)}."""

    def fingerprint(self):
        parts = [canonical(self.spec).encode()]
        for rows, scales in self.matrices.values():
            parts += [struct.pack(f"{len(row)}b", *row) for row in rows]
            parts.append(struct.pack(f"<{len(scales)}f", *scales))
        return sha256(*parts)


class Front:
    """Random filters, both signs rectified and summed over cells, to 8 bits."""

    def __init__(self, spec):
        front, self.shape = spec["front"], spec["input"]
        assert set(front) == {"kind", "filters", "size", "grid"} and front["kind"] == "conv"
        self.size, self.grid = front["size"], front["grid"]
        n = self.size * self.size * self.shape["channels"]
        normal = {"distribution": "normal", "std": 1.0}
        drawn = [z for z, _ in drawn_units(spec, "front.weight", normal, front["filters"], n)]
        filters = [stretch([n * value - sum(z) for value in z], 1.0) for z in drawn]
        self.q, self.scales = [q for q, _ in filters], [scale for _, scale in filters]

    def values(self, image):
        height, width, channels = self.shape["height"], self.shape["width"], self.shape["channels"]
        size, grid, before = self.size, self.grid, self.size // 2

        def patch(y, x):
            for u in range(y - before, y - before + size):
                for v in range(x - before, x - before + size):
                    inside = 0 <= u < height and 0 <= v < width
                    yield from (image[(u * width + v) * channels + c] if inside else 0 for c in range(channels))

        v = []
        for cell in range(grid * grid):
            a, b = divmod(cell, grid)
            rows = range(a * height // grid, (a + 1) * height // grid)
            columns = range(b * width // grid, (b + 1) * width // grid)
            patches = [list(patch(y, x)) for y in rows for x in columns]
            sums = [[f32(sum(map(int.__mul__, q, patch))) for patch in patches] for q in self.q]
            for sign in (1, -1):
                for of_filter, scale in zip(sums, self.scales):
                    total = 0.0
                    for s in of_filter:
                        total = f32(total + max(sign * s, 0))
                    v.append(f32(math.sqrt(f32(total * scale))))
        of_lanes = [0.0] * 16
        for i, value in enumerate(v):
            of_lanes[i % 16] += value * value
        energy = 0.0
        for lane in of_lanes:
            energy += lane
        energy /= len(v)
        factor = f32(90 / math.sqrt(energy)) if energy > 0 else 0.0
        return [min(255, math.floor(f32(f32(value * factor) + 0.5))) for value in v]


class Backbone(Matrices):
    def __init__(self, spec):
        fields = {"activation", "generator", "input", "kind", "layers", "readout", "residual", "seed"}
        assert set(spec) - {"front"} == fields
        assert (spec["generator"], spec["kind"], spec["activation"]) == (1, "mlp", "relu")
        self.spec, self.matrices = spec, {}
        shape = spec["input"]
        self.front = Front(spec) if "front" in spec else None
        if self.front:
            self.matrices["front.weight"] = self.front.q, self.front.scales
            shape = {"height": self.front.grid, "width": self.front.grid, "channels": 2 * len(self.front.q)}
        inputs = math.prod(shape.values())
        for depth, layer in enumerate(spec["layers"]):
            name = f"hidden.{depth}.weight"
            drawn = list(drawn_units(spec, name, layer["weights"], layer["units"], inputs, shape))
            self.matrices[name] = [row for row, _ in drawn], [scale for _, scale in drawn]
            inputs = layer["units"]
        readout = spec["readout"]
        drawn = list(drawn_units(spec, "readout.weight", readout["weights"], inputs, readout["outputs"]))
        columns = [column for column, _ in drawn]
        self.matrices["readout.weight"] = [list(row) for row in zip(*columns)], [drawn[0][1]]

    def preactivations(self, pixels):
        """f16 bits."""
        pixels = self.front.values(pixels) if self.front else pixels
        bits = []
        for row, scale in zip(*self.matrices["hidden.0.weight"]):
            per_pixel = f32(scale / 255)
            reach = max(sum(q for q in row if q > 0), -sum(q for q in row if q < 0))
            assert reach * 255 * per_pixel <= 65504
            total = sum(q * x for q, x in zip(row, pixels))
            bits.append(f16_bits(f32(f32(total) * per_pixel)))
        return bits

    def scores(self, bits, preprocessing, biases, gains):
        mean, std = preprocessing["mean"], preprocessing["std"]
        if self.front:
            mean, std = 68 / 255, 59 / 255
        rows, scales = self.matrices["hidden.0.weight"]
        h = []
        for row, scale, p, bias in zip(rows, scales, bits, biases[0]):
            if bias is None:
                h.append(0.0)
                continue
            c = std * bias - mean * f32(sum(row) * scale)
            h.append(max(f16_value(p) + c, 0) / std)
        for depth, bias in enumerate(biases[1:], 1):
            rows, scales = self.matrices[f"hidden.{depth}.weight"]
            sums = [sum(q * scale * x for q, x in zip(row, h)) for row, scale in zip(rows, scales)]
            after = [max(total + b, 0) for total, b in zip(sums, bias)]
            h = [a + b for a, b in zip(after, h)] if self.spec["residual"] else after
        h = [(gain or 0) * x for gain, x in zip(gains, h)] if gains else h
        rows, [scale] = self.matrices["readout.weight"]
        return [sum(q * scale * x for q, x in zip(row, h)) for row in rows]


class RecurrentBackbone(Matrices):
    def __init__(self, spec):
        assert set(spec) == {
            *("activation", "alpha", "beta", "generator", "initial_state", "input", "kind"),
            *("readout", "recurrent", "seed", "units"),
        }
        assert (spec["generator"], spec["kind"], spec["activation"]) == (1, "rnn", "relu")
        units, values, readout = spec["units"], spec["input"]["values"], spec["readout"]
        divisor = {"one": 1, "sqrt_units": math.sqrt(units), "units": units}[readout["divided_by"]]
        gain = spec["recurrent"]["gain"] / math.sqrt(units)
        w = list(drawn_units(spec, "recurrent.weight", spec["recurrent"]["weights"], units, units))
        b = [([], 0.0)] * units
        if values > 0:
            b = list(drawn_units(spec, "input.weight", spec["input"]["weights"], units, values))
        c = list(drawn_units(spec, "readout.weight", readout["weights"], units, readout["outputs"]))
        self.spec = spec
        self.matrices = {
            "recurrent.weight": ([row for row, _ in w], [f32(scale * gain) for _, scale in w]),
            "input.weight": ([row for row, _ in b], [scale for _, scale in b]),
            "readout.weight": ([list(row) for row in zip(*(q for q, _ in c))], [f32(c[0][1] * (1 / divisor))]),
        }
        self.initial = [0.0] * units
        if spec["initial_state"]["how"] == "uniform":
            key = hashlib.sha256(f"bl-adapt/backbone/1/{spec['seed']}/initial.state".encode()).digest()
            self.initial = uniform(key, 0, units, 0.0, spec["initial_state"]["half_width"])

    def outputs(self, xs, biases, gains, r):
        """y of each step."""
        w, b, c = self.matrices.values()
        times = lambda matrix, v: [scale * sum(map(float.__mul__, map(float, row), v)) for row, scale in zip(*matrix)]
        ys = []
        for x in xs:
            sums = map(sum, zip(times(w, r), times(b, x), biases))
            h = [gain * max(total, 0) for gain, total in zip(gains or [1] * len(r), sums)]
            r = [self.spec["alpha"] * kept + self.spec["beta"] * new for kept, new in zip(r, h)]
            ys.append([c[1][0] * sum(q * x for q, x in zip(row, r)) for row in c[0]])
        return ys


# 5 and 6 Files


def read_backbone(data):
    header, tensors = read_container(data, "bl_backbone")
    assert set(header) == {"fingerprint", "format", "spec", "version"}
    assert (header["format"], header["version"]) == ("bl-backbone", 1)
    backbone = RecurrentBackbone(header["spec"]) if header["spec"]["kind"] == "rnn" else Backbone(header["spec"])
    assert len(tensors) == 2 * len(backbone.matrices)
    for name, (rows, scales) in backbone.matrices.items():
        q = b"".join(struct.pack(f"{len(row)}b", *row) for row in rows)
        assert tensors[f"{name}.q8"] == ("I8", [len(rows), len(rows[0])], q)
        assert tensors[f"{name}.scale"] == ("F32", [len(scales)], struct.pack(f"<{len(scales)}f", *scales))
    assert header["fingerprint"] == backbone.fingerprint()
    return backbone


def drawn_biases(base, layer, units):
    key = hashlib.sha256(f"bl-adapt/train/1/biases/{base['seed']}".encode()).digest()
    return uniform(key, layer, units, base.get("mean", 0.0), base["half_width"])


class Values:
    """The tensors of an adapter, read in the order of the digest; units that are pruned have the value None."""

    def __init__(self, header, tensors):
        self.tensors, self.read, self.kept = tensors, [], None
        self.encoding = header.get("encoding", "f32")
        assert self.encoding in ("f32", "f16", "i8") and header.get("encoding") != "f32"

    def take(self, name, dtype, length):
        self.read.append(name)
        found_dtype, shape, data = self.tensors[name]
        assert (found_dtype, shape) == (dtype, [length])
        return data

    def bits(self, name, units):
        data = self.take(name, "U8", (units + 7) // 8)
        bits = [byte >> bit & 1 for byte in data for bit in range(8)]
        assert not any(bits[units:])
        return bits[:units]

    def decoded(self, name, length):
        if self.encoding == "f32":
            return floats(self.take(name, "F32", length))
        if self.encoding == "f16":
            return f16s(self.take(name, "F16", length))
        codes = struct.unpack(f"{length}b", self.take(name, "I8", length))
        scales = floats(self.take(f"{name}.scale", "F32", (length + 63) // 64))
        assert all(f32_bits(scale) == 0 or 1e-30 <= scale <= f32(1e30) for scale in scales)
        assert all(code != -128 and (code == 0 or scales[i // 64] > 0) for i, code in enumerate(codes))
        return [f32(code * scales[i // 64]) for i, code in enumerate(codes)]

    def vector(self, name, units):
        values = iter(self.decoded(name, sum(self.kept) if self.kept else units))
        spread = [next(values) if kept else None for kept in self.kept or [1] * units]
        assert all(math.isfinite(value) for value in spread if value is not None)
        return spread


def read_adapter(data):
    """The header, the biases of each layer, the gains if any, and the learned state if any."""
    header, tensors = read_container(data, "bl_adapter")
    assert (header["format"], header["version"], header["mode"]) == ("bl-adapter", 1, "replace")
    kind, base, spec = header["kind"], header.get("base_bias"), header["backbone"]["spec"]
    requires, values = header.get("requires", []), Values(header, tensors)
    recurrent, pruned = "recurrent" in requires, "pruned" in requires
    assert set(requires) <= {"recurrent", "conv", "pruned", "f16", "i8"} and ("conv" in requires) == ("front" in spec)
    assert [form for form in ("f16", "i8") if form in requires] == [values.encoding] * (values.encoding != "f32")
    units = [spec["units"]] if recurrent else [layer["units"] for layer in spec["layers"]]
    assert kind == "bias" or len(units) == 1
    assert kind != "mask" or (values.encoding == "f32" and not pruned)
    assert (base is not None) == (kind in ("mask", "gain"))

    if pruned:
        assert not recurrent and len(units) == 1
        values.kept = values.bits("hidden.0.kept", units[0])
        assert any(values.kept)
    if base:
        drawn = [drawn_biases(base, i, n) for i, n in enumerate(units)]
        biases = [[b if kept else None for b, kept in zip(b, values.kept or [1] * len(b))] for b in drawn]
    else:
        biases = [values.vector(f"hidden.{layer}.bias", n) for layer, n in enumerate(units)]
    gains = values.bits("hidden.0.mask", units[0]) if kind == "mask" else None
    if kind in ("gain", "bias_gain"):
        gains = values.vector("hidden.0.gain", units[0])
    state = values.vector("state.0", units[0]) if recurrent and header.get("learned_state", False) else None

    assert set(tensors) == set(values.read)
    rest = {key: value for key, value in header.items() if key != "digest"}
    contents = [tensors[name][2] for name in values.read]
    assert header["digest"] == sha256(canonical(rest).encode(), *contents), "another digest"
    return header, biases, gains, state


def run(adapter, inputs):
    header, biases, gains, state = read_adapter(adapter)
    run_one = run_recurrent if "recurrent" in header["requires"] else run_feed_forward
    of_layers = [[None if b is None else f32_bits(b) for b in layer] for layer in biases]
    return {"b": of_layers, **run_one(header, biases, gains, state, inputs)}


def run_feed_forward(header, biases, gains, _, pixels):
    backbone = Backbone(header["backbone"]["spec"])
    assert backbone.fingerprint() == header["backbone"]["fingerprint"], "another backbone"
    size = math.prod(backbone.spec["input"].values())
    bits = [backbone.preactivations(pixels[at : at + size]) for at in range(0, len(pixels), size)]
    scores = [backbone.scores(row, header["preprocessing"], biases, gains) for row in bits]
    return {"fingerprint": backbone.fingerprint(), "p": bits, "y": scores}


def run_recurrent(header, biases, gains, state, inputs):
    backbone, signal = RecurrentBackbone(header["backbone"]["spec"]), header["signal"]
    assert backbone.fingerprint() == header["backbone"]["fingerprint"], "another backbone"
    values, outputs = backbone.spec["input"]["values"], backbone.spec["readout"]["outputs"]
    assert {"generate": (0, 1), "forecast": (1, 1), "reach": (2, 2)}[signal["what"]] == (values, outputs)
    x = floats(inputs)
    xs = [x[at : at + values] for at in range(0, len(x), values)] if values else [[]] * signal["steps"]
    state = backbone.initial if state is None else state
    y = backbone.outputs(xs, biases[0], gains, state)
    return {"fingerprint": backbone.fingerprint(), "r0": list(map(f32_bits, state)), "y": y}


if __name__ == "__main__":
    what, *files = sys.argv[1:]
    contents = [Path(file).read_bytes() for file in files]
    if what == "backbone":
        print(json.dumps({"fingerprint": read_backbone(*contents).fingerprint()}))
    else:
        assert what == "adapters"
        print(json.dumps([run(adapter, contents[0]) for adapter in contents[1:]]))
