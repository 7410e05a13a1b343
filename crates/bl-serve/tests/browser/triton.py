"""A client that others wrote, `tritonclient`, against the server: what the protocol promises holds for it, to the bit."""

import shutil
import struct
import zlib

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from serving import arguments, expect, passed, serving


def tensor(name, values, datatype, binary=True):
    given = triton.InferInput(name, values.shape, datatype)
    given.set_data_from_numpy(values, binary_data=binary)
    return given


def wanted(names, binary=True):
    return [triton.InferRequestedOutput(name, binary_data=binary) for name in names]


def same(a, b, what):
    expect(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes(), f"{what}: {a} is not {b} to the bit")


def refused(call, status, words, what):
    try:
        call()
    except InferenceServerException as error:
        fits = error.status() == str(status) and words in error.message()
        return expect(fits, f"{what}: found {error}, expected [{status}] with `{words}`")
    expect(False, f"{what}: was done, expected [{status}] with `{words}`")


def png(pixels):
    """A grey image of `[height, width]` as a PNG file."""
    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def images_of(count):
    """Bars of several places, lengths and widths, bright on dark."""
    images = np.zeros((count, 28, 28), np.uint8)
    for index, image in enumerate(images):
        image[4 + index % 5 : 20 + index % 4, 8 + index % 9 : 11 + index % 11] = 255 - index
    return images


def check_server(client):
    expect(client.is_server_live() and client.is_server_ready(), "the server is not live and ready")
    server = client.get_server_metadata()
    expect("binary_tensor_data" in server["extensions"], f"extensions: {server}")
    index = {entry["name"]: entry for entry in client.get_model_repository_index()}
    for name in ("mnist", "ethiopic", "lorenz"):
        expect(index[name]["state"] == "READY", f"index: {index}")
        model = client.get_model_metadata(name)
        expect(model["versions"] == [index[name]["version"]], f"{name} is {index[name]}, its metadata {model}")
        expect(client.is_model_ready(name) and client.is_model_ready(name, index[name]["version"]), f"{name} is not ready")
    expect(not client.is_model_ready("nothing"), "a model that is not there is ready")
    passed("liveness, readiness, metadata of the server and of models, index")


def check_images(client):
    images = images_of(12)
    names = ["scores", "probabilities", "label", "on", "image"]
    binary = client.infer("mnist", [tensor("image", images, "UINT8")], outputs=wanted(names))
    text = client.infer("mnist", [tensor("image", images, "UINT8", False)], outputs=wanted(names, False))
    for name in names:
        a, b = binary.as_numpy(name), text.as_numpy(name)
        if name == "label":  # bytes where they are binary, text in JSON
            a, b = a.astype(str), b.astype(str)
        same(a, b, f"`{name}` as binary and as JSON")
    same(binary.as_numpy("image"), images, "what the network saw of pixels")
    default = client.infer("mnist", [tensor("image", images, "UINT8")], request_id="7")
    expect(default.get_response()["id"] == "7", "the id did not come back")
    same(default.as_numpy("scores"), binary.as_numpy("scores"), "`scores` by default and asked for")
    flat = client.infer("mnist", [tensor("image", images.reshape(12, 784), "UINT8")])
    same(flat.as_numpy("scores"), binary.as_numpy("scores"), "`scores` of flat images")
    total = binary.as_numpy("probabilities").sum(axis=1)
    expect(np.allclose(total, 1, atol=1e-5), f"probabilities sum to {total}")
    passed("images: binary, JSON, flat and by default, the same to the bit")


