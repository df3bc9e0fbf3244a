"""The goals and their protocols, as one table with the source of every default.

The source document gives no figures per goal. So each default says where it comes from: *sourced*
is a published figure, *inferred* is ours, for the clinic to confirm. All lie inside R1-R3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mesoplan.errors import UnknownName
from mesoplan.rules.protocol import Phase, Protocol, with_sessions

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Goal:
    """What a treatment is for, where it is given, and how it is planned."""

    name: str
    aliases: tuple[str, ...]
    purpose: str
    """What it is for, for a lay reader."""
    areas: tuple[str, ...]
    protocol: Protocol
    caution: str
    """What a practitioner should weigh before using the defaults."""
    alternatives: tuple[str, ...] = ()
    """Other procedures that the source document names for the same wish."""
    area_protocols: Mapping[str, Protocol] = field(default_factory=dict)
    """Areas that have a protocol of their own."""
    plan_caution: str | None = None
    """The part of the caution that every printed schedule must repeat."""

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
        """The area that was named, or the only one that there is; None where it is left open.

        Raises UnknownName if the goal is not planned there.
        """
        if area is not None:
            return self.require_area(area)
        return self.areas[0] if len(self.areas) == 1 else None

    def protocol_for(self, area: str | None) -> Protocol:
        """The protocol for an area of the goal, or the goal's own."""
        return self.area_protocols.get(area or "", self.protocol)


EVIDENCE = (
    "The evidence for mesotherapy is thin and no standard formula exists; a licensed, experienced "
    "practitioner decides."
)

TELLTALE_BEGINNINGS = (
    *("meso", "lipo", "botox", "botul", "filler", "inject", "hair", "alopec", "cellulit"),
    *("wrinkl", "rejuven", "pigment", "melasma", "contour", "hyaluron", "collagen", "lecithin"),
    *("isoproterenol", "deoxychol", "phosphatidyl", "vitamin", "hormone", "enzyme", "aesthet"),
    *("esthet", "cosmet", "kosmet", "dermat", "dermal", "anesth", "anaesth"),
)
"""How words begin that tell what a treatment is: the treatment, goals, substances, alternatives."""

_FILLERS = ("Botox", "dermal fillers")
_FAT_REMOVAL = (
    "injection lipolysis (deoxycholate, phosphatidylcholine): a different procedure",
    "liposuction",
)

ALL_GOALS = (
    Goal(
        name="rejuvenation",
        aliases=("skin", "tightening"),
        purpose="fresher, firmer skin on the face, neck, chest and hands",
        areas=("face", "neck", "chest", "hands"),
        protocol=Protocol(
            (Phase(4, 14),),
            maintenance_per_year=2,
            minutes=30,
            grade="sourced",
            source="Savoia 2013: 4 sessions, 15 days apart, cut to 14; German Society for "
            "Mesotherapy: 3 or more, 2 weeks apart",
        ),
        alternatives=_FILLERS,
        caution=EVIDENCE,
    ),
    Goal(
        name="wrinkles",
        aliases=("lines",),
        purpose="softer wrinkles and fine lines on the face and neck",
        areas=("face", "neck"),
        protocol=Protocol(
            (Phase(6, 14),),
            maintenance_per_year=2,
            minutes=30,
            grade="sourced",
            source="Ovid JEWDS 2015: 6 sessions, 2 weeks apart",
        ),
        alternatives=_FILLERS,
        caution="A study of the skin around the eyes, on this same schedule, found no significant "
        f"difference. {EVIDENCE}",
    ),
    Goal(
        name="pigmentation",
        aliases=("melasma", "dark-spots"),
        purpose="lighter dark patches and a more even tone on the face and hands",
        areas=("face", "hands"),
        protocol=Protocol(
            (Phase(6, 14),),
            maintenance_per_year=2,
            minutes=45,
            grade="partly sourced",
            source="6 sessions, 2 weeks apart at first: sourced; maintenance: inferred",
        ),
        caution="Several trials use monthly sessions, which rule R2 does not allow. Dark patches "
        f"are also among the possible side effects. {EVIDENCE}",
    ),
    Goal(
        name="hair",
        aliases=("alopecia", "hair-loss"),
        purpose="thinning hair and hair loss",
        areas=("scalp",),
        protocol=Protocol(
            (Phase(4, 7), Phase(4, 14)),
            maintenance_per_year=2,
            minutes=30,
            grade="partly sourced",
            source="weekly, then fortnightly: sourced (Gajjar RCT: 8 sessions); the split into "
            "4 and 4, and maintenance: inferred",
        ),
        caution=EVIDENCE,
    ),
    Goal(
        name="cellulite",
        aliases=(),
        purpose="smoother skin where cellulite dimples it",
        areas=("thighs", "buttocks", "hips", "stomach", "arms", "legs"),
        protocol=Protocol(
            (Phase(10, 7),),
            maintenance_per_year=2,
            minutes=30,
            grade="sourced",
            source="Italian clinics: 8 to 15 weekly sessions",
        ),
        alternatives=_FAT_REMOVAL,
        caution="Mixtures for cellulite may hold lecithin and isoproterenol; ask for allergies and "
        f"medicines first. {EVIDENCE}",
    ),
    Goal(
        name="contouring",
        aliases=("body",),
        purpose="a slimmer outline of the stomach, hips, thighs and arms",
        areas=("stomach", "hips", "thighs", "arms"),
        protocol=Protocol(
            (Phase(8, 7),),
            maintenance_per_year=2,
            minutes=30,
            grade="partly sourced",
            source="range of 4 to 10 sessions: sourced; 8 of them: inferred",
        ),
        alternatives=_FAT_REMOVAL,
        caution=EVIDENCE,
    ),
    Goal(
        name="fat",
        aliases=("fat-reduction",),
        purpose="less fat in small areas of the body or face",
        areas=("thighs", "stomach", "buttocks", "legs", "hips", "arms", "face"),
        protocol=Protocol(
            (Phase(6, 14),),
            maintenance_per_year=1,
            minutes=30,
            grade="partly sourced",
            source="range of 4 to 10 sessions: sourced; 6 of them, 2 weeks apart, and "
            "maintenance: inferred",
        ),
        alternatives=_FAT_REMOVAL,
        caution="Products with detergents (injection lipolysis) are a different procedure, studied "
        f"at 4 to 8 weeks; these defaults are not for them. {EVIDENCE}",
        area_protocols={
            "face": Protocol(
                (Phase(4, 14),),
                maintenance_per_year=1,
                minutes=20,
                grade="inferred",
                source="4 sessions, 2 weeks apart, 20 minutes: inferred",
            )
        },
        plan_caution="Not for products with detergents (injection lipolysis): that is a different "
        "procedure, studied at 4 to 8 weeks.",
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
