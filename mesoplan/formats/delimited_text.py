"""What tables of text have in common: separators, names of columns, marks of what is no text."""

from __future__ import annotations

import codecs
import re

DELIMITERS = ",;\t"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ARCHIVE_MARK = b"PK\x03\x04"
"""How an archive begins, and so does a spreadsheet that is not saved as text."""

_QUOTED = r'"[^"]*"'
_MARKED = r'"?sep=([,;\t])"?'


def marked_delimiter(line: str) -> str | None:
    """The delimiter that a line “sep=;” gives, as Excel writes it before the header."""
    marked = re.fullmatch(_MARKED, line.rstrip("\r\n"), re.IGNORECASE)
    return marked and marked[1]


def delimiter_of(header: str) -> str:
    """The delimiter that stands most often in a header, outside its quoted cells."""
    return max(DELIMITERS, key=re.sub(_QUOTED, "", header).count)


def folded_name(name: str) -> str:
    """The name of a column with all its spellings made one: “Session_Date ” as “session date”."""
    return " ".join(name.replace("_", " ").replace("-", " ").casefold().split())