def check_extensions(client):
    """What perf_analyzer asks for first, and the best classes as text."""
    config = client.get_model_config("mnist")
    expect(config["name"] == "mnist" and config["max_batch_size"] > 0, f"config: {config}")
    expect(config["input"] == [{"name": "image", "data_type": "TYPE_UINT8", "dims": [28, 28]}], f"config: {config}")
    count = lambda: client.get_inference_statistics("mnist")["model_stats"][0]["inference_stats"]["success"]["count"]
    before, image = count(), [tensor("image", images_of(2), "UINT8")]
    for binary in (True, False):
        best = triton.InferRequestedOutput("probabilities", binary_data=binary, class_count=3)
        texts = client.infer("mnist", image, outputs=[best]).as_numpy("probabilities").astype(str)
        probabilities = client.infer("mnist", image).as_numpy("probabilities")
        expect(texts.shape == (2, 3), f"the three best of two images have shape {texts.shape}")
        for row, text in enumerate(texts):
            order = np.argsort(-probabilities[row], kind="stable")[:3]
            expected = [f"{probabilities[row][index]:.6f}:{index}:{index}" for index in order]
            expect(list(text) == expected, f"classification: found {text}, expected {expected}")
    expect(count() == before + 4, f"statistics: {count()} requests, expected {before + 4}")
    shared = triton.InferRequestedOutput("probabilities")
    shared.set_shared_memory("region", 40)
    refused(lambda: client.infer("mnist", image, outputs=[shared]), 400, "shared_memory_", "an output to shared memory")
    passed("configuration, statistics, classification; shared memory is refused by name")


def check_mixed(client):
    images, all_of = images_of(12), ["mnist", "ethiopic"]
    alone = {name: client.infer(name, [tensor("image", images, "UINT8")]) for name in all_of}
    names = np.array([all_of[row % 2] for row in range(12)], object)
    for binary in (True, False):
        inputs = [tensor("image", images, "UINT8", binary), tensor("adapter", names, "BYTES", binary)]
        mixed = client.infer("mixed", inputs)
        for row, name in enumerate(names):
            same(mixed.as_numpy("scores")[row], alone[name].as_numpy("scores")[row], f"row {row} of a mixed batch and alone")
            version = alone[name].get_response()["model_version"]
            expect(str(mixed.as_numpy("generation")[row], "ascii") == version, f"row {row}: generation")
    one = client.infer("mnist", [tensor("image", images[3:4], "UINT8")])
    same(one.as_numpy("scores")[0], alone["mnist"].as_numpy("scores")[3], "an image alone and in a batch")
    files = np.array([png(np.kron(images[3], np.ones((5, 5), np.uint8)))], object)
    every = [tensor("picture", files, "BYTES"), tensor("adapter", np.array(all_of, object), "BYTES")]
    mixed = client.infer("mixed", every)
    for row, name in enumerate(all_of):
        single = client.infer(name, [tensor("picture", files, "BYTES")])
        same(mixed.as_numpy("scores")[row], single.as_numpy("scores")[0], f"a file, all adapters and {name} alone")
    passed("mixed batches: rows as alone, to the bit; one file for all adapters")


def check_time(client):
    state, series = np.array([0.0, 1.0, 0.0]), []
    for _ in range(400):
        x, y, z = state
        state = state + 0.01 * np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])
        series.append(x)
    series = np.array(series)
    binary = client.infer("lorenz", [tensor("series", series, "FP64")], parameters={"free_run": 50})
    text = client.infer("lorenz", [tensor("series", series, "FP64", False)], outputs=wanted(["forecast"], False))
    forecast = binary.as_numpy("forecast")
    same(forecast, text.as_numpy("forecast"), "a forecast as binary and as JSON")
    horizon = binary.get_response()["parameters"]["horizon"]
    washout = binary.get_response()["parameters"]["washout"]
    truth, said = series[washout + horizon :], forecast[washout:-horizon]
    r2 = 1 - np.sum((truth - said) ** 2) / np.sum((truth - truth.mean()) ** 2)
    expect(r2 > 0.9, f"R² {r2} of forecasts {horizon} samples ahead, expected above 0.9")
    free = binary.as_numpy("free_run")
    expect(free.shape == (50,), f"a free run of 50 has shape {free.shape}")
    same(free[:horizon], forecast[-horizon:], "the first values of a free run and the last forecasts")
    steps = client.infer("cosine", [], parameters={"steps": 60}).as_numpy("trajectory")
    expect(steps.shape == (60,) and steps.max() > 0.8 and steps.min() < -0.8, f"a cosine: {steps}")
    reached = client.infer("reach", [tensor("target", np.array([0.05, 0.05]), "FP64")])
    position = reached.as_numpy("position")
    expect(position.shape == (len(reached.as_numpy("speed")), 2), f"a movement has shape {position.shape}")
    passed(f"in time: forecasts (R² {r2:.3f}), a free run, a generator, a movement")


