"""The errors of the Azure Resource Manager (ARM), as exceptions.

Every module below the HTTP server reports a refusal by raising ArmError; the server turns it into the
JSON body that real clients parse: {"error": {"code", "message", "target", "details", "additionalInfo"}}.
"""


class ArmError(Exception):
    """A refusal with an HTTP status, an error code and a message."""

    def __init__(self, status, code, message, *, target=None, details=None, info=None, headers=None):
        super().__init__(f"({code}) {message}")
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.details = details or []
        self.info = info
        self.headers = headers or {}

    def body(self):
        """The error as the object that stands under "error" in an answer."""
        error = {"code": self.code, "message": self.message}
        if self.target:
            error["target"] = self.target
        if self.details:
            error["details"] = self.details
        if self.info:
            error["additionalInfo"] = self.info
        return error


def bad_request(code, message, **more):
    return ArmError(400, code, message, **more)


def conflict(code, message, **more):
    return ArmError(409, code, message, **more)


def invalid_template(message):
    """The template or its parameters are wrong; nothing was deployed."""
    return ArmError(400, "InvalidTemplate", f"Deployment template validation failed: '{message}'.")


def group_not_found(name):
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def group_being_deleted(name):
    return conflict("ResourceGroupBeingDeleted", f"The resource group '{name}' is in deprovisioning state "
        "and cannot perform this operation.")


def resource_not_found(rid):
    return ArmError(404, "ResourceNotFound", f"The Resource '{rid.type}/{rid.name}' under resource group "
        f"'{rid.group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix")


def parent_not_found(rid):
    return ArmError(404, "ParentResourceNotFound", f"Failed to perform 'write' on resource(s) of type "
        f"'{rid.type.split('/', 1)[-1]}', because the parent resource '{rid.parent}' could not be found.")


def deployment_not_found(name):
    return ArmError(404, "DeploymentNotFound", f"Deployment '{name}' could not be found.")
