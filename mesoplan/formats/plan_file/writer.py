"""The old name of `writing`, for modules that are still to be rewritten."""

from mesoplan.formats.plan_file.writing import calendar_file as calendar_file
from mesoplan.formats.plan_file.writing import event_files as event_files
from mesoplan.formats.plan_file.writing import writes_utc as writes_utc
