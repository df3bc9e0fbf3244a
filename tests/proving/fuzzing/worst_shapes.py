"""A megabyte each of what could take longest, or most memory, to read or to refuse."""

from tests.proving.fuzzing.mutating import LARGEST

_HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
_TAIL = b"END:VCALENDAR\r\n"
_EVENT = b"BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261201T100000Z\r\nDURATION:PT1H\r\n"
_END = b"END:VEVENT\r\n"
_LONG_ID = b"4b0c2f6e-0000-4000-8000-000000000000"
_RECORD = b"X-APPOINTMENT-PLAN:v=1&id=" + _LONG_ID


def _full(piece: bytes, head: bytes = b"", tail: bytes = b"") -> bytes:
    """As often as it fits in."""
    return head + piece * ((LARGEST - len(head) - len(tail)) // len(piece)) + tail


def _numbered(head: bytes, piece: bytes, tail: bytes = b"") -> bytes:
    """As often as it fits in, “%d” in it another number each time."""
    parts: list[bytes] = []
    room = LARGEST - len(head) - len(tail)
    while (room := room - len(part := piece.replace(b"%d", b"%d" % len(parts)))) >= 0:
        parts.append(part)
    return head + b"".join(parts) + tail


def _event(lines: bytes) -> bytes:
    return _HEAD + _EVENT + lines + _END + _TAIL


def _of_calendars() -> dict[str, bytes]:
    series = _EVENT.replace(b"UID:a", b"UID:%d")
    zone = b"BEGIN:VTIMEZONE\r\nTZID:Here\r\n"
    here = _EVENT.replace(b"DTSTART:20261201T100000Z", b"DTSTART;TZID=Here:20261201T100000")
    half = (
        b"BEGIN:STANDARD\r\nDTSTART:20%02d1029T030000\r\nTZOFFSETFROM:+0200\r\n"
        b"TZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"
    )
    rules = {
        "series without end, each day": b"RRULE:FREQ=DAILY\r\n",
        "series each second": b"RRULE:FREQ=SECONDLY\r\n",
        "series of a huge count": b"RRULE:FREQ=MINUTELY;COUNT=999999999\r\n",
        "series that never comes": b"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n",
        "series of rare days": b"RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO\r\n",
        "series by place in the set": b"RRULE:FREQ=YEARLY;BYSETPOS=-1;BYHOUR=0,1,2,3,4,5,6,7,8,9;"
        b"BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYDAY=MO,TU,WE,TH,FR,SA,SU\r\n",
        "series since the year 1": b"RRULE:FREQ=DAILY;INTERVAL=2\r\n",
        "series with a huge interval": b"RRULE:FREQ=DAILY;INTERVAL=99999999999999999999\r\n",
    }
    shapes = {
        f"many {name}": _numbered(_HEAD, series + rule + _END, _TAIL)
        for name, rule in rules.items()
    }
    shapes |= {f"one {name}": _event(rule) for name, rule in rules.items()}
    shapes["many series since the year 1"] = shapes["many series since the year 1"].replace(
        b"DTSTART:20261201", b"DTSTART:00010101"
    )
    old = _event(b"RRULE:FREQ=DAILY;COUNT=999999999\r\n")
    shapes["one series counted since the year 1"] = old.replace(b"2026", b"0001")
    once = b"RRULE:FREQ=DAILY;COUNT=500\r\n"
    shapes |= {
        "events that only begin": _full(b"BEGIN:VEVENT\r\n"),
        "events in events": b"BEGIN:VEVENT\r\n" * 35_000 + b"END:VEVENT\r\n" * 35_000,
        "calendars in calendars": b"BEGIN:VCALENDAR\r\n" * 25_000 + b"END:VCALENDAR\r\n" * 25_000,
        "empty events": _full(b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", _HEAD, _TAIL),
        "events of one UID": _full(_EVENT + _END, _HEAD, _TAIL),
        "events of many UIDs": _numbered(_HEAD, series + _END, _TAIL),
        "one event of many lines": _event(_full(b"X-A:b\r\n")[:900_000] + b"\r\n"),
        "alarms": _event(_full(b"BEGIN:VALARM\r\nEND:VALARM\r\n")[:-99_992]),
        "one long rule": _event(b"RRULE:FREQ=YEARLY;BYYEARDAY=1" + b",1" * 450_000 + b"\r\n"),
        "left-out days": _event(
            once + b"EXDATE:20261201T100000Z" + b",20261202T100000Z" * 55_000 + b"\r\n"
        ),
        "added days": _event(b"RDATE:20261201T100000Z" + b",20261202T100000Z" * 55_000 + b"\r\n"),
        "added periods": _event(
            b"RDATE;VALUE=PERIOD:20261201T100000Z/P1D" + b",20261202T100000Z/P9D" * 45_000 + b"\r\n"
        ),
        "changed occurrences": _full(
            _EVENT + b"RECURRENCE-ID;RANGE=THISANDFUTURE:20261208T100000Z\r\n" + _END,
            _HEAD + _EVENT + b"RRULE:FREQ=DAILY\r\n" + _END,
            _TAIL,
        ),
        "busy periods": _HEAD
        + b"BEGIN:VFREEBUSY\r\nFREEBUSY:20261201T100000Z/P1D"
        + b",20261201T100000Z/P1D" * 45_000
        + b"\r\nEND:VFREEBUSY\r\n"
        + _TAIL,
        "rules of a zone": _HEAD
        + zone
        + b"".join(half % (year % 100) for year in range(6_000))
        + b"END:VTIMEZONE\r\n"
        + (here + b"RRULE:FREQ=DAILY;COUNT=500\r\n" + _END)
        + _TAIL,
        "zones": _numbered(
            _HEAD, b"BEGIN:VTIMEZONE\r\nTZID:%d\r\n" + half % 7 + b"END:VTIMEZONE\r\n", _TAIL
        ),
        "changes of clocks of a zone": _HEAD
        + zone
        + half.replace(b"END", b"RDATE:20001029T030000" + b",20011029T030000" * 55_000 + b"\r\nEND")
        % 0
        + b"END:VTIMEZONE\r\n"
        + (here + b"RRULE:FREQ=DAILY;COUNT=500\r\n" + _END)
        + _TAIL,
        "folded lines": _HEAD + _EVENT + b"SUMMARY:" + b"\r\n x" * 240_000 + b"\r\n" + _END + _TAIL,
        "quoted-printable": _event(
            b"SUMMARY;ENCODING=QUOTED-PRINTABLE:" + b"=41=\r\n" * 130_000 + b"\r\n"
        ),
        "parameters": _event(b"DTSTART" + b";TZID=a" * 130_000 + b":20261201T100000\r\n"),
        "quotation marks": _event(b'X-A;B="' + b'"' * 900_000 + b":c\r\n"),
        "escapes": _event(b"SUMMARY:" + b"\\n" * 450_000 + b"\r\n"),
        "a duration of many parts": _event(b"DURATION:P" + b"1D" * 450_000 + b"\r\n"),
        "a number of many digits": _event(b"SEQUENCE:" + b"9" * 900_000 + b"\r\n"),
        "records of plans": _full(
            _EVENT.replace(b"UID:a", b"UID:" + _LONG_ID + b"-01")
            + _RECORD
            + b"&revision=1\r\n"
            + _END,
            _HEAD + _RECORD + b"&revision=0\r\n",
            _TAIL,
        ),
        "a long record": _HEAD + _RECORD + b"&w=a" * 230_000 + b"\r\n" + _EVENT + _END + _TAIL,
        "a record of percents": _HEAD + _RECORD + b"&note=" + b"%41" * 310_000 + b"\r\n" + _TAIL,
        "UIDs of plans": _numbered(b"", b"UID:" + _LONG_ID + b"-%d\r\n"),
        "an almost UID": _HEAD + b"UID:" + b"0" * 900_000 + b"\r\n" + _TAIL,
    }
    return shapes


def _of_tables() -> dict[str, bytes]:
    head = b"id,goal,start\n"
    return {
        "columns": _full(b","),
        "named columns": _numbered(b"id,goal,start", b",c%d", b"\n1,hair,2026-12-01\n"),
        "rows of one cell": head + b"x\n" * 450_000,
        "rows of one id": _full(b"1,hair,2026-12-01\n", head),
        "rows of wrong goals": _numbered(head, b"%d,x%d,2026-12-01\n"),
        "a cell that never ends": head + b'1,"' + b"x" * 900_000,
        "a cell of values": b"id,goal,start,closed\n1,hair,2026-12-01," + b"sun;" * 230_000 + b"\n",
        "a cell of ranges": b"id,goal,start,away\n1,hair,2026-12-01,"
        + b"2026-12-24..2099-01-03;" * 40_000
        + b"\n",
        "JSON in depth": b'{"id":' + b"[" * 900_000,
        "a JSON number": b'{"id": ' + b"9" * 900_000 + b"}\n",
        "JSON keys": _numbered(b"{", b'"k%d": 1, ', b'"id": 1}\n'),
        "UTF-16 nonsense": b"\xff\xfe" + b"\x00\xd8" * 490_000,
        "eight bits": head + b"1,\xe9,x\n" * 100_000,
        "dates": _full(b"2026-12-01\n"),
        "dates in a line": _full(b"2026-12-01 "),
        "a date of many digits": _full(b"1"),
        "courses": _numbered(b"patient,date\n", b"p%d,2026-12-01\n"),
    }


def _of_profiles() -> dict[str, bytes]:
    """As large as a profile may be: a larger one is refused unread."""
    shapes = {
        "TOML tables": _numbered(b"", b"[t%d]\n"),
        "TOML closures": _full(b"[[closures]]\nfrom = 2026-12-24\nto = 2099-01-03\n"),
        "TOML brackets": b"busy = " + b"[" * 900_000,
        "TOML braces": b"hours = " + b"{a = " * 180_000,
        "a TOML key in depth": b"a" + b".a" * 450_000 + b" = 1\n",
        "a TOML number": b"rooms = " + b"9" * 900_000 + b"\n",
        "a TOML text": b'name = """' + b"\n" * 900_000 + b'"""\n',
        "a TOML list": b"busy = [" + b'"a", ' * 180_000 + b"]\n",
        "TOML closed days": b"[holidays]\nopen_on = [" + b"2026-12-24, " * 75_000 + b"]\n",
        "TOML keys with quotation marks": _numbered(b"", b'"k %d" = 1\n'),
    }
    return {name: data[:198_000] + data[198_000:][-900:] for name, data in shapes.items()}


def worst_shapes() -> dict[str, bytes]:
    """Each by its name; none is larger than what is promised of."""
    return {
        "one line": _full(b"a"),
        "one line of blanks": _full(b" "),
        "line ends": _full(b"\n"),
        "all bytes": _full(bytes(range(256))),
        "blanks in a cell": _full(b" ", b"id,goal,start\n1,hair,x", b"y 10:00\n"),
        "wide characters": _full("\U0001f600".encode()),
        **_of_calendars(),
        **_of_tables(),
        **_of_profiles(),
    }
