"""Runs a command on a terminal of its own and plays its user.

terminal.py <steps> <command> [arguments...]

Steps are a JSON list of {"wait": regular expression, "send": text}: once what the terminal showed since the last step
matches, the text is typed; null closes the terminal. With "file" in place of "wait", once that file is there. Prints
{"output", "code", "signal"} as JSON.
"""

import json
import os
import pty
import re
import select
import signal
import sys
import time

SECONDS = 90

steps, command = json.loads(sys.argv[1]), sys.argv[2:]
pid, master = pty.fork()
if pid == 0:
    os.execvp(command[0], command)

output, seen, deadline = "", 0, time.monotonic() + SECONDS


def is_due(step):
    if "file" in step:
        return os.path.exists(step["file"])
    match = re.search(step["wait"], output[seen:])
    return match and match.end()


while master is not None and time.monotonic() < deadline:
    if select.select([master], [], [], 0.02)[0]:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # every process on the terminal has ended
            break
        if not chunk:
            break
        output += chunk.decode(errors="replace")
    while steps and (end := is_due(steps[0])):
        seen += end if "wait" in steps[0] else 0
        text = steps.pop(0)["send"]
        if text is None:
            os.close(master)
            master = None
            break
        os.write(master, text.encode())

status = None
while status is None and time.monotonic() < deadline:
    done, code = os.waitpid(pid, os.WNOHANG)
    status = code if done else None
    time.sleep(0.02)
if status is None:
    os.killpg(pid, signal.SIGKILL)
    sys.exit(f"nothing matched {steps[:1]} within {SECONDS} s; the terminal showed last:\n{output[-2000:]}")
print(json.dumps({
    "output": output,
    "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
    "signal": signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else None,
}))
