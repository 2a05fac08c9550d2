"""Runs a command at a real terminal: `python at-terminal.py <plan>`, a plan being JSON.

{ "command": [...], "env": {...}, "columns": 80, "rows": 24, "steps": [{ "until": REGEX, "type"?: TEXT, "columns"?: N }, ...] }

A step waits until what was printed since the last step matches, then types, or changes the width of the terminal.
Printed is JSON: { "output": TEXT, "status": EXIT STATUS, "echo": whether the terminal still echoes what is typed }.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

TIMEOUT = 60


def resize(fd: int, columns: int, rows: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main() -> None:
    plan = json.loads(sys.argv[1])
    # The command does not start before the terminal has its size.
    ready, go = os.pipe()
    child, fd = pty.fork()
    if child == 0:
        os.close(go)
        os.read(ready, 1)
        os.execve(plan["command"][0], plan["command"], plan["env"])
    resize(fd, plan["columns"], plan["rows"])
    os.close(go)
    output, seen, steps, echo = "", 0, list(plan["steps"]), True
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if steps:
            match = re.search(steps[0]["until"], output[seen:])
            if match:
                step = steps.pop(0)
                seen += match.end()
                if "type" in step:
                    os.write(fd, step["type"].encode())
                if "columns" in step:
                    resize(fd, step["columns"], plan["rows"])
                continue
        if not select.select([fd], [], [], 0.1)[0]:
            continue
        try:
            chunk = os.read(fd, 65536)
        except OSError:
            break
        if not chunk:
            break
        echo = bool(termios.tcgetattr(fd)[3] & termios.ECHO)
        output += chunk.decode()
    else:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print(json.dumps({"output": output, "status": os.waitstatus_to_exitcode(status), "echo": echo, "left": steps}))


main()
