"""ARM templates: parameters, variables, loops, and the list of resources they come to.

A Template is checked and expanded in two goes, as in ARM. At the start (Template.plan) everything is evaluated
that can be, which finds the mistakes before anything is created. What reads the state of resources, reference()
and listKeys(), must wait until those resources stand: Planned.body() evaluates the rest when their turn comes.
"""

import contextlib
import datetime
import hashlib
import json
import uuid

from . import expressions, functions, ids
from .errors import invalid_template
from .expressions import ExpressionError, is_expression

LARGEST_COPY = 800

TYPES = {
    "string": (str, "String"),
    "securestring": (str, "SecureString"),
    "int": (int, "Int"),
    "bool": (bool, "Bool"),
    "object": (dict, "Object"),
    "secureobject": (dict, "SecureObject"),
    "array": (list, "Array"),
}

# Functions that read the state of resources.
RUNTIME_FUNCTIONS = ("reference", "listkeys")


class NotYet(Exception):
    """The value depends on a resource which has not been created."""


class Scope:
    """What an expression sees: a template, and the counters of the loops around it."""

    def __init__(self, template, loops=None, default_loop=None, defaults=False):
        self.template = template
        self.context = template.context
        self.loops = loops or {}
        self.default_loop = default_loop
        self.defaults = defaults  # in the default value of a parameter: utcNow() and newGuid() are allowed

    def inside(self, loop, index, is_default=True):
        """The scope of one round of a loop."""
        loops = {**self.loops, loop.lower(): index}
        default = loop.lower() if is_default or self.default_loop is None else self.default_loop
        return Scope(self.template, loops, default, self.defaults)

    def evaluate(self, text):
        return expressions.evaluate(expressions.parse(text), self)

    def call(self, name, nodes):
        """Call a template function; the arguments are still trees, since some are not to be evaluated."""
        method = getattr(self, "fn_" + name.lower(), None)
        if method is not None:
            return method(nodes)
        values = [expressions.evaluate(node, self) for node in nodes]
        method = getattr(self, "call_" + name.lower(), None)
        try:
            if method is not None:
                return method(*values)
            return functions.call(name, values)
        except TypeError:
            raise ExpressionError(f"Unable to evaluate template language function '{name}': "
                                  "wrong number of arguments") from None
        except KeyError:
            raise ExpressionError(f"The template function '{name}' is not valid. "
                                  "Please see https://aka.ms/arm-functions for usage details") from None

    # Functions that do not evaluate all of their arguments.

    def fn_if(self, nodes):
        if len(nodes) != 3:
            raise ExpressionError("The template language function 'if' requires 3 arguments")
        return expressions.evaluate(nodes[1 if expressions.evaluate(nodes[0], self) else 2], self)

    def fn_and(self, nodes):
        return all(expressions.evaluate(node, self) for node in nodes)

    def fn_or(self, nodes):
        return any(expressions.evaluate(node, self) for node in nodes)

    def fn_coalesce(self, nodes):
        values = (expressions.evaluate(node, self) for node in nodes)
        return next((value for value in values if value is not None), None)

    # The template.

    def call_parameters(self, name):
        return self.template.parameter(name)

    def call_variables(self, name):
        return self.template.variable(name)

    def call_copyindex(self, name=None, offset=0):
        if isinstance(name, int):
            name, offset = None, name
        loop = name.lower() if name else self.default_loop
        if loop not in self.loops:
            raise ExpressionError("The template function 'copyIndex' is not expected at this location. "
                                  "The function can only be used in a resource with copy specified")
        return self.loops[loop] + offset

    def call_deployment(self):
        return self.context.deployment(self.template.body)

    # The world around.

    def call_resourcegroup(self):
        return self.context.group()

    def call_subscription(self):
        return self.context.subscription()

    def call_tenant(self):
        return self.context.tenant()

    def call_environment(self):
        return self.context.environment()

    def call_resourceid(self, *parts):
        scope, type_, names = split_id_arguments("resourceId", parts, 2)
        subscription = scope[-2] if len(scope) == 2 else self.context.subscription()["subscriptionId"]
        if len(scope) == 1 and is_guid(scope[0]):
            subscription, scope = scope[0], []
        group = scope[-1] if scope else self.context.group()["name"]
        return ids.build(subscription, group, type_, names)

    def call_subscriptionresourceid(self, *parts):
        scope, type_, names = split_id_arguments("subscriptionResourceId", parts, 1)
        return ids.build(scope[0] if scope else self.context.subscription()["subscriptionId"], None, type_, names)

    def call_tenantresourceid(self, *parts):
        _, type_, names = split_id_arguments("tenantResourceId", parts, 0)
        return ids.build("x", None, type_, names).removeprefix("/subscriptions/x")

    def call_extensionresourceid(self, base, *parts):
        _, type_, names = split_id_arguments("extensionResourceId", parts, 0)
        return base + ids.build("x", None, type_, names).removeprefix("/subscriptions/x")

    def call_reference(self, target, version=None, full=None):
        resource = self.context.read(self.template.locate(target))
        if full is not None and str(full).lower() == "full":
            return resource
        return resource.get("properties", {})

    def call_listkeys(self, target, version=None, body=None):
        return self.context.list_keys(self.template.locate(target))

    def call_utcnow(self, pattern="yyyyMMddTHHmmssZ"):
        self.only_in_defaults("utcNow")
        return dotnet_time(datetime.datetime.now(datetime.timezone.utc), pattern)

    def call_newguid(self):
        self.only_in_defaults("newGuid")
        return str(uuid.uuid4())

    def only_in_defaults(self, name):
        if not self.defaults:
            raise ExpressionError(f"The template function '{name}' is not expected at this location. "
                                  "It can only be used in the default value of a parameter")


