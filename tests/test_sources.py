"""Where every number comes from, and every fact of the source on the pages that must have it."""

import json
from pathlib import Path

import pytest

import mesoplan
from mesoplan.rules.goals import ALL_GOALS, Goal
from mesoplan.rules.limits import ALL_RULES, OWN_NUMBERS
from mesoplan.rules.protocol import GRADES, Protocol
from mesoplan.rules.sources import SAFETY, SIDE_EFFECTS
from tests.command_line import mesoplan_line

MANUAL = Path(mesoplan.__file__).parent / "manual"
EVERY_PROTOCOL = [
    pytest.param(protocol, id=f"{goal.name}-{area or 'any area'}")
    for goal in ALL_GOALS
    for area, protocol in ((None, goal.protocol), *goal.area_protocols.items())
]

FACTS = {
    "very fine needles": ("goals", "treatment"),
    "middle layer": ("goals", "treatment"),
    "believed to act on inflammation and circulation": ("goals", "treatment"),
    "aims at fresher, firmer skin": ("goals",),
    "aims at softer wrinkles": ("goals",),
    "aims at lighter dark patches": ("goals",),
    "aims at less hair loss": ("goals",),
    "aims at smoother skin": ("goals",),
    "aims at a slimmer outline": ("goals",),
    "aims at less fat": ("goals",),
    "thighs, stomach, buttocks, legs, hips, arms, face": ("goals fat", "treatment"),
    "no standard formula": ("goals", "goals hair", "treatment"),
    "vitamins": ("goals hair", "treatment"),
    "minerals": ("goals hair", "treatment"),
    "enzymes (hyaluronidase, collagenase)": ("goals hair", "treatment"),
    "herbal extracts": ("goals hair", "treatment"),
    "hormones (thyroxin, calcitonin)": ("goals hair", "treatment"),
    "prescription medicines (antibiotics, vasodilators)": ("goals hair", "treatment"),
    "lecithin and isoproterenol": ("goals fat", "goals cellulite", "treatment"),
    "about allergies and medicines": ("goals hair", "treatment"),
    "1 to 4 mm": ("rules", "manual rules", "treatment"),
    "the condition": ("rules", "treatment"),
    "without staying overnight": ("rules",),
    "3 to 15": ("rules", "manual rules", "treatment"),
    "7 to 14 days": ("rules", "manual rules", "treatment"),
    "wait a day before travelling": ("rules", "manual rules"),
    "settle within a day": ("rules", "manual rules"),
    "work the same day": ("rules", "treatment"),
    "once or twice a year": ("rules", "treatment"),
    "numbing cream": ("treatment",),
    "aftercare": ("treatment",),
    "Regular exercise, a balanced diet and little alcohol": ("goals hair", "treatment"),
    "evidence for mesotherapy is thin": ("goals", "goals hair"),
    "licensed practitioner with experience": ("goals", "goals hair", "treatment"),
    "injection lipolysis (a different procedure)": ("goals fat", "goals cellulite", "treatment"),
    "liposuction": ("goals contouring", "treatment"),
    "botulinum toxin": ("goals wrinkles", "goals rejuvenation", "treatment"),
    "dermal fillers": ("goals wrinkles", "treatment"),
    "source names none": ("goals hair", "goals pigmentation", "treatment"),
    "one lay web page, not from a guideline": ("rules", "manual rules"),
    "contraindications": ("rules", "manual rules", "treatment"),
    "more than 14 days between sessions": ("rules", "manual rules", "treatment"),
    "monthly maintenance": ("rules", "manual rules", "treatment"),
    "the FDA warned": ("goals fat", "goals contouring", "goals cellulite", "treatment"),
    "studied at 4 to 8 weeks": ("goals fat", "goals contouring", "goals cellulite", "treatment"),
    **dict.fromkeys(SIDE_EFFECTS, ("goals hair", "goals fat", "treatment")),
}
"""What the source says, and what must be said beside it, with the pages that have it."""


def page(name: str, folder: Path) -> str:
    """A page of the manual (“treatment”, “manual rules”), or what a command prints."""
    file = MANUAL / f"{name.removeprefix('manual ')}.md"
    if name == "treatment" or name.startswith("manual "):
        return " ".join(file.read_text("utf-8").split())
    return mesoplan_line(folder, f"mesoplan {name}").text


def test_every_fact_is_on_its_pages(tmp_path: Path) -> None:
    names = {name for names in FACTS.values() for name in names}
    texts = {name: page(name, tmp_path).casefold() for name in names}
    lacking = [
        (name, fact)
        for fact, names in FACTS.items()
        for name in names
        if fact.casefold() not in texts[name]
    ]
    assert lacking == []


def test_the_source_names_twelve_side_effects() -> None:
    assert len(set(SIDE_EFFECTS)) == 12


