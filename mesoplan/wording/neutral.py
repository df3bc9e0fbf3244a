"""The old name of `patient`."""

from mesoplan.wording.patient import require_neutral as require_neutral
