"""Whose plan a file holds, from its first bytes: enough to find it in a book of thousands."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_plus

from mesoplan.formats.plan_file.record import PLAN_PROPERTY

FIRST_BYTES = 8192
"""In what this program writes, the plan's record ends before that."""

_BEGINS = b"\n%s:" % PLAN_PROPERTY.encode()
_ENDS = re.compile(rb"\n(?![ \t])")
_FOLD = re.compile(rb"\r?\n[ \t]")


class Whose(NamedTuple):
    """What a plan is found by."""

    plan_id: str
    goal: str | None
    label: str | None
    """The patient's."""


def whose_plan(first: bytes) -> Whose | None:
    """What the first bytes of a file say; None where the record is not there whole."""
    begin = first.find(_BEGINS) + len(_BEGINS)
    end = _ENDS.search(first, begin)
    if begin < len(_BEGINS) or end is None:
        return None
    record = first[begin : end.start()].replace(b"\r\n ", b"")
    if b"\n" in record:
        record = _FOLD.sub(b"", record)
    plan_id = _value(record, b"&id=")
    if plan_id is None:
        return None
    return Whose(plan_id, _value(record, b"&goal="), _value(record, b"&patient="))


def _value(record: bytes, key: bytes) -> str | None:
    value = record.partition(key)[2].partition(b"&")[0].decode("ascii", "replace")
    # To look first is quicker than to decode what needs no decoding.
    return unquote_plus(value) if "%" in value else value.replace("+", " ") or None