def is_guid(text):
    return isinstance(text, str) and len(text) == 36 and text.count("-") == 4


def split_id_arguments(function, parts, most):
    """The arguments of resourceId() and its kin as (scope arguments, type, names)."""
    at = next((i for i, part in enumerate(parts) if isinstance(part, str) and "/" in part), None)
    if at is None or at > most:
        raise ExpressionError(f"Unable to evaluate template language function '{function}': "
                              "the type of the resource is missing")
    type_ = parts[at].strip("/")
    names = [functions.text(part) for part in parts[at + 1:]]
    if len(names) != type_.count("/"):
        raise ExpressionError(f"Unable to evaluate template language function '{function}': the type '{type_}' "
                              f"requires '{type_.count('/')}' resource name argument(s)")
    return list(parts[:at]), type_, names


def dotnet_time(now, pattern):
    """A time by the .NET patterns which templates commonly use."""
    if pattern == "u":
        pattern = "yyyy-MM-dd HH:mm:ssZ"
    elif pattern == "d":
        pattern = "M/d/yyyy"
    parts = (("yyyy", "%Y"), ("yy", "%y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"),
             ("fff", f"{now.microsecond // 1000:03d}"), ("M", str(now.month)), ("d", str(now.day)))
    out = ""
    while pattern:
        for token, replacement in parts:
            if pattern.startswith(token):
                out += now.strftime(replacement)
                pattern = pattern[len(token):]
                break
        else:
            out += pattern[0]
            pattern = pattern[1:]
    return out


