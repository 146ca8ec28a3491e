"""Making the Azure CLI use the sandbox: the environment, and the login."""

import json
import os
import shlex
import subprocess

from .daemon import Problem

CLOUD = "AzureSandbox"

# Variables that would lead the CLI elsewhere, or change what a command means.
UNSET = ("AZURE_CLOUD_NAME", "AZURE_DEFAULTS_GROUP", "AZURE_DEFAULTS_LOCATION", "MSI_SECRET", "IDENTITY_ENDPOINT",
         "IDENTITY_HEADER", "APPSETTING_WEBSITE_SITE_NAME")


def environment(folder, state):
    """The variables which make the CLI talk to the sandbox and to nothing else."""
    no_proxy = ",".join(filter(None, [os.environ.get("NO_PROXY"), "localhost,127.0.0.1"]))
    return {
        "AZURE_SANDBOX_DIR": folder,
        "AZURE_SANDBOX_URL": f"http://127.0.0.1:{state['plain_port']}",
        "AZURE_SANDBOX_SUBSCRIPTION": state["subscription"],
        "AZURE_CONFIG_DIR": os.path.join(folder, "azure"),
        "REQUESTS_CA_BUNDLE": os.path.join(folder, "cert.pem"),
        "MSI_ENDPOINT": f"http://127.0.0.1:{state['control_port']}/msi",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "AZURE_CORE_COLLECT_TELEMETRY": "no",
        "AZURE_CORE_SURVEY_MESSAGE": "no",
        "AZURE_CORE_NO_COLOR": "yes",
        "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
    }


def write_environment(folder, state):
    """DIR/env.sh, to be sourced by a shell."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment(folder, state).items()]
    lines.append("unset " + " ".join(UNSET))
    path = os.path.join(folder, "env.sh")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path


def log_in(folder, state):
    """Register the sandbox as a cloud of the CLI and log in with a managed identity."""
    os.makedirs(os.path.join(folder, "azure"), mode=0o700, exist_ok=True)
    variables = {**os.environ, **environment(folder, state)}
    for name in UNSET:
        variables.pop(name, None)
    url = f"https://localhost:{state['port']}"
    config = {
        "endpoints": {
            "resourceManager": url, "management": url + "/", "activeDirectory": url,
            "activeDirectoryResourceId": "https://management.core.windows.net/",
            "activeDirectoryGraphResourceId": url + "/", "microsoftGraphResourceId": url + "/",
        },
        "suffixes": {"storageEndpoint": "core.windows.net", "keyvaultDns": ".vault.azure.net"},
    }
    known = os.path.exists(os.path.join(folder, "azure", "clouds.config"))
    run(["az", "cloud", "update" if known else "register", "--name", CLOUD, "--cloud-config", json.dumps(config)],
        variables)
    run(["az", "cloud", "set", "--name", CLOUD], variables)
    run(["az", "login", "--identity", "--output", "none"], variables)


def run(command, variables):
    try:
        done = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        raise Problem(f"az: {error.strerror} (use --no-login to go without it)") from None
    if done.returncode != 0:
        raise Problem(f"{' '.join(command[:3])}: {done.stderr.strip()}")
