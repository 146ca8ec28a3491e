"""The JSON that ARM accepts: with comments, trailing commas, bare names of members and strings of several lines.

The CLI sends templates as they are in their file, and puts the bare name `template` before them.
"""

import json
import re

STRING = r'"(?:[^"\\]|\\.)*"'
COMMENTS_AND_NAMES = re.compile(STRING + r"|//[^\n]*|/\*.*?\*/|[A-Za-z_$][\w$]*(?=\s*:)", re.DOTALL)
TRAILING_COMMAS = re.compile(STRING + r"|,(?=\s*[}\]])", re.DOTALL)


def tidy(match):
    text = match.group(0)
    if text.startswith('"'):
        return text
    return " " if text.startswith("/") else f'"{text}"'


def loads(text):
    """The value of a JSON text. ValueError if even ARM would not read it."""
    text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    try:
        return json.loads(text)
    except ValueError:
        text = COMMENTS_AND_NAMES.sub(tidy, text)
        text = TRAILING_COMMAS.sub(lambda match: match.group(0) if match.group(0).startswith('"') else "", text)
        return json.loads(text, strict=False)
