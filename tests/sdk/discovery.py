"""Checks an answer against Google's own description of Vertex AI: its discovery document.

The document comes with google-api-python-client. It is JSON schema of an old draft with names
instead of pointers, and says of every object which fields it has: what is not named is wrong here.
"""

import base64
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.live import ROOT, absent

_ENVIRONMENT = ROOT / ".cache" / "sdk" / "google-discovery"
_FORMATS = {
    "int64": r"-?\d+",
    "google-datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z",
    "google-duration": r"-?\d+(\.\d{1,9})?s",
}
_KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}


@cache
def document(version: str) -> dict[str, Any]:
    """The discovery document of ``v1`` or ``v1beta1``. Skips where it is not installed."""
    name = f"googleapiclient/discovery_cache/documents/aiplatform.{version}.json"
    found = list(_ENVIRONMENT.glob(f"lib/python*/site-packages/{name}"))
    if not found:
        absent("Google's discovery documents")
    read: dict[str, Any] = json.loads(found[0].read_bytes())
    return read


def faults(value: object, schema: str, *, version: str) -> list[str]:
    """What in ``value`` is not as the schema of this name says, each with its path."""
    prefix = "GoogleCloudAiplatformV1" + ("beta1" if version == "v1beta1" else "")
    schemas = document(version)["schemas"]
    name = schema if schema in schemas else prefix + schema
    return list(_faults(value, schemas[name], schemas, ""))


def _faults(value: Any, rule: dict[str, Any], schemas: Any, path: str) -> Iterator[str]:
    if "$ref" in rule:
        rule = schemas[rule["$ref"]]
    kind = rule.get("type", "any")
    if kind == "any":
        return
    if not isinstance(value, _KINDS[kind]) or (kind != "boolean" and isinstance(value, bool)):
        yield f"{path} is {type(value).__name__}, not {kind}"
    elif kind == "array":
        for index, item in enumerate(value):
            yield from _faults(item, rule["items"], schemas, f"{path}[{index}]")
    elif kind == "object":
        yield from _field_faults(value, rule, schemas, path)
    elif kind == "string":
        yield from _text_faults(value, rule, path)


def _field_faults(value: Any, rule: dict[str, Any], schemas: Any, path: str) -> Iterator[str]:
    others = rule.get("additionalProperties")
    for name, member in value.items():
        inner = rule.get("properties", {}).get(name, others)
        if inner is None:
            yield f"{path}.{name} is no field of {rule.get('id', 'the object')}"
        else:
            yield from _faults(member, inner, schemas, f"{path}.{name}")


def _text_faults(value: str, rule: dict[str, Any], path: str) -> Iterator[str]:
    form = rule.get("format")
    if "enum" in rule and value not in rule["enum"]:
        yield f"{path} is {value!r}, none of {rule['enum']}"
    if form == "byte":
        base64.b64decode(value, validate=True)
    elif form in _FORMATS and not re.fullmatch(_FORMATS[form], value):
        yield f"{path} is {value!r}, not {form}"
