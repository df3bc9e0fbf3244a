"""`mesoplan rules`: the rules, and where each comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from mesoplan.cli.console import standard_output


def rules(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the rules that bind every plan, and where each comes from."""
    from mesoplan.rules.limits import ALL_RULES, SOURCE

    if as_json:
        from mesoplan.formats import json

        standard_output().write(json.dumps(json.rules_document(ALL_RULES, SOURCE)))
        return
    from mesoplan.formats.reference import rules_page

    standard_output().show(lambda width: rules_page(ALL_RULES, SOURCE, width))
