"""Times as ARM writes them: UTC, seven digits of a second."""

import datetime


def now_text():
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def short(text):
    """The hours, minutes and seconds of a time, for tables."""
    return text[11:19]
