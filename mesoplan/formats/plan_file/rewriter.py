"""The old name of `rewriting`."""

from mesoplan.formats.plan_file.rewriting import changes_file as changes_file
from mesoplan.formats.plan_file.rewriting import require_own_previous as require_own_previous
from mesoplan.formats.plan_file.rewriting import require_whole as require_whole
from mesoplan.formats.plan_file.rewriting import rewritten as rewritten
