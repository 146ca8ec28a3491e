"""Runners that are killed at random, one after the other, until it was often enough.

Usage: storm.py PURSER SEED KILLS RUNNERS JOBS PACE FOLDER BATCH...

There are always so many runners; each that ends is replaced. The batches (FOLDER/NAME.toml) are submitted while the
killing goes on, so that there is work until its end. The pauses between two kills are random, PACE seconds on average.
The last lines of the output are "at work: N", so many of the killed ones had something to do, and "killed N". What
went wrong is told before them, with exit status 1.
"""

import os
import random
import signal
import subprocess
import sys
import time

PURSER, SEED, KILLS, RUNNERS, JOBS, PACE, FOLDER = sys.argv[1:8]
BATCHES = sys.argv[8:]
FAILED_ITSELF = 5


class Runner:
    def __init__(self, number):
        self.log = os.path.join(FOLDER, f"runner-{number}.log")
        self.process = None
        self.worked = False  # since the last look: it did not end by itself

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([PURSER, "run", "--jobs", JOBS, "--wait", "30s"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def ended_wrongly(self):
        """Replaces a runner that has ended by itself. Returns what was wrong with its end, or None."""
        status = self.process.poll()
        self.worked = status is None
        if self.worked:
            return None
        self.start()
        return f"a runner ended with {status}; see {self.log}" if status < 0 or status == FAILED_ITSELF else None

    def kill(self):
        self.process.kill()
        self.process.wait()


def submit(batch):
    done = subprocess.run([PURSER, "submit", os.path.join(FOLDER, f"{batch}.toml")], capture_output=True, text=True)
    return None if done.returncode == 0 else f"submit of {batch}: {done.returncode} {done.stderr}"


def main():
    chance = random.Random(int(SEED))
    kills = int(KILLS)
    runners = [Runner(number) for number in range(int(RUNNERS))]
    wrong = [submit(BATCHES[0])]
    submitted = 1
    at_work = 0
    for runner in runners:
        runner.start()
    for kill in range(kills):
        time.sleep(chance.uniform(0.1, 1.9) * float(PACE))
        # The last batch comes when three quarters of the kills are done.
        if submitted < len(BATCHES) and kill >= submitted * 0.75 * kills / max(1, len(BATCHES) - 1):
            wrong.append(submit(BATCHES[submitted]))
            submitted += 1
        wrong += [runner.ended_wrongly() for runner in runners]
        victim = chance.choice(runners)
        at_work += victim.worked
        victim.kill()
        victim.start()
    for batch in BATCHES[submitted:]:
        wrong.append(submit(batch))
    for runner in runners:
        runner.process.send_signal(signal.SIGKILL)
        runner.process.wait()
    wrong = [text for text in wrong if text]
    print("\n".join(wrong + [f"at work: {at_work}", f"killed {kills}"]))
    sys.exit(bool(wrong))


main()
