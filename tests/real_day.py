"""A clinic with 40 patients on Tuesday 8 December 2026, for the page “A day at the desk”.

Twelve of them come today. Each plan has the name that `mesoplan plan` gives it.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from uuid import UUID

import mesoplan
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.formats.profile import read_profile
from mesoplan.model.clinic import RequestDraft

MADE = datetime(2026, 11, 2, 8, tzinfo=UTC)
MORNING = datetime(2026, 12, 8, 6, 30, tzinfo=UTC)

PROFILE = """\
name = "Clinic by the Park"
phone = "+33 1 23 45 67 89"
timezone = "Europe/Paris"
book = "plans"
rooms = 2

[hours]
tue = ["09:00-18:00"]
wed = ["09:00-18:00"]
thu = ["09:00-18:00"]
fri = ["09:00-18:00"]
"""
BEGUN = """\
Anne Martin        hair          2026-11-17 09:00
Paul Bernard       cellulite     2026-11-03 09:00
Chloé Moreau       contouring    2026-11-10 09:30
Hugo Petit         hair          2026-11-24 10:00
Inès Garnier       cellulite     2026-11-24 10:30
Marc Roux          rejuvenation  2026-11-10 11:00
Nadia Leroy        contouring    2026-12-01 11:30
Louis Girard       hair          2026-12-01 14:00
Zoé Fontaine       wrinkles      2026-11-24 14:30
Emma Laurent       cellulite     2026-12-01 15:00
Rose Chevalier     fat           2026-11-10 16:00
Victor Blanc       hair          2026-11-24 17:00
Claire Durand      cellulite     2026-11-25 10:00
Alain Mercier      hair          2026-11-25 10:00
Berthe Lefèvre     contouring    2026-11-18 11:00
Colette Rousseau   rejuvenation  2026-11-25 11:30
Denis Vincent      wrinkles      2026-11-18 14:00
Elsa Muller        fat           2026-12-02 14:30
Fabien Faure       hair          2026-11-18 15:00
Gaëlle André       cellulite     2026-12-02 15:30
Henri Boyer        contouring    2026-12-02 16:00
Irène Legrand      wrinkles      2026-12-02 16:30
Jacques Dubois     hair          2026-11-19 09:00
Karine Thomas      cellulite     2026-11-19 09:30
Léon Robert        contouring    2026-11-26 10:00
Manon Richard      rejuvenation  2026-11-12 10:30
Nicolas Simon      wrinkles      2026-11-19 11:00
Odile Michel       fat           2026-11-26 11:30
Pierre Lambert     hair          2026-11-26 14:00
Quentin David      cellulite     2026-12-03 14:30
Rachel Bertrand    contouring    2026-12-03 15:00
Simon Morel        rejuvenation  2026-12-03 15:30
Théo Fournier      hair          2026-11-20 09:00
Ursule Bonnet      cellulite     2026-11-20 09:30
Valérie Dupont     contouring    2026-11-27 10:00
William Guérin     wrinkles      2026-11-27 10:30
Xavier François    fat           2026-11-13 11:00
Yvonne Perrin      hair          2026-12-04 11:30
Agathe Clément     rejuvenation  2026-12-04 14:00
Bruno Gauthier     cellulite     2026-12-04 14:30
"""
"""Each patient's label, goal, first day and time; the first twelve come today."""
BEFORE = """\
07:30 cd plans
07:30 mesoplan agenda
08:40 mesoplan move mesoplan-cellulite-2026-11-25.ics 3 2026-12-10 --dry-run
08:40 mesoplan move mesoplan-cellulite-2026-11-25.ics 3 2026-12-10
10:20 mesoplan miss mesoplan-hair-2026-11-24.ics 3
10:50 mesoplan plan hair 2026-12-15 --patient "Zoe Lambert"
14:20 mesoplan miss mesoplan-hair-2026-12-01.ics 2
18:00 mesoplan done mesoplan-hair-2026-11-17.ics
18:00 mesoplan done mesoplan-cellulite-2026-11-03.ics
18:00 mesoplan done mesoplan-contouring-2026-11-10.ics
18:00 mesoplan done mesoplan-cellulite-2026-11-24.ics
18:00 mesoplan done mesoplan-rejuvenation-2026-11-10.ics
18:00 mesoplan done mesoplan-contouring-2026-12-01.ics
18:00 mesoplan done mesoplan-wrinkles-2026-11-24.ics
18:00 mesoplan done mesoplan-cellulite-2026-12-01.ics
18:00 mesoplan done mesoplan-fat-2026-11-10.ics
18:00 mesoplan done mesoplan-hair-2026-11-24-2.ics
18:00 mesoplan agenda
18:00 mesoplan agenda --from 2026-12-09
"""
"""The same day in the commands of before, as short as they were; the time is that of the clinic."""


def make_clinic(folder: Path) -> None:
    """Make the profile and the book as they are in the morning: what is past is recorded."""
    (folder / "clinic.toml").write_text(PROFILE, "utf-8")
    (folder / "plans").mkdir()
    for name, data in _plans().items():
        (folder / "plans" / name).write_bytes(data)


@cache
def _plans() -> dict[str, bytes]:
    profile = read_profile(PROFILE, "clinic.toml")
    files: dict[str, bytes] = {}
    for number, line in enumerate(BEGUN.splitlines()):
        first_name, last_name, goal, day, clock = line.split()
        draft = RequestDraft(
            goal,
            date.fromisoformat(day),
            time.fromisoformat(clock),
            {"patient": f"{first_name} {last_name}"},
        )
        request = replace(draft.request(profile, "Europe/Paris"), plan_id=str(UUID(int=number)))
        plan = mesoplan.plan(request, now=MADE)
        past = tuple(each.name for each in plan.sessions if each.start < MORNING)
        plan = mesoplan.replan(plan, mesoplan.Attend(past), now=MORNING)
        name = f"mesoplan-{goal}-{day}"
        name += "-2" if f"{name}.ics" in files else ""
        files[f"{name}.ics"] = calendar_file(plan, draft.calendar_options(profile), MADE)
    return files
