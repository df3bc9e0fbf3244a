"""Bytes on disk: whole or not at all, one change at a time, the previous version kept."""
