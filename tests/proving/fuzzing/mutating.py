"""Makes nonsense of real files: bit by bit, line by line, and with words that readers look for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

_NUMBERS = (
    *(b"0 -1 00 9999 10000 99999 999999999 99999999999 1e400 0x10 1_000 1.5 NaN".split()),
    *(b"2147483648 -2147483649 9223372036854775808 20261301 00010101 99991231".split()),
    *(b"20260229 250000 235960 +2400".split()),
    *(b"9" * 400, b"9" * 4300, b"9" * 4301, "٣".encode()),
)
_ODDITIES = (
    *(b"\0", b"\r", b"\n", b"\r\n", b"\n ", b"\t", b"\x0b", b"\x1b[2J", b"\x7f", b"\x80", b"\xff"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"),
    *(b"\" ' \\ \\n %00 % & = ; , : / .. -- =cmd| ../../x [/red]".split()),
    *(each.encode() for each in "\u202e\u2028\u0085\u200d\u0300\u00a0İßｶ𝟙😀\ufffd\ufeff"),
    *(b" ", b"  ", b"a" * 5000, b"[" * 300, b"{" * 300),
)
_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-8-sig")
_LINE_ENDS = (b"\n", b"\r", b"\r\r\n", b"\n\n", b"\r\n ")
_PAIRS = (
    *((b"BEGIN:VEVENT\r", b"END:VEVENT\r"), (b"BEGIN:VCALENDAR\r", b"END:VCALENDAR\r")),
    *((b"[", b"]"), (b"{", b"}"), (b'"', b'"')),
)
_MOST_CHANGES = 5
LARGEST = 1_000_000
"""The most bytes of an input."""


@dataclass(frozen=True)
class Material:
    """What nonsense is made of, for one reader."""

    seeds: tuple[bytes, ...]
    """Inputs that mean something."""
    words: tuple[bytes, ...]
    separator: bytes = b"\n"
    """What their lines end with."""

    def nonsense(self, random: Random) -> bytes:
        """One input: a seed with a few things done to it."""
        data = random.choice(self.seeds)
        for _ in range(random.randint(1, _MOST_CHANGES)):
            data = random.choice(_CHANGES)(random, data, self)[:LARGEST]
        return data

    def word(self, random: Random) -> bytes:
        """A word that its reader looks for, or an odd one."""
        return random.choice((*self.words, *_NUMBERS, *_ODDITIES))


Change: TypeAlias = Callable[[Random, bytes, Material], bytes]


def _span(random: Random, data: bytes) -> tuple[int, int]:
    """A part of it: mostly short."""
    begin = random.randint(0, len(data))
    return begin, min(len(data), begin + int(2 ** random.uniform(0, 12)))


def _byte(random: Random, data: bytes, _: Material) -> bytes:
    begin = random.randint(0, len(data))
    return data[:begin] + bytes([random.randrange(256)]) + data[begin + random.randint(0, 1) :]


def _cut(random: Random, data: bytes, _: Material) -> bytes:
    begin, end = _span(random, data)
    return data[:begin] + data[random.choice((end, end, len(data))) :]


def _doubled(random: Random, data: bytes, _: Material) -> bytes:
    begin, end = _span(random, data)
    return data[:end] + data[begin:end] * random.choice((1, 1, 1, 2, 20)) + data[end:]


def _word_put_in(random: Random, data: bytes, material: Material) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + material.word(random) + data[at:]


def _number(random: Random, data: bytes, _: Material) -> bytes:
    found = list(re.finditer(rb"[0-9]+", data))
    if not found:
        return data
    number = random.choice(found)
    if random.random() < 0.5:
        at = random.randrange(number.start(), number.end())
        return data[:at] + b"%d" % random.randrange(10) + data[at + 1 :]
    return data[: number.start()] + random.choice(_NUMBERS) + data[number.end() :]


def _word_exchanged(random: Random, data: bytes, material: Material) -> bytes:
    found = list(re.finditer(rb"[\w+-]+", data))
    if not found:
        return data
    word = random.choice(found)
    other = random.choice((material.word(random), random.choice(found)[0]))
    return data[: word.start()] + other + data[word.end() :]


def _lines(random: Random, data: bytes, material: Material) -> bytes:
    lines = data.split(material.separator)
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[min(at, other) : max(at, other)] *= random.choice((0, 2, 2, 3))
        case 4:
            lines.insert(at, material.word(random))
        case _:
            # What stands after the name of one comes after the name of another.
            name, mark, _ = re.split(rb"([:=,;])", lines[at] + b":", maxsplit=1)
            lines[at] = name + mark + re.split(rb"[:=,;]", lines[other], maxsplit=1)[-1]
    return material.separator.join(lines)


def _nested(random: Random, data: bytes, material: Material) -> bytes:
    """A part of it in one more pair of what opens and closes."""
    lines = data.split(material.separator)
    begin = random.randrange(len(lines))
    end = random.randint(begin, min(len(lines), begin + 30))
    opening, closing = random.choice(_PAIRS)
    times = random.choice((1, 1, 1, 2, 50))
    lines[begin:end] = [*[opening] * times, *lines[begin:end], *[closing] * times]
    return material.separator.join(lines)


def _spliced(random: Random, data: bytes, material: Material) -> bytes:
    other = random.choice(material.seeds)
    begin, end = _span(random, other)
    at = random.randint(0, len(data))
    return data[:at] + (other[begin:] if random.random() < 0.5 else other[begin:end] + data[at:])


def _encoded(random: Random, data: bytes, _: Material) -> bytes:
    if random.random() < 0.7:
        return data.replace(b"\r\n", random.choice(_LINE_ENDS))
    return data.decode("utf-8", "replace").encode(random.choice(_ENCODINGS), "replace")


_CHANGES: tuple[Change, ...] = (
    *(_byte, _cut, _doubled, _word_put_in, _number, _number, _word_exchanged, _word_exchanged),
    *(_lines, _lines, _lines, _nested, _spliced, _encoded),
)
