"""The plan in its calendar file: written, read back, rewritten."""
