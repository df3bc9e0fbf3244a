"""Calendar files looked at as text, by nothing that the program itself uses."""

import re

_EVENT = re.compile(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", re.DOTALL)
_ALARM = re.compile(rb"BEGIN:VALARM\r\n.*?END:VALARM\r\n", re.DOTALL)


def events(data: bytes) -> list[bytes]:
    """The events of a file as they stand in it."""
    assert data.replace(b"\r\n", b"").count(b"\n") == 0
    found = _EVENT.findall(data)
    assert len(found) == data.count(b"BEGIN:VEVENT")
    return found


def by_uid(data: bytes) -> dict[str, bytes]:
    """The same by their UIDs, of which none comes twice."""
    named = [(value(event, "UID"), event) for event in events(data)]
    found = {uid: event for uid, event in named if uid is not None}
    assert len(found) == len(named)
    return found


def lines(block: bytes) -> list[str]:
    """Its properties, each in one line; BEGIN and END too, without the alarms."""
    unfolded = re.sub(rb"\r\n[ \t]", b"", _ALARM.sub(b"", block))
    return unfolded.decode("utf-8", "replace").removesuffix("\r\n").split("\r\n")


def value(block: bytes, name: str) -> str | None:
    """What stands after the name of a property that comes once, with its parameters."""
    found = [
        line[len(name) + 1 :] for line in lines(block) if line.startswith((f"{name}:", f"{name};"))
    ]
    assert len(found) <= 1, found
    return found[0] if found else None


def alarms(event: bytes) -> list[bytes]:
    """The alarms of an event, as they stand in it."""
    return _ALARM.findall(event)


def outside_events(data: bytes) -> bytes:
    """A file without its events."""
    return _EVENT.sub(b"", data)


def said(event: bytes | None) -> bytes:
    """An event without its records, which follow the plan: what calendars show of it."""
    return re.sub(rb"X-APPOINTMENT(-PLAN)?:.*?\r\n(?![ \t])", b"", event or b"", flags=re.DOTALL)
