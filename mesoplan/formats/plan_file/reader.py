"""The old name of `reading`."""

from mesoplan.formats.plan_file.reading import LARGEST_PLAN_BYTES as LARGEST_PLAN_BYTES
from mesoplan.formats.plan_file.reading import ReadPlan as ReadPlan
from mesoplan.formats.plan_file.reading import holds_plan as holds_plan
from mesoplan.formats.plan_file.reading import names_plan as names_plan
from mesoplan.formats.plan_file.reading import plan_in as plan_in
from mesoplan.formats.plan_file.reading import read_bytes as read_bytes
from mesoplan.formats.plan_file.reading import read_plan as read_plan
