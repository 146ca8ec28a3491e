"""Starting and ending the sandbox, and talking to a running one.

The folder of a sandbox holds state.json (who runs and where to reach it), cert.pem and key.pem, journal.jsonl,
server.log, env.sh, and azure/, the configuration of the CLI.
"""

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time

from . import arm, control, faults, journal, server

SUBSCRIPTION = "5a2db0c5-0000-4000-8000-000000000001"
TENANT = "5a2db0c5-0000-4000-8000-00000000007e"

START_SECONDS = 20
END_SECONDS = 10


class Problem(Exception):
    """Something that the user of the command line must be told."""


def state_path(folder):
    return os.path.join(folder, "state.json")


def make_certificate(folder):
    """A certificate for localhost, by the openssl command, unless there is one from before."""
    certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    if os.path.exists(certificate) and os.path.exists(key):
        return
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "365", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
               "-keyout", key, "-out", certificate]
    try:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise Problem(f"openssl: {error.strerror}") from None
    if done.returncode != 0:
        raise Problem(f"openssl could not make a certificate: {done.stderr.strip()}")
    os.chmod(key, 0o600)


def process_start(pid):
    """When a process began, in ticks since boot; None if there is none. It tells a process from a later one with the
    same pid."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def read_state(folder):
    """The state file, or None if there is none or its process has gone."""
    try:
        with open(state_path(folder), encoding="utf-8") as file:
            state = json.load(file)
    except FileNotFoundError:
        return None
    return state if process_start(state["pid"]) == state["started"] else None


def require_state(folder):
    state = read_state(folder)
    if state is None:
        raise Problem(f"no sandbox runs in {folder}")
    return state


def serve(folder, port, latency, weather=None):
    """Run a sandbox in the foreground until SIGTERM or SIGINT."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if read_state(folder) is not None:
        raise Problem(f"a sandbox already runs in {folder}")
    # Blocked here, so that all threads inherit it and the signals wait for sigwait() below.
    ending = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    make_certificate(folder)
    key = secrets.token_hex(16)
    book = journal.Journal(os.path.join(folder, "journal.jsonl"))
    scripted = faults.Faults()
    scripted.storm = weather
    world = arm.Arm(SUBSCRIPTION, TENANT, latency, scripted, book)
    tls = server.tls_context(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
    try:
        public = server.Server(port, server.make_arm_handler(world, scripted, book), tls)
        plain = server.Server(0, server.make_arm_handler(world, scripted, book))
        private = server.Server(0, control.make_control_handler(world, scripted, book, key))
    except OSError as error:
        raise Problem(f"port {port}: {error.strerror}") from None
    world.base = f"https://localhost:{public.server_port}"
    for part in (public, plain, private):
        threading.Thread(target=part.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    write_state(folder, {"pid": os.getpid(), "started": process_start(os.getpid()), "port": public.server_port,
                         "plain_port": plain.server_port, "control_port": private.server_port, "key": key,
                         "subscription": SUBSCRIPTION, "tenant": TENANT, "latency": latency})
    signal.sigwait(ending)
    os.unlink(state_path(folder))


def write_state(folder, state):
    temporary = state_path(folder) + ".new"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(state, file)
    os.rename(temporary, state_path(folder))


def start(script, folder, port, latency):
    """Start a sandbox in the background and wait until it answers. Returns its state."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if read_state(folder) is not None:
        raise Problem(f"a sandbox already runs in {folder}")
    with open(os.path.join(folder, "server.log"), "ab") as log:
        process = subprocess.Popen(
            [sys.executable, script, "serve", "--dir", folder, "--port", str(port), "--latency", str(latency)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        state = read_state(folder)
        if state is not None and state["pid"] == process.pid:
            call(state, "GET", "/status")
            return state
        if process.poll() is not None:
            raise Problem(f"the sandbox did not start; see {os.path.join(folder, 'server.log')}")
        time.sleep(0.02)
    process.kill()
    raise Problem(f"the sandbox did not start within {START_SECONDS} seconds")


def stop(folder):
    """End the sandbox of a folder. Returns whether one ran."""
    state = read_state(folder)
    if state is None:
        return False
    os.kill(state["pid"], signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    while process_start(state["pid"]) == state["started"]:
        if time.monotonic() > deadline:
            os.kill(state["pid"], signal.SIGKILL)
            break
        time.sleep(0.02)
    return True


def call(state, method, path, body=None):
    """One request to the control server. Returns the parsed answer."""
    connection = http.client.HTTPConnection("127.0.0.1", state["control_port"], timeout=30)
    try:
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"X-Sandbox-Key": state["key"]})
        response = connection.getresponse()
        answer = json.loads(response.read())
    except OSError as error:
        raise Problem(f"the sandbox does not answer: {error}") from None
    finally:
        connection.close()
    if response.status != 200:
        raise Problem(answer.get("error", f"status {response.status}"))
    return answer
