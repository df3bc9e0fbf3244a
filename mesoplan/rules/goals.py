"""The goals and their protocols, as one table with the source of every number.

The source document gives no numbers per goal. So each number has a grade and, where it is from a
trial, a citation. All lie within R1-R3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mesoplan.errors import UnknownName
from mesoplan.rules.protocol import GRADES, Figure, Phase, Protocol, with_sessions
from mesoplan.rules.sources import (
    AMIN,
    CRANIOFACIAL,
    DECIDES,
    EL_DOMYATI,
    EVIDENCE,
    GAJJAR,
    GUPTA,
    JEWDS,
    KHALILI,
    KNOLL,
    MOFTAH,
    OF_FAT_AND_CELLULITE,
    PARK,
    SALTI,
    SAVOIA,
    SUBSTANCES,
    SYLWIA,
    THOMAS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesoplan.rules.protocol import Grade
    from mesoplan.rules.sources import Citation


@dataclass(frozen=True, slots=True)
class Goal:
    """What a treatment is for, where it is given, and how it is planned."""

    name: str
    aliases: tuple[str, ...]
    purpose: str
    """What the treatment aims at, for a lay reader: “aims at …”."""
    areas: tuple[str, ...]
    protocol: Protocol
    evidence: str
    """What the studies say, in a line or two."""
    studies: tuple[Citation, ...]
    """The studies, those that found nothing beside those that found something."""
    cautions: tuple[str, ...] = ()
    """What a practitioner should weigh before using the protocol."""
    alternatives: tuple[str, ...] = ()
    """Other procedures that the source document names for the same wish."""
    area_protocols: Mapping[str, Protocol] = field(default_factory=dict)
    """Areas that have a protocol of their own."""
    substances: tuple[str, ...] = SUBSTANCES
    """What may be in the injections, as far as the source document says."""
    plan_caution: str | None = None
    """The caution that the schedule of a new plan must show."""

    @property
    def caution(self) -> str:
        """All cautions, the evidence and who decides, in one text."""
        return " ".join((*self.cautions, EVIDENCE, DECIDES))

    @property
    def cited(self) -> tuple[Citation, ...]:
        """Everything that is cited for the goal: for its numbers, then for what was found."""
        protocols = (self.protocol, *self.area_protocols.values())
        figures = (figure for protocol in protocols for figure in protocol.figures)
        of_figures = (each for figure in figures for each in figure.citations)
        return tuple(dict.fromkeys((*of_figures, *self.studies)))

    def require_area(self, area: str) -> str:
        """The name of *area* as the table has it; UnknownName if the goal is not planned there."""
        folded = area.strip().casefold()
        if folded not in self.areas:
            raise UnknownName(
                f"area for {self.name}",
                area,
                self.areas,
                f"{self.name} is planned for: {', '.join(self.areas)}",
            )
        return folded

    def area_meant(self, area: str | None) -> str | None:
        """The area that was named, or the only one that there is; None if it is left open.

        Raises UnknownName if the goal is not planned there.
        """
        if area is not None:
            return self.require_area(area)
        return self.areas[0] if len(self.areas) == 1 else None

    def protocol_for(self, area: str | None) -> Protocol:
        """The protocol for an area of the goal, or the goal's own."""
        return self.area_protocols.get(area or "", self.protocol)


TELLTALE_BEGINNINGS = (
    *("meso", "lipo", "botox", "botul", "filler", "inject", "hair", "alopec", "cellulit"),
    *("wrinkl", "rejuven", "pigment", "melasma", "contour", "hyaluron", "collagen", "lecithin"),
    *("isoproterenol", "deoxychol", "phosphatidyl", "vitamin", "hormone", "enzyme", "aesthet"),
    *("esthet", "cosmet", "kosmet", "dermat", "dermal", "anesth", "anaesth"),
)
"""How words begin that give the treatment away: its name, goals, substances, alternatives."""

_TOXIN_AND_FILLERS = ("botulinum toxin", "dermal fillers")
_FAT_REMOVAL = ("injection lipolysis (a different procedure)", "liposuction")

_NOT_LIPOLYSIS = (
    "Not for phosphatidylcholine (lecithin) or deoxycholate: that is injection lipolysis, a "
    "different procedure, studied at 4 to 8 weeks."
)
_FDA = "The FDA warned of unapproved fat-dissolving products in December 2023."
_OF_FAT = (*SUBSTANCES, OF_FAT_AND_CELLULITE)
_FOUR_TO_TEN = "Clinics give 4 to 10; the number is mesoplan's choice"


