"""Measurements that anyone can run; ratios taken side by side, since machines and moods differ.

`python -m tests.bench` runs all of them, `python -m tests.bench.startup` (or another part) one.
"""
