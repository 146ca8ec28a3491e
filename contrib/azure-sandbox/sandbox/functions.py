"""The functions of the template language which need nothing but their arguments.

Functions that depend on the template or on the world (parameters, reference, resourceGroup ...) are in
template.py; `if`, `and`, `or` and `coalesce` are there too, because they do not evaluate all their arguments.
"""

import base64
import hashlib
import json
import re
import urllib.parse
import uuid

from .expressions import ExpressionError, lookup

# The namespace of the version 5 UUIDs which guid() makes.
GUID_NAMESPACE = uuid.UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")


def text(value):
    """A value as string() and concat() show it."""
    if isinstance(value, bool):
        return "True" if value else "False"
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def concat(*values):
    if values and all(isinstance(value, list) for value in values):
        return [item for value in values for item in value]
    if any(isinstance(value, (list, dict)) for value in values):
        raise ExpressionError("The template language function 'concat' expects either all strings or all arrays")
    return "".join(text(value) for value in values)


def format_(pattern, *values):
    """The .NET composite format, as far as templates use it: {0}, {0,8}, {0,-8}, {0:D3}, {{ and }}."""
    def replace(match):
        if match.group(0) in ("{{", "}}"):
            return match.group(0)[0]
        index, width, form = match.group(1), match.group(2), match.group(3)
        if int(index) >= len(values):
            raise ExpressionError("The template language function 'format' is not valid: "
                                  "index (zero based) must be less than the size of the argument list")
        shown = text(values[int(index)])
        if form and form[0] in "dD" and form[1:].isdigit():
            shown = shown.zfill(int(form[1:]))
        elif form and form[0] in "xX":
            shown = format(int(values[int(index)]), form[0])
            shown = shown.zfill(int(form[1:])) if form[1:].isdigit() else shown
        if width:
            shown = shown.ljust(-int(width)) if int(width) < 0 else shown.rjust(int(width))
        return shown
    return re.sub(r"\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([A-Za-z]\d*))?\}", replace, pattern)


def to_int(value):
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ExpressionError(f"The template language function 'int' can't convert '{text(value)}'") from None


def to_bool(value):
    if isinstance(value, str):
        if value.lower() in ("true", "1"):
            return True
        if value.lower() in ("false", "0"):
            return False
        raise ExpressionError(f"The template language function 'bool' can't convert '{value}'")
    return bool(value)


def to_array(value):
    return value if isinstance(value, list) else [value]


def from_json(value):
    try:
        return json.loads(value)
    except ValueError as error:
        raise ExpressionError(f"The template language function 'json' got text that is no JSON: {error}") from None


def create_object(*pairs):
    if len(pairs) % 2:
        raise ExpressionError("The template language function 'createObject' expects an even number of arguments")
    return dict(zip(pairs[0::2], pairs[1::2]))


def empty(value):
    return value is None or (isinstance(value, (str, list, dict)) and len(value) == 0)


def length(value):
    if isinstance(value, (str, list, dict)):
        return len(value)
    raise ExpressionError("The template language function 'length' expects a string, an array or an object")


def contains(container, item):
    if isinstance(container, dict):
        return any(name.lower() == text(item).lower() for name in container)
    if isinstance(container, str):
        return text(item) in container
    return item in container


def merge(first, second):
    """Two objects as union() joins them: the later one wins, objects inside are joined too."""
    merged = dict(first)
    for name, value in second.items():
        old = merged.get(name)
        merged[name] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def union(first, *others):
    result = first
    for other in others:
        if isinstance(result, dict):
            result = merge(result, other)
        else:
            result = result + [item for item in other if item not in result]
    return result


def intersection(first, *others):
    result = first
    for other in others:
        if isinstance(result, dict):
            result = {name: value for name, value in result.items() if other.get(name) == value}
        else:
            result = [item for item in result if item in other]
    return result


def substring(value, start, count=None):
    end = len(value) if count is None else start + count
    if start < 0 or end > len(value) or end < start:
        raise ExpressionError("The template language function 'substring' parameters are out of range: the "
                              f"'startIndex' and 'length' must refer to a location within the string '{value}'")
    return value[start:end]


def split(value, delimiters):
    pattern = "|".join(re.escape(delimiter) for delimiter in to_array(delimiters))
    return re.split(pattern, value)


def first_of(value):
    return value[0] if value else ("" if isinstance(value, str) else None)


def last_of(value):
    return value[-1] if value else ("" if isinstance(value, str) else None)


def skip(value, count):
    return value[max(0, count):]


def take(value, count):
    return value[:max(0, count)]


def divide(a, b):
    if b == 0:
        raise ExpressionError("The template language function 'div' can't divide by zero")
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def modulo(a, b):
    return a - b * divide(a, b)


def smallest(*values):
    return min(values[0] if isinstance(values[0], list) else values)


def largest(*values):
    return max(values[0] if isinstance(values[0], list) else values)


def integers(start, count):
    return list(range(start, start + count))


