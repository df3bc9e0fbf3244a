"""Calendar text (RFC 5545) as any program writes it, for the formats that read it.

- `text`: cut into components, and these into properties
- `dates`: dates, durations and periods as they are written
- `rules`: recurrence rules, checked before a library works them out
- `effort`: how much work what repeats may make
- `zones`: the time zone that a TZID means
- `events`: what a VEVENT says of its time, and the instants that it means
- `series`: the occurrences of a series, by recurring_ical_events
- `times`: the times that one VCALENDAR takes
"""
