"""The stories of test_course_over_time, told by the plan's file: written, read, changed, undone,
and read again."""

from dataclasses import fields, replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from mesoplan import Plan, Request
from mesoplan.errors import InvalidInput
from mesoplan.formats.plan_file.reading import ReadPlan, plan_in
from mesoplan.formats.plan_file.rewriting import changes_file, rewritten
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.changes import Change
from mesoplan.model.plan import Status
from mesoplan.model.request import CalendarOptions
from mesoplan.planning.replanner import undone
from tests.examples import IN_THE_SUITE, examples
from tests.planning.test_course_over_time import CourseOverTime, requests
from tests.reading import ReadEvent, read

PATH = Path("plan.ics")


def read_back(data: bytes) -> ReadPlan:
    return plan_in([(PATH, data)], lambda: "UTC")


class PlanFileOverTime(CourseOverTime):
    """One patient's plan as it lives in its file."""

    data: bytes
    events: tuple[ReadEvent, ...]
    """What another reader finds in it."""
    former: bytes | None = None
    former_phases: tuple[tuple[int, int], ...] = ()

    @initialize(
        request=requests(), days=st.integers(-10, 60), hour=st.integers(0, 23), utc=st.booleans()
    )
    def begin(self, request: Request, days: int, hour: int, utc: bool = False) -> None:
        super().begin(request, days, hour)
        self.data = calendar_file(self.plan, CalendarOptions(utc=utc), self.now)
        self.events = read(self.data).events
        found = read_back(self.data)
        assert found.assumed == ()
        assert found.plan.sessions == self.plan.sessions
        assert found.plan.maintenance == self.plan.maintenance
        self.plan = found.plan

    @rule()
    def the_last_change_is_undone(self) -> None:
        if self.former is None:
            return
        earlier = read_back(self.former).plan
        try:
            after = undone(self.plan, earlier, self.now)
        except InvalidInput:
            return
        told = [(each.uid, each.start, each.number, each.status) for each in after.active]
        assert told == [(each.uid, each.start, each.number, each.status) for each in earlier.active]
        phases = self.former_phases
        self.follow(self.plan, after)
        self.protocol_phases = phases

    def change(self, change: Change, request: Request | None = None) -> None:
        old = self.plan
        super().change(change, request)
        if self.plan is not old:
            self.follow(old, self.plan)

    def follow(self, old: Plan, new: Plan) -> None:
        """Put the next revision into the file, and read it with more than one reader."""
        opened = read_back(self.data)
        assert _differences(opened.plan, old) == []
        data = rewritten(opened, new, self.now)
        found = read_back(data)
        assert found.assumed == () or new.total_sessions > len(new.sessions)
        differing = _differences(found.plan, new)
        assert differing == [], differing
        events = read(data).events
        assert len({event.uid for event in events}) == len(events)
        standing = {event.uid for event in events if event.texts["status"] != "CANCELLED"}
        assert standing == {session.uid for session in new.active}
        starts = {event.uid: event.start for event in events}
        for session in (*new.active, *new.dropped):
            assert starts[session.uid] == session.start
        before = {event.uid: event for event in self.events}
        for event in events:
            if event.uid in before:
                grown = int(event.texts["sequence"]) - int(before[event.uid].texts["sequence"])
                assert grown >= 0
                assert (_texts(event) == _texts(before[event.uid])) == (grown == 0)
        changed = {each.uid for each in events if _texts(each) != _texts(before.get(each.uid))}
        alone = read(changes_file(opened, new, self.now)).events if changed else ()
        assert {event.uid for event in alone} == changed
        assert all(session.status is not Status.PLANNED for session in new.dropped)
        self.former, self.data, self.plan = self.data, data, found.plan
        self.events = events
        self.former_phases = self.protocol_phases


def _differences(one: Plan, other: Plan) -> list[str]:
    """The fields that differ, so that a failure tells them."""
    return [
        f"{field.name}: {getattr(one, field.name)} / {getattr(other, field.name)}"
        for field in fields(one)
        if field.compare and _comparable(one, field.name) != _comparable(other, field.name)
    ]


def _comparable(plan: Plan, field: str) -> object:
    # The protocol in a file is what is planned now: the goal's own is not kept.
    return replace(plan.request, protocol=None) if field == "request" else getattr(plan, field)


def _texts(event: ReadEvent | None) -> dict[str, str]:
    """What an event says, without its records, which follow the plan."""
    texts = {} if event is None else event.texts
    return {name: text for name, text in texts.items() if not name.startswith("x-appointment")}


PlanFileOverTime.TestCase.settings = settings(
    max_examples=examples(9),
    stateful_step_count=14,
    derandomize=IN_THE_SUITE,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
TestPlanFileOverTime = PlanFileOverTime.TestCase
