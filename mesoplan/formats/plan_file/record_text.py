"""The old name of a part of `record`, for modules that are still to be rewritten."""

from urllib.parse import quote_plus


def quoted_value(value: str) -> str:
    """A value as it stands in a record."""
    return quote_plus(value, safe=":./")