def _protocol(
    phases: tuple[Phase, ...], maintenance_per_year: int, minutes: int, *figures: Figure
) -> Protocol:
    """A protocol whose grade is that of its weakest number."""
    found: set[Grade] = {each.grade for each in figures}
    cited = (
        f"{each.of}: {each.grade}"
        + (f" ({'; '.join(it.name for it in each.citations)})" if each.citations else "")
        for each in figures
    )
    grade = max(found, key=GRADES.index)
    source = ", ".join(cited)
    return Protocol(phases, maintenance_per_year, minutes, grade, source, figures=figures)


_FACE_MINUTES = Figure(
    "minutes", "clinic practice", "German plastic surgeons say 20 to 30 (vdaepc.de)"
)

ALL_GOALS = (
    Goal(
        name="rejuvenation",
        aliases=("skin", "tightening"),
        purpose="aims at fresher, firmer skin on the face, neck, chest and hands",
        areas=("face", "neck", "chest", "hands"),
        protocol=_protocol(
            (Phase(4, 14),),
            2,
            30,
            Figure("sessions", "trial", "", (SAVOIA, KNOLL)),
            Figure(
                "interval",
                "trial",
                "The trial had 15 days; mesoplan uses 14, the most that R2 allows",
                (SAVOIA, KNOLL),
            ),
            Figure("maintenance", "clinic practice"),
            _FACE_MINUTES,
        ),
        evidence="Mixed. One trial found better skin, without an untreated group. A review can't "
        "recommend it for routine use until there is more data.",
        studies=(SAVOIA, AMIN, CRANIOFACIAL),
        alternatives=_TOXIN_AND_FILLERS,
    ),
    Goal(
        name="wrinkles",
        aliases=("lines",),
        purpose="aims at softer wrinkles and fine lines on the face and neck",
        areas=("face", "neck"),
        protocol=_protocol(
            (Phase(6, 14),),
            2,
            30,
            Figure("sessions", "trial", "", (JEWDS, EL_DOMYATI)),
            Figure("interval", "trial", "", (JEWDS, EL_DOMYATI)),
            Figure("maintenance", "ours"),
            _FACE_MINUTES,
        ),
        evidence="Two small studies of this schedule disagree. One found fewer fine lines in 10 "
        "people; the other found no difference in 6.",
        studies=(JEWDS, EL_DOMYATI),
        alternatives=_TOXIN_AND_FILLERS,
    ),
    Goal(
        name="pigmentation",
        aliases=("melasma", "dark-spots"),
        purpose="aims at lighter dark patches and a more even tone on the face and hands",
        areas=("face", "hands"),
        protocol=_protocol(
            (Phase(6, 14),),
            2,
            45,
            Figure("sessions", "ours"),
            Figure(
                "interval",
                "ours",
                "Published regimens are fortnightly for two months, then monthly. R2 doesn't allow "
                "that",
            ),
            Figure("maintenance", "ours"),
            Figure("minutes", "ours"),
        ),
        evidence="Unclear. Published regimens differ, and the best interval is not known.",
        studies=(KHALILI,),
        cautions=(
            "Published regimens go on monthly after two months. Don't use mesoplan for those: rule "
            "R2 doesn't allow them.",
            "Dark patches are also a possible side effect.",
        ),
    ),
    Goal(
        name="hair",
        aliases=("alopecia", "hair-loss"),
        purpose="aims at less hair loss and fuller hair",
        areas=("scalp",),
        protocol=_protocol(
            (Phase(4, 7), Phase(4, 14)),
            2,
            30,
            Figure("sessions", "trial", "", (GAJJAR,)),
            Figure(
                "interval",
                "trial",
                "Trials begin weekly and go on more slowly, one in weeks 0, 1, 2, 3, 5, 7 and 11",
                (MOFTAH,),
            ),
            Figure("split", "ours"),
            Figure("maintenance", "ours"),
            Figure("minutes", "ours", "One clinic takes 40"),
        ),
        evidence="Mixed. In women, injected dutasteride did better than salt water in one trial. "
        "In men, mesotherapy did no better than minoxidil in another.",
        studies=(MOFTAH, GAJJAR, GUPTA),
    ),
    Goal(
        name="cellulite",
        aliases=(),
        purpose="aims at smoother skin where cellulite dimples it",
        areas=("thighs", "buttocks", "hips", "stomach", "arms", "legs"),
        protocol=_protocol(
            (Phase(10, 7),),
            2,
            30,
            Figure(
                "sessions",
                "ours",
                "Italian clinics give 8 to 15 (as cmsantagostino.it); 10 is mesoplan's choice",
            ),
            Figure("interval", "clinic practice", "Italian clinics treat weekly"),
            Figure(
                "maintenance",
                "ours",
                "The same clinics give monthly maintenance, which R3 doesn't allow",
            ),
            Figure("minutes", "ours"),
        ),
        evidence="Thin. One study of 21 women found less cellulite, without an untreated group. "
        "We know of no trial of this schedule.",
        studies=(SYLWIA, SALTI, THOMAS),
        cautions=(_NOT_LIPOLYSIS, _FDA),
        alternatives=_FAT_REMOVAL,
        substances=_OF_FAT,
        plan_caution=_NOT_LIPOLYSIS,
    ),
    Goal(
        name="contouring",
        aliases=("body",),
        purpose="aims at a slimmer outline of the stomach, hips, thighs and arms",
        areas=("stomach", "hips", "thighs", "arms"),
        protocol=_protocol(
            (Phase(8, 7),),
            2,
            30,
            Figure("sessions", "ours", _FOUR_TO_TEN),
            Figure("interval", "ours", "Park 2008 treated weekly for 12 weeks, without effect"),
            Figure("maintenance", "ours"),
            Figure("minutes", "ours"),
        ),
        evidence="Against. A controlled trial in 20 women, weekly for 12 weeks, found no effect.",
        studies=(PARK, SALTI, THOMAS),
        cautions=(_NOT_LIPOLYSIS, _FDA),
        alternatives=_FAT_REMOVAL,
        substances=_OF_FAT,
        plan_caution=_NOT_LIPOLYSIS,
    ),
    Goal(
        name="fat",
        aliases=("fat-reduction",),
        purpose="aims at less fat in small areas of the body or face",
        areas=("thighs", "stomach", "buttocks", "legs", "hips", "arms", "face"),
        protocol=_protocol(
            (Phase(6, 14),),
            1,
            30,
            Figure("sessions", "ours", _FOUR_TO_TEN),
            Figure("interval", "ours"),
            Figure("maintenance", "ours"),
            Figure("minutes", "ours"),
        ),
        evidence="Against. A controlled trial in 20 women, weekly for 12 weeks, found no loss of "
        "fat.",
        studies=(PARK, SALTI, THOMAS),
        cautions=(_NOT_LIPOLYSIS, _FDA),
        alternatives=_FAT_REMOVAL,
        substances=_OF_FAT,
        area_protocols={
            "face": _protocol(
                (Phase(4, 14),),
                1,
                20,
                Figure("sessions", "ours", _FOUR_TO_TEN),
                Figure("interval", "ours"),
                Figure("maintenance", "ours"),
                Figure("minutes", "ours"),
            )
        },
        plan_caution=_NOT_LIPOLYSIS,
    ),
)


def find_goal(name: str) -> Goal:
    """The goal called *name*, or with that alias; letter case and _ for - don't matter.

    Raises UnknownName, with the nearest names.
    """
    folded = name.strip().casefold().replace("_", "-").replace(" ", "-")
    for goal in ALL_GOALS:
        if folded == goal.name or folded in goal.aliases:
            return goal
    names = [known for goal in ALL_GOALS for known in (goal.name, *goal.aliases)]
    goals = ", ".join(goal.name for goal in ALL_GOALS)
    raise UnknownName("goal", name, names, f"the goals are: {goals}")


def phases_of_goal(
    goal: str | None, area: str | None, planned: tuple[Phase, ...]
) -> tuple[Phase, ...]:
    """The phases of the goal's own protocol, if those planned are but the first of them."""
    if goal is None:
        return ()
    own = find_goal(goal).protocol_for(area).phases
    is_cut = len(own) > len(planned)
    return own if is_cut and with_sessions(own, sum(n for n, _ in planned)) == planned else ()
