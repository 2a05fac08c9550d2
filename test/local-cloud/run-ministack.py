"""Runs MiniStack for as long as standard input stays open: `python run-ministack.py <state folder>`.

The one who started it holds the other end of standard input. When that process is gone, however it went
(a crash, a killed test worker), nothing is left of MiniStack: not the Lambda functions that it runs as
children in the same process group, and not its state folder.
"""

import os
import runpy
import shutil
import signal
import sys
import threading


def end_with_parent(state: str) -> None:
    while os.read(0, 4096):
        pass
    shutil.rmtree(state, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


state = sys.argv.pop(1)
threading.Thread(target=end_with_parent, args=(state,), daemon=True).start()
runpy.run_module("ministack", run_name="__main__", alter_sys=True)
