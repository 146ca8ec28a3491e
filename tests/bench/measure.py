"""Runs a command and prints what it took: the milliseconds it lasted, the CPU
milliseconds of it and all it has waited for, those of its own, and its peak
memory in KB.

    measure.py COMMAND [ARGUMENT...]
"""
import os
import subprocess
import sys
import time

TICK = os.sysconf("SC_CLK_TCK")


def peak_kb(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0  # it has ended


def own_ms(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICK


began = time.monotonic()
child = subprocess.Popen(sys.argv[1:])
peak = 0
# Its end is seen before it is waited for: until then /proc still tells of it.
while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
    peak = max(peak, peak_kb(child.pid))
    time.sleep(0.02)
took_ms = (time.monotonic() - began) * 1000
own = own_ms(child.pid)
_, status, usage = os.wait4(child.pid, 0)
print(f"{took_ms:.0f} {(usage.ru_utime + usage.ru_stime) * 1000:.0f} {own:.0f} {peak}")
sys.exit(os.waitstatus_to_exitcode(status))
