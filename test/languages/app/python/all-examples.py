"""Runs the apps that it is given, one after the other, in one process: most of an app's time is the start of jsii."""

import runpy
import sys

for app in sys.argv[1:]:
    runpy.run_path(app, run_name="__main__")
