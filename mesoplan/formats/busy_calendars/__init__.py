"""Reads the times that calendars of any program take: RFC 5545, and what those programs make of it.

- `text`: calendar text cut into components, with the few properties that tell a taken time
- `dates`: dates, times, durations and periods as they are written
- `rules`: the RRULE of a series, checked
- `zones`: the time zone that a TZID means
- `events`: what a VEVENT says of the times that it takes
- `series`: the occurrences of a series, by recurring_ical_events
- `times`: the times that one calendar takes
- `reader`: files and folders
"""
