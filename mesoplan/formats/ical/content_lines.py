"""The old name of `lines`, for modules that are still to be rewritten."""

from mesoplan.formats.ical.lines import line as line
from mesoplan.formats.ical.lines import local_text as local_text
from mesoplan.formats.ical.lines import offset_text as offset_text
from mesoplan.formats.ical.lines import text_line as text_line
from mesoplan.formats.ical.lines import utc_text as utc_text
