"""The calendar file that the patient imports: RFC 5545, in the profile that every client reads.

One VCALENDAR with VERSION, PRODID and CALSCALE, the plan's own record, at most one VTIMEZONE, and
one VEVENT a session. What is left out is left out on purpose: METHOD, ORGANIZER, NAME, X-WR-*,
RRULE for sessions, VALARM UIDs, CLASS and empty values each upset some client.

- `options`: how a file is to be written
- `record`, `record_reading`: the plan's own record and that of a session, written and read
- `request_fields`, `record_text`: the fields of a request in it, both ways; the text that it is
- `events`: a session as an event
- `neutral`: what a private file must not say
- `writer`: a plan as a new file
- `content`: a file cut into its lines, so that what is not ours stays as it is
- `found_events`: the events of one plan, looked for in files of any program
- `assumed_record`: what the record would tell where it is gone
- `restoring`: makes a plan of them, and says what had to be assumed
- `reader`: a plan from its file, or from what a calendar program made of it
- `quick_reading`: the same at once, from a file that nobody else wrote
- `rewriter`: a changed plan, put into the file that it was read from
"""
