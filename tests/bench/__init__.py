"""Measurements that anyone can run; ratios taken side by side, since machines and moods differ.

`python -m tests.bench` runs all of them, `python -m tests.bench startup batch` only these.
`--quick` takes fewer rounds and smaller instances. The exit code is 1 where an aim is missed.
"""
