#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""validate.py SCHEMA <JSON: it is valid, and has no member that the schema lacks."""
import copy
import json
import sys

import jsonschema


def close(schema):
    """The same schema, in which a member that it does not name is an error."""
    if isinstance(schema, dict):
        for value in list(schema.values()):
            close(value)
        if schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
    elif isinstance(schema, list):
        for value in schema:
            close(value)
    return schema


with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
checker = jsonschema.validators.validator_for(schema)
checker.check_schema(schema)
checker(close(copy.deepcopy(schema))).validate(json.load(sys.stdin))