def items(mapping):
    return [{"key": key, "value": mapping[key]} for key in sorted(mapping, key=str.lower)]


def index_of(value, item):
    if isinstance(value, str):
        return value.lower().find(item.lower())
    return value.index(item) if item in value else -1


def last_index_of(value, item):
    if isinstance(value, str):
        return value.lower().rfind(item.lower())
    return max((i for i, element in enumerate(value) if element == item), default=-1)


def unique_string(*values):
    """13 characters that depend only on the arguments. Not the same ones as in Azure."""
    digest = hashlib.sha256("-".join(text(value) for value in values).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:13]


def guid(*values):
    return str(uuid.uuid5(GUID_NAMESPACE, "-".join(text(value) for value in values)))


def encode(value):
    return base64.b64encode(value.encode()).decode()


def decode(value):
    return base64.b64decode(value).decode()


def flatten(arrays):
    return [item for array in arrays for item in array]


def try_get(value, *keys):
    for key in keys:
        try:
            value = lookup(value, key) if isinstance(value, dict) else value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


# Name in lower case, since the language ignores case: (function, fewest arguments, most or None).
FUNCTIONS = {
    "add": (lambda a, b: a + b, 2, 2),
    "array": (to_array, 1, 1),
    "base64": (encode, 1, 1),
    "base64tojson": (lambda v: from_json(decode(v)), 1, 1),
    "base64tostring": (decode, 1, 1),
    "bool": (to_bool, 1, 1),
    "concat": (concat, 1, None),
    "contains": (contains, 2, 2),
    "createarray": (lambda *v: list(v), 0, None),
    "createobject": (create_object, 0, None),
    "div": (divide, 2, 2),
    "empty": (empty, 1, 1),
    "endswith": (lambda v, end: v.lower().endswith(end.lower()), 2, 2),
    "equals": (lambda a, b: type(a) is type(b) and a == b, 2, 2),
    "false": (lambda: False, 0, 0),
    "first": (first_of, 1, 1),
    "flatten": (flatten, 1, 1),
    "float": (float, 1, 1),
    "format": (format_, 1, None),
    "greater": (lambda a, b: a > b, 2, 2),
    "greaterorequals": (lambda a, b: a >= b, 2, 2),
    "guid": (guid, 1, None),
    "indexof": (index_of, 2, 2),
    "int": (to_int, 1, 1),
    "intersection": (intersection, 2, None),
    "items": (items, 1, 1),
    "join": (lambda v, separator: separator.join(text(item) for item in v), 2, 2),
    "json": (from_json, 1, 1),
    "last": (last_of, 1, 1),
    "lastindexof": (last_index_of, 2, 2),
    "length": (length, 1, 1),
    "less": (lambda a, b: a < b, 2, 2),
    "lessorequals": (lambda a, b: a <= b, 2, 2),
    "max": (largest, 1, None),
    "min": (smallest, 1, None),
    "mod": (modulo, 2, 2),
    "mul": (lambda a, b: a * b, 2, 2),
    "not": (lambda v: not v, 1, 1),
    "null": (lambda: None, 0, 0),
    "objectkeys": (lambda v: sorted(v, key=str.lower), 1, 1),
    "padleft": (lambda v, width, fill=" ": text(v).rjust(width, fill), 2, 3),
    "range": (integers, 2, 2),
    "replace": (lambda v, old, new: v.replace(old, new), 3, 3),
    "skip": (skip, 2, 2),
    "split": (split, 2, 2),
    "startswith": (lambda v, start: v.lower().startswith(start.lower()), 2, 2),
    "string": (text, 1, 1),
    "sub": (lambda a, b: a - b, 2, 2),
    "substring": (substring, 2, 3),
    "take": (take, 2, 2),
    "tolower": (lambda v: v.lower(), 1, 1),
    "toupper": (lambda v: v.upper(), 1, 1),
    "trim": (lambda v: v.strip(), 1, 1),
    "true": (lambda: True, 0, 0),
    "tryget": (try_get, 2, None),
    "union": (union, 2, None),
    "uniquestring": (unique_string, 1, None),
    "uri": (urllib.parse.urljoin, 2, 2),
    "uricomponent": (lambda v: urllib.parse.quote(v, safe=""), 1, 1),
    "uricomponenttostring": (urllib.parse.unquote, 1, 1),
}


def call(name, values):
    """Call a function by its name. KeyError if there is none of that name."""
    function, fewest, most = FUNCTIONS[name.lower()]
    if len(values) < fewest or (most is not None and len(values) > most):
        expected = str(fewest) if most == fewest else f"{fewest} or more" if most is None else f"{fewest} to {most}"
        raise ExpressionError(f"Unable to evaluate template language function '{name}': "
                              f"the function requires {expected} argument(s) while {len(values)} were provided")
    try:
        return function(*values)
    except ExpressionError:
        raise
    except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
        raise ExpressionError(f"The template language function '{name}' got arguments "
                              f"that do not suit it: {error}") from None