def expand(value, scope, deferred=None):
    """A part of a template with its expressions evaluated and its property loops unrolled.

    With a list as `deferred`, an expression that cannot be known yet stays as it is written, and the arguments of
    its reference() calls are added to the list. Without, NotYet is raised.
    """
    if isinstance(value, str):
        if not is_expression(value):
            return expressions.unescape(value)
        try:
            return scope.evaluate(value)
        except NotYet:
            if deferred is None:
                raise
            deferred.extend(referred(value, scope))
            return value
    if isinstance(value, list):
        return [expand(item, scope, deferred) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for name, item in value.items():
        if name.lower() == "copy" and is_property_loop(item):
            for loop in item:
                out[loop["name"]] = unroll(loop, scope, deferred)
        else:
            out[functions.text(expand(name, scope, deferred))] = expand(item, scope, deferred)
    return out


def referred(text, scope):
    """What the reference() and listKeys() calls of an expression point at, as far as it can be told."""
    targets = []
    for call in expressions.calls(expressions.parse(text)):
        if call.name.lower() in RUNTIME_FUNCTIONS and call.arguments:
            try:
                targets.append(expressions.evaluate(call.arguments[0], scope))
            except (ExpressionError, NotYet):
                continue
    return targets


def is_property_loop(value):
    return isinstance(value, list) and all(
        isinstance(loop, dict) and "name" in loop and "count" in loop and "input" in loop for loop in value)


def loop_count(loop, scope):
    count = expand(loop.get("count"), scope)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= LARGEST_COPY:
        raise ExpressionError(f"The copy count must be a number from 0 to {LARGEST_COPY}, found '{count}'")
    return count


def unroll(loop, scope, deferred=None):
    """The array that a property, variable or output loop comes to."""
    name = loop.get("name") or "output"
    return [expand(loop["input"], scope.inside(name, index, is_default=False), deferred)
            for index in range(loop_count(loop, scope))]


class Planned:
    """One resource which a template asks for: one round of its loop, if it has one."""

    def __init__(self, template, declaration, scope, symbol, parent):
        self.template = template
        self.declaration = declaration
        self.scope = scope
        self.symbol = symbol
        self.loop = None
        self.serial_after = []
        self.depends_on = set()
        own_type = str(expand(declaration.get("type", ""), scope))
        own_name = str(expand(declaration.get("name", ""), scope))
        if not own_type or not own_name:
            raise ExpressionError("The template resource must have a 'type' and a 'name'")
        if parent is not None:
            if not own_type.lower().startswith(parent.type.lower() + "/"):
                own_type = f"{parent.type}/{own_type}"
            if own_name.count("/") + 1 != own_type.count("/"):
                own_name = f"{parent.name}/{own_name}"
        if own_name.count("/") + 1 != own_type.count("/"):
            raise ExpressionError(
                f"The template resource '{own_name}' for type '{own_type}' has incorrect segment lengths. A nested "
                "resource type must have identical number of segments as its resource name. A root resource type must "
                "have segment length one greater than its resource name. Please see "
                "https://aka.ms/arm-syntax-resources for usage details")
        self.type = own_type
        self.name = own_name
        self.api_version = expand(declaration.get("apiVersion", ""), scope)
        self.condition = bool(expand(declaration.get("condition", True), scope)) and \
            (parent is None or parent.condition)
        self.existing = bool(declaration.get("existing", False))
        self.id = ids.ResourceId(self.place())

    def place(self):
        """The id: in the group of the deployment, unless the declaration says elsewhere."""
        context = self.template.context
        names = self.name.split("/")
        subscription = self.declaration.get("subscriptionId")
        group = self.declaration.get("resourceGroup")
        own = ids.build(expand(subscription, self.scope) if subscription else context.subscription()["subscriptionId"],
                        expand(group, self.scope) if group else context.group()["name"], self.type, names)
        if "scope" not in self.declaration:
            return own
        scope = str(expand(self.declaration["scope"], self.scope))
        if not scope.startswith("/"):
            type_, scope_names = relative_id(scope)
            scope = ids.build(context.subscription()["subscriptionId"], context.group()["name"], type_, scope_names)
        return scope + own[own.index("/providers/"):]

    def aliases(self):
        """The ways in which dependsOn and reference() may name this resource, in lower case."""
        relative = self.id.text.split("/providers/", 1)[1]
        names = [self.id.text, relative, self.name, f"{self.type}/{self.name}", self.loop, self.symbol]
        return {name.lower() for name in names if name}

    def body(self, deferred=None):
        """The body of the PUT: all but what is meant for the template engine only."""
        own = ("type", "name", "apiversion", "dependson", "condition", "copy", "resources", "comments", "scope",
               "metadata", "existing", "resourcegroup", "subscriptionid")
        kept = {name: value for name, value in self.declaration.items() if name.lower() not in own}
        if self.type.lower() == "microsoft.resources/deployments":
            # The inner template is evaluated by the inner deployment.
            properties = dict(kept.get("properties", {}))
            inner = properties.pop("template", None)
            kept["properties"] = properties
            body = expand(kept, self.scope, deferred)
            body["properties"]["template"] = inner
            return body
        return expand(kept, self.scope, deferred)


def relative_id(text):
    """"Namespace/type/name[/type/name]" as (type, names)."""
    namespace, *rest = text.strip("/").split("/")
    return "/".join([namespace] + rest[0::2]), rest[1::2]


class Template:
    """A template with the parameters given to it, in the context of one deployment.

    The context answers group(), subscription(), tenant(), environment(), deployment(body) as objects, and
    read(id) and list_keys(id) with the state of a resource, or raises NotYet.
    """

    def __init__(self, body, given, context):
        if not isinstance(body, dict):
            raise invalid_template("The template is not an object")
        self.body = body
        self.context = context
        self.planned = []
        self.variables = {}
        self.resolving = []
        self.declared = {name.lower(): (name, declaration)
                         for name, declaration in (body.get("parameters") or {}).items()}
        self.parameters = {}
        self.check_outline()
        self.check_given(given)
        for name, _ in self.declared.values():
            self.guard(lambda name=name: self.parameter(name), f"parameter '{name}'")

    def check_outline(self):
        for name in ("$schema", "contentVersion", "resources"):
            if name not in self.body:
                raise invalid_template(f"Required property '{name}' not found in JSON. Path '', line 1, position 1")
        for name, declaration in self.declared.values():
            type_ = str(declaration.get("type", "")).lower() if isinstance(declaration, dict) else ""
            if type_ not in TYPES:
                raise invalid_template(f"The template parameter '{name}' has no valid type")

    def guard(self, work, where):
        """Do some work of the template engine; its mistakes become the error InvalidTemplate."""
        try:
            return work()
        except ExpressionError as error:
            raise invalid_template(f"Unable to process template language expressions for {where}: "
                                   f"'{error}'") from None

    # Parameters and variables.

    def check_given(self, given):
        unknown = [name for name in given if name.lower() not in self.declared]
        if unknown:
            supported = ", ".join(name for name, _ in self.declared.values())
            raise invalid_template(
                f"The template parameters '{', '.join(unknown)}' in the parameters file are not valid; they are not "
                "present in the original template and can therefore not be provided at deployment time. The only "
                f"supported parameters for this template are '{supported}'. Please see "
                "https://aka.ms/arm-pass-parameter-values for usage details")
        for name, entry in given.items():
            if not isinstance(entry, dict) or "value" not in entry:
                raise invalid_template(f"The parameter '{name}' has no 'value'; references to a key vault "
                                       "are not simulated")
            declared, declaration = self.declared[name.lower()]
            self.parameters[name.lower()] = self.checked(declared, declaration, entry["value"])

    def parameter(self, name):
        key = name.lower()
        if key in self.parameters:
            return self.parameters[key]
        if key not in self.declared:
            raise ExpressionError(f"The template parameter '{name}' is not found. "
                                  "Please see https://aka.ms/arm-syntax-parameters for usage details")
        declared, declaration = self.declared[key]
        if "defaultValue" not in declaration:
            raise invalid_template(f"The value for the template parameter '{declared}' is not provided. "
                                   "Please see https://aka.ms/arm-create-parameter-file for usage details")
        with self.resolve("parameter " + key):
            value = expand(declaration["defaultValue"], Scope(self, defaults=True))
        self.parameters[key] = self.checked(declared, declaration, value)
        return self.parameters[key]

    def checked(self, name, declaration, value):
        """A value of a parameter after the checks its declaration asks for."""
        wanted, shown = TYPES[declaration["type"].lower()]
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise invalid_template(f"Template parameter JToken type is not valid. Expected '{shown}'. Actual "
                                   f"'{type(value).__name__}' for the parameter '{name}'. Please see "
                                   "https://aka.ms/arm-create-parameter-file for usage details")
        wrong = f"The provided value for the template parameter '{name}' is not valid."
        told = "*******" if shown.startswith("Secure") else functions.text(value)
        allowed = declaration.get("allowedValues")
        if allowed is not None and value not in allowed:
            listed = ",".join(functions.text(item) for item in allowed)
            raise invalid_template(f"{wrong} The value '{told}' is not part of the allowed value(s): '{listed}'")
        size = value if wanted is int else len(value) if wanted in (str, list) else None
        bounds = ("minValue", "maxValue") if wanted is int else ("minLength", "maxLength")
        if size is not None and bounds[0] in declaration and size < declaration[bounds[0]]:
            raise invalid_template(f"{wrong} Its {bounds[0]} is '{declaration[bounds[0]]}', found '{size}'")
        if size is not None and bounds[1] in declaration and size > declaration[bounds[1]]:
            raise invalid_template(f"{wrong} Its {bounds[1]} is '{declaration[bounds[1]]}', found '{size}'")
        return value

    def shown_parameters(self):
        """The parameters as a deployment shows them: without the secret values."""
        out = {}
        for key, (name, declaration) in self.declared.items():
            shown = TYPES[declaration["type"].lower()][1]
            out[name] = {"type": shown}
            if not shown.startswith("Secure"):
                out[name]["value"] = self.parameters[key]
        return out

    def secrets(self):
        """The values of the secret parameters that are texts."""
        return [self.parameters[key] for key, (_, declaration) in self.declared.items()
                if declaration["type"].lower() == "securestring" and self.parameters[key]]

    def variable(self, name):
        key = name.lower()
        if key in self.variables:
            return self.variables[key]
        with self.resolve("variable " + key):
            self.variables[key] = self.variable_value(name)
        return self.variables[key]

    def variable_value(self, name):
        declared = self.body.get("variables") or {}
        scope = Scope(self)
        try:
            return expand(expressions.lookup(declared, name), scope)
        except KeyError:
            pass
        for loop in declared.get("copy", []):
            if loop.get("name", "").lower() == name.lower():
                return [expand(loop["input"], scope.inside(loop["name"], index))
                        for index in range(loop_count(loop, scope))]
        raise ExpressionError(f"The template variable '{name}' is not found. Please see "
                              "https://aka.ms/arm-syntax-variables for usage details")

    @contextlib.contextmanager
    def resolve(self, what):
        """Notes what is being evaluated, so that a definition which needs itself is found."""
        if what in self.resolving:
            raise ExpressionError(f"Circular definition detected: {' -> '.join(self.resolving + [what])}")
        self.resolving.append(what)
        try:
            yield
        finally:
            self.resolving.pop()

    # Resources.

    def plan(self):
        """The resources in the order of the template, with what each depends on. InvalidTemplate if it is wrong."""
        resources = self.body["resources"]
        if isinstance(resources, dict):
            for symbol, declaration in resources.items():
                self.add(declaration, Scope(self), symbol, None)
        else:
            for declaration in resources:
                self.add(declaration, Scope(self), None, None)
        seen = {}
        for planned in self.planned:
            if planned.id.key in seen and planned.condition and seen[planned.id.key].condition:
                raise invalid_template(f"The resource '{planned.type}/{planned.name}' is defined multiple times in a "
                                       "template. Please see https://aka.ms/arm-syntax-resources for usage details")
            seen[planned.id.key] = planned
        for planned in self.planned:
            self.guard(lambda planned=planned: self.find_dependencies(planned), f"resource '{planned.id}'")
        self.refuse_circles()
        return self.planned

    def add(self, declaration, scope, symbol, parent):
        """Add a resource, each round of its loop, and the resources nested in it."""
        if not isinstance(declaration, dict):
            raise invalid_template("A resource of the template is not an object")
        where = f"resource '{declaration.get('name', '')}'"
        loop = declaration.get("copy")
        if loop is None:
            self.add_one(declaration, scope, symbol, parent, where)
            return
        count = self.guard(lambda: loop_count(loop, scope), where)
        name = str(expand(loop.get("name", symbol or "copy"), scope))
        serial = str(loop.get("mode", "Parallel")).lower() == "serial"
        batch_size = int(loop.get("batchSize", 1))
        rounds = []
        for index in range(count):
            planned = self.add_one(declaration, scope.inside(name, index), symbol, parent, where)
            planned.loop = name
            if serial:
                batch = index // batch_size
                planned.serial_after = rounds[max(0, (batch - 1) * batch_size):batch * batch_size]
            rounds.append(planned)

    def add_one(self, declaration, scope, symbol, parent, where):
        planned = self.guard(lambda: Planned(self, declaration, scope, symbol, parent), where)
        self.planned.append(planned)
        nested = declaration.get("resources") or []
        for name, child in nested.items() if isinstance(nested, dict) else ((None, child) for child in nested):
            self.add(child, scope, name, planned)
        return planned

    def named(self, name):
        """The planned resources which a name, an id or the name of a loop stands for."""
        folded = str(name).strip("/").lower() if not str(name).startswith("/") else str(name).lower().rstrip("/")
        return [planned for planned in self.planned if folded in planned.aliases()]

    def find_dependencies(self, planned):
        """Fill depends_on from dependsOn, from the mode of the loop, and from the reference() calls in the body."""
        for name in expand(planned.declaration.get("dependsOn") or [], planned.scope):
            found = self.named(name)
            if not found and not self.is_empty_loop(name):
                raise invalid_template(f"The resource '{name}' is not defined in the template. "
                                       "Please see https://aka.ms/arm-syntax for usage details")
            planned.depends_on.update(found)
        planned.depends_on.update(planned.serial_after)
        referred_to = []
        planned.body(referred_to)
        for target in referred_to:
            planned.depends_on.update(self.named(target))
        planned.depends_on.discard(planned)

    def is_empty_loop(self, name):
        """Whether a name belongs to a loop of no rounds: depending on it is allowed and means nothing."""
        resources = self.body["resources"]
        declarations = resources.items() if isinstance(resources, dict) else ((None, item) for item in resources)
        for symbol, declaration in declarations:
            if "copy" in declaration and str(name).lower() in (
                    str(declaration["copy"].get("name", "")).lower(), str(symbol).lower()):
                return True
        return False

    def refuse_circles(self):
        left = set(self.planned)
        while left:
            free = {planned for planned in left if not planned.depends_on & left}
            if not free:
                circle = ", ".join(sorted(planned.id.text for planned in left))
                raise invalid_template("Circular dependency detected on resource: "
                                       f"'{circle}'. Please see https://aka.ms/arm-template/#resources for usage "
                                       "details")
            left -= free

    def locate(self, target):
        """The id which an argument of reference() means."""
        found = self.named(target)
        if found:
            return found[0].id
        if ids.is_resource_id(str(target)):
            return ids.ResourceId(str(target))
        raise ExpressionError(f"The template reference '{target}' is not valid: could not find template resource or "
                              "resource copy with this name. Please see https://aka.ms/arm-function-reference for "
                              "usage details")

    # Outputs.

    def outputs(self, deferred=None):
        """The outputs; secret ones without their values. With `deferred`, only a check, as for plan()."""
        out = {}
        for name, declaration in (self.body.get("outputs") or {}).items():
            self.guard(lambda name=name, declaration=declaration: self.output(name, declaration, out, deferred),
                       f"output '{name}'")
        return out

    def output(self, name, declaration, out, deferred):
        scope = Scope(self)
        if not expand(declaration.get("condition", True), scope):
            return
        shown = TYPES.get(str(declaration.get("type", "")).lower(), (None, None))[1]
        if shown is None:
            raise ExpressionError(f"The template output '{name}' has no valid type")
        if "copy" in declaration:
            loop = declaration["copy"]
            value = [expand(loop["input"], scope.inside("output", index), deferred)
                     for index in range(loop_count(loop, scope))]
        else:
            value = expand(declaration.get("value"), scope, deferred)
        out[name] = {"type": shown}
        if not shown.startswith("Secure"):
            out[name]["value"] = value

    def hash(self):
        text = json.dumps(self.body, sort_keys=True).encode()
        return str(int.from_bytes(hashlib.sha256(text).digest()[:8], "big"))