@pytest.mark.parametrize("protocol", EVERY_PROTOCOL)
def test_every_number_has_a_grade_and_what_supports_it(protocol: Protocol) -> None:
    numbers = [each.of for each in protocol.figures]
    assert set(numbers) - {"split"} == {"sessions", "interval", "maintenance", "minutes"}
    assert ("split" in numbers) == (len(protocol.phases) > 1)
    assert len(set(numbers)) == len(numbers)
    for figure in protocol.figures:
        assert figure.grade in GRADES[:-1]
        if figure.grade not in ("ours", "clinic practice"):
            assert any(it.pmid or it.doi for it in figure.citations), figure.of
    assert protocol.grade == max((each.grade for each in protocol.figures), key=GRADES.index)


@pytest.mark.parametrize("goal", ALL_GOALS, ids=lambda goal: goal.name)
def test_what_was_found_against_a_goal_stands_beside_what_was_found_for_it(goal: Goal) -> None:
    results = {each.result for each in goal.studies}
    # For melasma and cellulite we know of no study that looked and found nothing.
    assert "against" in results or goal.name in ("pigmentation", "cellulite")
    assert all(each.identifiers for each in (*goal.cited, *SAFETY))
    assert goal.evidence


def test_the_sources_page_names_every_citation(tmp_path: Path) -> None:
    for goal in ALL_GOALS:
        text = mesoplan_line(tmp_path, f"mesoplan goals {goal.name} --sources").text
        for each in (*goal.cited, *SAFETY):
            assert f"{each.name}. {each.found}\n    {each.identifiers}\n" in text


def test_json_has_the_grade_and_the_citations_of_every_number(tmp_path: Path) -> None:
    (goal,) = json.loads(mesoplan_line(tmp_path, "mesoplan goals wrinkles --json").text)["goals"]
    sessions = goal["protocol"]["figures"]["sessions"]
    assert (sessions["value"], sessions["grade"]) == ("6", "trial")
    assert [each["result"] for each in sessions["citations"]] == ["for", "against"]
    assert sessions["citations"][1]["doi"] == "10.1111/j.1365-4632.2011.05184.x"


def test_a_clinics_protocol_owns_the_numbers_that_it_changes_and_no_others(tmp_path: Path) -> None:
    profile = "[protocols.hair]\nminutes = 45\n[protocols.wrinkles]\nmaintenance_per_year = 1\n"
    (tmp_path / "clinic.toml").write_text(profile)
    line = "mesoplan goals --json --clinic clinic.toml"
    goals = json.loads(mesoplan_line(tmp_path, line).text)["goals"]
    grades = {
        each["goal"]: {of: it["grade"] for of, it in each["protocol"]["figures"].items()}
        for each in goals
    }
    assert grades["hair"]["minutes"] == "the clinic's own"
    assert grades["hair"]["sessions"] == "trial"
    assert grades["wrinkles"]["maintenance"] == "the clinic's own"
    assert "the clinic's own" not in grades["fat"].values()


def test_the_manual_has_the_rules_and_our_own_numbers_as_the_program_does() -> None:
    text = (MANUAL / "rules.md").read_text("utf-8")
    rows = [
        f"| {rule.id} | {rule.name} | {rule.limit} | {rule.section}: {rule.fact} |"
        for rule in ALL_RULES
    ]
    table = "\n".join(["| id | rule | limit | source |", "| --- | --- | --- | --- |", *rows])
    _, begin, rest = text.partition("<!-- rules: begin -->\n")
    assert begin
    assert rest.partition("\n\n<!-- rules: end -->")[0] == table
    assert [f"**{each.days} days.**" for each in OWN_NUMBERS] == [
        line.removeprefix("- ").partition("**")[0] + f"**{line.split('**')[1]}**"
        for line in text.splitlines()
        if line.startswith("- **") and "days." in line.split("**")[1]
    ]


@pytest.mark.parametrize("goal", ALL_GOALS, ids=lambda goal: goal.name)
def test_the_manual_has_the_aim_and_the_areas_of_each_goal(goal: Goal) -> None:
    text = (MANUAL / "treatment.md").read_text("utf-8")
    (row,) = (line for line in text.splitlines() if line.startswith(f"| {goal.name} |"))
    _, _, aim, areas, _ = (cell.strip() for cell in row.split("|"))
    assert goal.purpose.startswith(f"aims at {aim}")
    assert areas == ", ".join(goal.areas)


def test_a_schedule_says_for_which_products_it_is_not(tmp_path: Path) -> None:
    for goal in ("fat", "contouring", "cellulite"):
        outcome = mesoplan_line(tmp_path, f"mesoplan plan {goal} 2027-01-12 --dry-run")
        assert "phosphatidylcholine (lecithin) or deoxycholate" in outcome.text + outcome.error
    outcome = mesoplan_line(tmp_path, "mesoplan plan hair 2027-01-12 --dry-run")
    assert "lecithin" not in outcome.text + outcome.error
