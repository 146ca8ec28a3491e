"""Resource identifiers: taking them apart and comparing them.

ARM compares identifiers without regard to case but keeps the case in which they were first written. So an
identifier is shown as given, and its `key` (lower case) is what dictionaries are indexed by.
"""


FIXED_WORDS = {"subscriptions": "subscriptions", "resourcegroups": "resourceGroups", "providers": "providers"}


class ResourceId:
    """One resource: /subscriptions/S[/resourceGroups/G]/providers/NAMESPACE/TYPE/NAME[/TYPE/NAME ...].

    An extension resource has a second "/providers/" part; the resource it extends is its parent.
    """

    def __init__(self, text):
        parts = text.strip("/").split("/")
        lower = [part.lower() for part in parts]
        # These words are written in several ways by clients; here in one.
        parts = [FIXED_WORDS.get(word, part) for word, part in zip(lower, parts)]
        self.text = "/" + "/".join(parts)
        self.key = self.text.lower()
        if len(parts) < 2 or lower[0] != "subscriptions" or "providers" not in lower:
            raise ValueError(f"not a resource id: {text}")
        self.subscription = parts[1]
        self.group = parts[3] if len(parts) > 3 and lower[2] == "resourcegroups" else None
        start = len(lower) - 1 - lower[::-1].index("providers")
        tail = parts[start + 1:]
        if len(tail) < 3 or len(tail) % 2 == 0:
            raise ValueError(f"not a resource id: {text}")
        self.namespace = tail[0]
        self.type = "/".join([tail[0]] + tail[1::2])
        self.names = tail[2::2]
        self.name = "/".join(self.names)
        self.parent = None
        if len(self.names) > 1:
            self.parent = "/" + "/".join(parts[:-2])
        elif "providers" in lower[:start]:
            self.parent = "/" + "/".join(parts[:start])

    def __str__(self):
        return self.text


def is_resource_id(text):
    """Whether the text names a single resource (not a collection, a group or a subscription)."""
    try:
        ResourceId(text)
    except (ValueError, AttributeError):
        return False
    return True


def group_id(subscription, group):
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def build(subscription, group, type_, names):
    """The id of a resource from its type ("Namespace/type/child") and the names of each level."""
    namespace, *types = type_.split("/")
    scope = group_id(subscription, group) if group else f"/subscriptions/{subscription}"
    pairs = "/".join(f"{t}/{n}" for t, n in zip(types, names))
    return f"{scope}/providers/{namespace}/{pairs}"