def check_repository(client, args):
    served = args.adapters / args.other.name
    kept = served.with_name("kept")
    image = [tensor("image", images_of(1), "UINT8")]
    first = client.infer("mnist", image)
    try:
        shutil.copyfile(served, kept)
        shutil.copyfile(args.other, served)
        client.load_model("mnist")
        other = client.infer("mnist", image)
        changed = first.get_response()["model_version"] != other.get_response()["model_version"]
        expect(changed and first.as_numpy("scores").tobytes() != other.as_numpy("scores").tobytes(), "a swap changed nothing")
    finally:
        shutil.move(kept, served)
    client.load_model("mnist")
    same(client.infer("mnist", image).as_numpy("scores"), first.as_numpy("scores"), "scores after swapping back")
    client.unload_model("mnist")
    expect(not client.is_model_ready("mnist"), "unloaded, and ready")
    state = {entry["name"]: entry["state"] for entry in client.get_model_repository_index()}
    expect(state["mnist"] == "UNAVAILABLE", f"unloaded, and {state}")
    refused(lambda: client.infer("mnist", image), 404, "mnist", "inference of a model that is unloaded")
    client.load_model("mnist")
    same(client.infer("mnist", image).as_numpy("scores"), first.as_numpy("scores"), "scores after loading again")
    passed("load, reload of another file, unload, load")


def check_refusals(client):
    image = images_of(1)
    refused(lambda: client.infer("mnits", [tensor("image", image, "UINT8")]), 404, "mnits", "an unknown model")
    refused(lambda: client.get_model_metadata("mnits"), 404, "mnits", "metadata of an unknown model")
    refused(lambda: client.infer("mnist", [tensor("image", image[:, :20], "UINT8")]), 400, "shape", "a wrong shape")
    refused(lambda: client.infer("mnist", [tensor("image", image.astype(np.float32), "FP32")]), 400, "FP32", "a wrong type")
    refused(lambda: client.infer("mnist", [tensor("pixels", image, "UINT8")]), 400, "pixels", "an unknown input")
    unknown = wanted(["certainty"])
    refused(lambda: client.infer("mnist", [tensor("image", image, "UINT8")], outputs=unknown), 400, "certainty", "an unknown output")
    short = tensor("series", np.zeros(10), "FP64")
    refused(lambda: client.infer("lorenz", [short], parameters={"free_run": 5}), 400, "washout", "a free run after too little")
    refused(lambda: client.load_model("nothing"), 404, "nothing", "a load of no file")
    refused(lambda: client.unload_model("nothing"), 404, "nothing", "an unload of nothing")
    passed("refusals come as InferenceServerException, with the server's words")


def main():
    args = arguments(__doc__).parse_args()
    with serving(args, "--allow-mutation") as address:
        client = triton.InferenceServerClient(address.removeprefix("http://"))
        check_server(client)
        check_images(client)
        check_extensions(client)
        check_mixed(client)
        check_time(client)
        check_repository(client, args)
        check_refusals(client)
        client.close()
    with serving(args) as address:
        client = triton.InferenceServerClient(address.removeprefix("http://"))
        refused(lambda: client.unload_model("mnist"), 403, "does not let clients", "an unload without leave")
        client.close()
        passed("without --allow-mutation nothing can be unloaded")


if __name__ == "__main__":
    main()
