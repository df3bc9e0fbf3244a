"""Measurements that anyone can run; ratios taken side by side, since machines and moods differ."""
