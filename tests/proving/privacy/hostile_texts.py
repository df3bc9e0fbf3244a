"""Texts that try to be more than a text wherever they are written to."""

from __future__ import annotations

_BREAKS = ("\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0")
_LINES = ("BEGIN:VALARM", "ATTENDEE:mailto:x@example.com", " folded")

PROPERTIES = (
    *(f"Ann{each}{line}" for each in _BREAKS for line in _LINES),
    *("Ann\\nATTENDEE:mailto:x@example.com", "Ann\\NX-A:1", "Ann\\", "Ann\\\\", "Ann\\;", "Ann\\,"),
    *(
        'a;b:c,d"e',
        ";VALUE=DATE:20261201",
        ";TZID=x:",
        "Ann^nX",
        "Ann^'x",
        '"',
        '""',
        "a:b",
        ",,;;",
    ),
    *("Ann%0D%0AX-A:1", "Ann%0AX-A%3A1", "&goal=fat", "a&id=x&v=9", "a%26goal%3Dfat", "a+b%2Bc"),
    *("=?utf-8?Q?=0D=0AX?=", "Ann=0D=0AX-A:1", "END:VEVENT", "BEGIN:VCALENDAR", "x" * 74 + "\\"),
)
"""Other properties of a calendar, other components, other pairs of a record."""

_ESCAPES = (
    *("\x1b[31m", "\x1b[2J", "\x1b[6n", "\x1bc", "\x1b]0;x\x07", "\x1b]52;c;eA==\x07", "\x1b_x"),
    *(
        "\x1b]8;;http://example.com\x1b\\x\x1b]8;;\x1b\\",
        "\x1bP1$x\x1b\\",
        "\x9b31m",
        "\x9d0;x\x9c",
    ),
    *("\x90x\x9c", "\x07", "\b\b\b", "\x7f", "\x0e", "\x05", "\x1a", "\t", "\x1b"),
)
TERMINAL = (*(f"Ann{each}" for each in _ESCAPES), *(f"{each}Ann" for each in _ESCAPES))
"""Commands to a terminal."""

_UNSEEN = (
    *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"),
    *("\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u061c", "\u2060", "\ufeff", "\xad"),
    *("\u180e", "\u3164", "\ufe0f", "\U000e0041", "\ufff9", "\u034f", "\u115f"),
)
UNSEEN = (*(f"An{each}n" for each in _UNSEEN), *_UNSEEN[:9], "\u202eevil", "n\u0303" * 40)
"""Characters that nobody sees, and those that turn others round."""

MARKUP = (
    *("[red]x[/red]", "[/]", "[bold]x", "[/red]", "[link=http://example.com]x[/link]", "[on red]x"),
    *("[@click=app.bell]x[/]", ":smile:", ":boom: x", "[#ff0000]x", "\\[red]x", "[[red]]", "[1/3]"),
    *(
        "<b>x</b>",
        "<script>alert(1)</script>",
        "</td><td>",
        "&lt;x&gt;",
        "&#10;X",
        "{{7*7}}",
        "${x}",
    ),
    *(
        "%s%n",
        "{0.__class__}",
        "{}",
        "*x*",
        "`x`",
        "[x](http://example.com)",
        "\\u0000",
        '"}',
        "'--",
    ),
)
"""Markup of any kind."""

FORMULAS = (
    *("=cmd|' /C calc'!A0", "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1"),
    *("\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", "\u22121", "\ufe661", "'=1", "''=1", "\u200b=1"),
    *('"=1"', "a;=1", "a,=1", "a\t=1", "a; +1", "a,@x", ";=1", "a;'=1", 'a";=1', "a\n=1", "a|=1"),
    *('=HYPERLINK("http://example.com";"x")', "a;\uff1d1", "-", "=", "+33 1 23", "\xa0=1", "%=1"),
)
"""Formulas of a spreadsheet, also for one that takes another character for the separator."""

PATHS = (
    *(
        "../x",
        "..",
        ".",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "C:\\x",
        "C:x",
        "\\\\host\\share",
        "~",
        "~root",
    ),
    *("$HOME", "`id`", "$(id)", "con", "NUL.txt", "com1", "LPT9.ics", "x.", "x ", "-rf", "--tar=x"),
    *("a:stream", "a*", "a?", "%2e%2e%2fx", ".mesoplan-lock", ".x", "schedule.csv", "rejected.csv"),
    *(
        "x" * 80,
        "x" * 81,
        "x" * 300,
        "x" * 9_000,
        "é" * 80,
        "\U0001f600" * 60,
        "x" * 251,
        "~x",
        "x~",
    ),
)
"""Names of files elsewhere, or of none that can be."""

ODD = (
    *(
        "\ud800",
        "x\udfff",
        "\uffff",
        "\ufdd0x",
        "\ue000",
        "\ufdfa",
        "\u0301x",
        "İ",
        "ß",
        "ﬁ",
        "דוד",
    ),
    *(
        "",
        " ",
        "\xa0",
        "\u3000",
        "\ufffd",
        "0",
        "null",
        "true",
        "None",
        "nan",
        "1e999",
        "\U0010ffff",
    ),
)
"""What programs stumble over."""

HOSTILE = tuple(dict.fromkeys((*PROPERTIES, *TERMINAL, *UNSEEN, *MARKUP, *FORMULAS, *PATHS, *ODD)))
"""All of them, each once."""
