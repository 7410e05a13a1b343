"""openapi.json is a valid description, and the server does what it says: every address that it has is asked, every
example is sent, and every answer has the form that is described.
"""

import json
import urllib.error
import urllib.parse
import urllib.request

from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from serving import arguments, expect, passed, serving


def ask(address, method, path, value=None):
    body = None if value is None else json.dumps(value).encode()
    request = urllib.request.Request(address + path, data=body, method=method.upper())
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get_content_type(), error.read()


def resolve(description, value):
    for key in value.get("$ref", "#/")[2:].split("/") if "$ref" in value else []:
        value = (description if key == "components" else value)[key]
    return value


def check_answer(description, operation, status, kind, body, what):
    expect(str(status) in operation["responses"], f"{what}: status {status} is not described")
    response = resolve(description, operation["responses"][str(status)])
    content = response.get("content", {})
    if not content:
        return
    expect(kind in content, f"{what}: found {kind}, described are {list(content)}")
    if kind == "application/json":
        schema = {**content[kind]["schema"], "components": description["components"]}
        faults = [fault.message for fault in OAS31Validator(schema).iter_errors(json.loads(body))]
        expect(not faults, f"{what}: {faults[:3]} in {body[:300]}")


def fill(description, path, operation, places):
    for parameter in (resolve(description, one) for one in operation.get("parameters", [])):
        if parameter["in"] == "path":
            value = places.get(parameter["name"], parameter["example"])
            path = path.replace("{%s}" % parameter["name"], urllib.parse.quote(value))
    return path


def requests(description, version):
    """What there is to ask: method, path, body, operation."""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {"content": {}})["content"].get("application/json", {})
            for example in content.get("examples", {"none": {}}).values():
                places = {"version": version, **example.get("x-path", {})}
                yield method, fill(description, path, operation, places), example.get("value"), operation


def main():
    args = arguments(__doc__).parse_args()
    with serving(args, "--allow-mutation") as address:
        description = json.loads(ask(address, "get", "/openapi.json")[2])
        validate(description)
        passed("openapi.json is valid")

        _, _, metadata = ask(address, "get", "/v2/models/mnist")
        asked = 0
        for method, path, value, operation in requests(description, json.loads(metadata)["versions"][0]):
            status, kind, body = ask(address, method, path, value)
            expect(status == 200, f"{method} {path}: status {status}, expected 200: {body[:300]}")
            check_answer(description, operation, status, kind, body, f"{method} {path}")
            asked += 1
            if path.endswith("/unload"):
                ask(address, "post", "/v2/repository/models/mnist/load", {})
        passed(f"{asked} requests of the description are answered as it says")

        infer, load = (description["paths"][path]["post"] for path in ("/v2/models/{model}/infer", "/v2/repository/models/{model}/load"))
        wrong = [
            (infer, "/v2/models/mnits/infer", {}, 404, "unknown_model"),
            (infer, "/v2/models/mnist/infer", {}, 400, "bad_input"),
            (infer, "/v2/models/mnist/infer", [], 400, "malformed_json"),
            (load, "/v2/repository/models/mnist/load", {"parameters": {"file": "AAAA"}}, 422, "invalid_adapter"),
            (load, "/v2/repository/models/mnist/load", {"parameters": {"source": "../x.safetensors"}}, 403, "outside_root"),
            (load, "/v2/repository/models/mnist/load", {"parameters": {"expected_version": "0" * 16}}, 409, "generation_mismatch"),
            (load, "/v2/repository/models/mnist/load", {"parameters": {"replace": False}}, 409, "already_loaded"),
        ]
        for operation, path, value, expected, code in wrong:
            status, kind, body = ask(address, "post", path, value)
            found = json.loads(body).get("code")
            expect((status, found) == (expected, code), f"post {path}: {status} {found}, expected {expected} {code}")
            check_answer(description, operation, status, kind, body, f"post {path}")
        passed(f"{len(wrong)} refusals have the status and the code that are described")
    with serving(args) as address:
        status, kind, body = ask(address, "post", "/v2/repository/models/mnist/load", {})
        expect((status, json.loads(body)["code"]) == (403, "mutation_disabled"), f"a load without leave: {status} {body}")
        check_answer(description, load, status, kind, body, "a load without leave")
        passed("without --allow-mutation nothing can be loaded")


if __name__ == "__main__":
    main()
