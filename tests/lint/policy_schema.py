#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of the policy language takes what the reader takes, and refuses what editors shall underline.

That the schema is what the reader's table gives, and that the reader judges the same lines alike, is shown by the unit
tests Reference.*.
"""
import json
import pathlib
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"SKIPPED: {error}; apt-get install python3-jsonschema python3-yaml", file=sys.stderr)
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors use: no dates, no octal, no sexagesimal numbers."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]+", "-+0123456789"),
    ("null", r"~|null|", ["~", "n", ""]),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))
CoreLoader.yaml_constructors = dict(yaml.SafeLoader.yaml_constructors)
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value, 10))


def with_text_keys(value):
    """JSON has texts as keys only."""
    if isinstance(value, dict):
        return {str(key): with_text_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_text_keys(item) for item in value]
    return value


def documents(text):
    return [with_text_keys(d) for d in yaml.load_all(text, Loader=CoreLoader) if d is not None]


HEAD = "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p}\n"


def bodies(name):
    lines = (ROOT / "tests/lint" / name).read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


def main():
    schema = json.loads((ROOT / "config/policy-v1.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    wrong = []

    def expect(valid, text, name):
        for number, document in enumerate(documents(text), 1):
            error = jsonschema.exceptions.best_match(validator.iter_errors(document))
            if valid and error:
                wrong.append(f"{name}, document {number}: refused: {error.message[:300]}")
            if not valid and not error:
                wrong.append(f"{name}, document {number}: taken, but it is wrong")

    good, bad = bodies("policy-good.txt"), bodies("policy-bad.txt")
    for body in good:
        expect(True, HEAD + body, body)
    for body in bad:
        expect(False, HEAD + body, body)
    expect(False, "kind: Policy\nmetadata: {name: p}\n", "no apiVersion")
    expect(False, "apiVersion: reeve/v2\nkind: Policy\nmetadata: {name: p}\n", "apiVersion v2")
    expect(False, "apiVersion: reeve/v1\nkind: Policy\nmetadata: {}\n", "no name")
    expect(False, "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: a b}\n", "a name with a blank")
    examples = sorted((ROOT / "examples").rglob("*.yaml"))
    policies = [path for path in examples if "kind: Policy" in path.read_text()]
    for path in policies:
        expect(True, path.read_text(), str(path.relative_to(ROOT)))
    if not policies:
        wrong.append("there is no example to validate")
    for line in wrong:
        print(line)
    print(f"{len(good)} good, {len(bad)} bad, {len(policies)} examples: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
