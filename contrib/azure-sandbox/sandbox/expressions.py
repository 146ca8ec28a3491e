"""The expression language of ARM templates: "[concat(parameters('name'), '-x')]".

parse() turns the text between the brackets into a small tree by recursive descent:

    expression := primary { "." NAME | "[" expression "]" }
    primary    := STRING | INTEGER | NAME { "." NAME } "(" [ expression { "," expression } ] ")"

The nodes are evaluated by evaluate() with a scope, which knows the functions (see functions.py).
"""

import re


class ExpressionError(Exception):
    """An expression that cannot be parsed or evaluated. The message is for the template's author."""


class Literal:
    def __init__(self, value):
        self.value = value


class Call:
    def __init__(self, name, arguments):
        self.name = name
        self.arguments = arguments


class Access:
    """Member or element access: target.x and target['x'] and target[1] are all this."""

    def __init__(self, target, key):
        self.target = target
        self.key = key


TOKEN = re.compile(r"""\s*(?:
    (?P<string>'(?:[^']|'')*')
  | (?P<integer>-?\d+)
  | (?P<name>[A-Za-z_$][A-Za-z0-9_$\-]*)
  | (?P<punctuation>[()\[\],.])
)""", re.VERBOSE)


def tokenise(text):
    """The tokens of an expression as (kind, text) pairs, ended by ("end", "")."""
    tokens = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(f"The template language expression '{text}' is not valid: "
                                  f"unexpected character '{text[position]}' at position '{position}'")
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    tokens.append(("end", ""))
    return tokens


class Parser:
    def __init__(self, text):
        self.text = text
        self.tokens = tokenise(text)
        self.position = 0

    def peek(self):
        return self.tokens[self.position]

    def take(self):
        token = self.tokens[self.position]
        self.position += 1
        return token

    def expect(self, wanted):
        kind, text = self.take()
        if text != wanted or kind == "string":
            self.fail(f"expected '{wanted}', found '{text or 'the end'}'")

    def fail(self, why):
        raise ExpressionError(f"The template language expression '{self.text}' is not valid: {why}")

    def whole(self):
        node = self.expression()
        if self.peek()[0] != "end":
            self.fail(f"unexpected '{self.peek()[1]}'")
        return node

    def expression(self):
        node = self.primary()
        while True:
            token = self.peek()
            if token == ("punctuation", "."):
                self.take()
                kind, text = self.take()
                if kind != "name":
                    self.fail(f"expected a property name, found '{text or 'the end'}'")
                node = Access(node, Literal(text))
            elif token == ("punctuation", "["):
                self.take()
                key = self.expression()
                self.expect("]")
                node = Access(node, key)
            else:
                return node

    def primary(self):
        kind, text = self.take()
        if kind == "string":
            return Literal(text[1:-1].replace("''", "'"))
        if kind == "integer":
            return Literal(int(text))
        if kind == "name":
            while self.peek() == ("punctuation", "."):
                self.take()
                text += "." + self.take()[1]
            return Call(text, self.arguments())
        return self.fail(f"unexpected '{text or 'end'}'")

    def arguments(self):
        self.expect("(")
        arguments = []
        if self.peek() == ("punctuation", ")"):
            self.take()
            return arguments
        while True:
            arguments.append(self.expression())
            kind, text = self.take()
            if (kind, text) == ("punctuation", ")"):
                return arguments
            if (kind, text) != ("punctuation", ","):
                self.fail(f"expected ',' or ')', found '{text or 'the end'}'")


def is_expression(value):
    """Whether a value of a template is an expression, "[...]" and not the escaped "[[..."."""
    return isinstance(value, str) and value.startswith("[") and value.endswith("]") \
        and not value.startswith("[[")


def unescape(text):
    """A string which is no expression: "[[x]" stands for "[x]"."""
    return text[1:] if text.startswith("[[") else text


def parse(value):
    """The tree of an expression given with its brackets."""
    return Parser(value[1:-1]).whole()


def lookup(mapping, key):
    """A property by name. ARM ignores case here, so an exact match comes first and any case after it."""
    if key in mapping:
        return mapping[key]
    folded = str(key).lower()
    for name, value in mapping.items():
        if name.lower() == folded:
            return value
    raise KeyError(key)


def access(target, key):
    """target[key], with the messages of ARM."""
    if isinstance(target, dict):
        try:
            return lookup(target, key)
        except KeyError:
            known = ", ".join(target)
            raise ExpressionError(f"The language expression property '{key}' doesn't exist, "
                                  f"available properties are '{known}'") from None
    if isinstance(target, list) and isinstance(key, int):
        if 0 <= key < len(target):
            return target[key]
        raise ExpressionError(f"The language expression property array index '{key}' is out of bounds")
    raise ExpressionError(f"The language expression property '{key}' can't be evaluated, "
                          f"the value is of type '{type(target).__name__}'")


def evaluate(node, scope):
    """The value of a tree. The scope answers calls: scope.call(name, argument_nodes)."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Access):
        return access(evaluate(node.target, scope), evaluate(node.key, scope))
    return scope.call(node.name, node.arguments)


def calls(node):
    """All function calls inside a tree, the outermost first."""
    if isinstance(node, Access):
        yield from calls(node.target)
        yield from calls(node.key)
    elif isinstance(node, Call):
        yield node
        for argument in node.arguments:
            yield from calls(argument)
