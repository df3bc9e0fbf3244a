"""Reads the times that calendars of any program take; the text itself is read by `calendar_text`.

- `series`: the occurrences of a series, by recurring_ical_events
- `times`: the times that one calendar takes
- `reader`: files and folders
"""
