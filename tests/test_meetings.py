"""Weekly times of plans: every session minute by minute, what may not change them, and what must be refused."""

from __future__ import annotations

import json
import zoneinfo
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from bridge import programme_of
from checks import match, said
from grids import daily
from revmatch.errors import InputError, PolicyError, RevmatchError
from revmatch.plan import Slot
from strategies_limits import taken

LONDON, KOLKATA, PARIS = "Europe/London", "Asia/Kolkata", "Europe/Paris"


def person(name: str, available: str, zone: str = LONDON, **more: Any) -> dict[str, Any]:
    return {"id": name, "available": available, "time_zone": zone, **more}


def plan_of(mentors: Any, mentees: Any, *, goals: Any = ("Pairs",), **meetings: Any) -> rm.Plan:
    given = {"start": "2026-03-02", "every": 1, "weeks": 1} | meetings
    return rm.match(rm.Programme(mentors, mentees, rm.Policy(limits=[rm.limits.Meetings(**given)], goals=goals)))


# --- every session, minute by minute ----------------------------------------------------------------------------------


def is_free(moment: datetime, cells: dict[str, Any]) -> bool:
    """Whether somebody is free at a minute, by a reading of ``Mon-Tue 9:30-11; Wed 14-16`` of our own."""
    local = moment.astimezone(zoneinfo.ZoneInfo(cells["time_zone"]))
    for item in filter(None, (one.strip() for one in str(cells.get("away") or "").split(";"))):
        first, _, last = item.partition("..")
        if "T" in first:
            if datetime.fromisoformat(first) <= moment < datetime.fromisoformat(last):
                return False
            continue
        if date.fromisoformat(first) <= local.date() <= date.fromisoformat(last or first):
            return False
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    now = local.hour * 60 + local.minute
    for item in cells["available"].split(";"):
        days, hours = item.strip().split(" ")
        begin, end = ([int(part) for part in (*one.split(":"), "0")[:2]] for one in hours.split("-"))
        some = days.split("-")
        inside = names.index(some[0]) <= local.weekday() <= names.index(some[-1])
        if inside and begin[0] * 60 + begin[1] <= now < end[0] * 60 + end[1]:
            return True
    return False


@pytest.mark.parametrize("seeds", daily(1, [range(24), range(24, 260)]))
def test_every_session_minute_by_minute(seeds: range) -> None:
    """In the hours of both; nobody in two at once; no more at a minute than rooms; on the mentee's clock, fixed."""
    looked_at = 0
    for seed, case in taken("meetings_case", seeds):
        plan = match(case)
        if not plan.found:
            continue
        params = dict(case.limits[0][1])
        cells = {one["id"]: one for one in (*case.mentors, *case.mentees)}
        minutes: dict[datetime, list[rm.plan.Pair]] = {}
        with said(f"meetings_case, {seed}"):
            for pair in plan.pairs:
                slot, zone = pair.slot, zoneinfo.ZoneInfo(cells[pair.mentee]["time_zone"])
                assert slot is not None
                shown = [moment.astimezone(zone) for moment in slot.utc_starts]
                assert {f"{one:%a %H:%M}" for one in shown} == {f"{slot.weekday} {slot.start}"}
                days = [one.replace(tzinfo=None) for one in shown]
                steps = {later - one for one, later in pairwise(days)}
                assert steps <= {timedelta(weeks=params["every"])}
                monday = datetime.fromisoformat(params["start"])
                assert monday <= days[0] < monday + timedelta(weeks=params["every"])
                assert monday + timedelta(weeks=params["weeks"] - params["every"]) <= days[-1] + timedelta(days=7)
                assert (shown[0].hour * 60 + shown[0].minute) % params["grid"] == 0
                for moment in slot.utc_starts:
                    for minute in range(slot.minutes):
                        now = moment + timedelta(minutes=minute)
                        assert is_free(now, cells[pair.mentor])
                        assert is_free(now, cells[pair.mentee])
                        minutes.setdefault(now, []).append(pair)
                        looked_at += 1
            for meeting in minutes.values():
                people = [who for pair in meeting for who in (pair.mentor, pair.mentee)]
                assert len(people) == len(set(people))
                assert len(meeting) <= (params["rooms"] or len(meeting))
    assert looked_at > 1_000


# --- what may not change it -------------------------------------------------------------------------------------------

JUNIORS = [person("a", "Mon-Fri 9-12", capacity=2), person("b", "Tue 14-16"), person("c", "Mon 14-18", KOLKATA)]
LEADERS = [person("x", "Mon-Tue 9-11", capacity=2), person("y", "Tue 14-15; Mon 9-10", capacity=2)]


def times(plan: rm.Plan) -> list[tuple[str, str, str, str, list[timedelta]]]:
    starts = [[moment - plan.pairs[0].slot.utc_starts[0] for moment in pair.slot.utc_starts] for pair in plan.pairs]
    return [
        (pair.mentor, pair.mentee, pair.slot.weekday, pair.slot.start, some)
        for pair, some in zip(plan.pairs, starts, strict=True)
    ]


def test_weeks_in_which_no_clock_changes_are_alike() -> None:
    found = [times(plan_of(JUNIORS, LEADERS, start=start, every=2, weeks=4)) for start in ("2026-05-04", "2026-06-15")]
    assert found[0] == found[1]
    assert len(found[0]) == 4


def test_another_name_of_a_zone_changes_nothing_but_the_name() -> None:
    named = [{**one, "time_zone": one["time_zone"].replace("Asia/Kolkata", "Asia/Calcutta")} for one in JUNIORS]
    assert times(plan_of(named, LEADERS, weeks=4)) == times(plan_of(JUNIORS, LEADERS, weeks=4))


@pytest.mark.parametrize("seeds", daily(1, [range(14), range(14, 200)]))
def test_an_hour_more_never_lowers_the_value(seeds: range) -> None:
    for seed, case in taken("meetings_case", seeds):
        programme = programme_of(case)
        if any(name in ("Stable", "Quota") for name, _ in case.limits) or not case.mentors or not case.mentees:
            continue
        before = match(case)
        more = [dict(one) for one in case.mentees]
        who = more[seed % len(more)]
        who["available"] = f"{who['available']}; Mon-Tue 9-11".removeprefix("; ")
        after = rm.match(programme.replace(mentees=more))
        with said(f"meetings_case, {seed}"):
            less = case.goals[0][0] in ("Balance", "LeastChange")
            if before.found:
                assert after.found
                value, other = after.goals[0].value, before.goals[0].value
                assert value is not None
                assert other is not None
                assert value <= other if less else value >= other


def test_who_is_on_both_sides_is_one_person() -> None:
    """Their two sessions, as a junior and as a leader, are not at the same time."""
    people = [person("a", "Mon 9-10"), person("b", "Mon 9-11"), person("c", "Mon 9-11")]
    policy = rm.Policy(limits=[rm.limits.Meetings("2026-03-02", every=1, weeks=1)], goals=["Pairs"])
    plan = rm.match(rm.Programme(people, people, policy, dual_role=True))
    assert len(plan.pairs) == 2  # a has one hour, and so one pair; b and c meet once, and one of them meets a
    assert rm.verify(plan).ok


@pytest.mark.parametrize(("rooms", "pairs"), [(None, 3), (1, 1), (2, 2)])
def test_stopped_at_once_there_are_the_pairs_that_find_a_time(rooms: int | None, pairs: int) -> None:
    """One hour each: whoever finds it taken leaves the place to another."""
    limit = rm.limits.Meetings("2026-03-02", every=1, weeks=1, rooms=rooms)
    people = [[person(f"{side}{k}", "Mon 9-10", capacity=3) for k in range(3)] for side in ("j", "s")]
    plan = rm.match(rm.Programme(*people, rm.Policy(limits=[limit], goals=["Pairs"])), on_progress=lambda told: False)
    assert (plan.status, plan.stopped_by, len(plan.pairs)) == (rm.Status.FEASIBLE, "callback", pairs)
    assert rm.verify(plan).ok


# --- slots ------------------------------------------------------------------------------------------------------------


def test_a_time_in_words() -> None:
    plan = plan_of([person("a", "Tue 14-16", "America/New_York")], [person("x", "Wed 8-9", "Pacific/Auckland")])
    (pair,) = plan.pairs
    assert str(pair.slot) == "Wednesdays 08:00 in Auckland, Tuesdays 14:00 in New York"
    assert pair.slot == Slot(
        "Wed", "08:00", "Pacific/Auckland", "America/New_York", 60, (datetime(2026, 3, 3, 19, tzinfo=UTC),)
    )
    assert "Tuesdays 14:00 in New York" in plan._repr_html_()
    assert plan.to_frame()["slot"].tolist() == [str(pair.slot)]
    assert [edge[2]["slot"] for edge in plan.to_networkx().edges(data=True)] == [pair.slot]


def test_a_plan_file_holds_the_first_sessions() -> None:
    plan = plan_of(JUNIORS, LEADERS)
    firsts = [pair.slot.utc_starts[0] for pair in plan.pairs]
    assert plan.to_dict()["slots"] == [f"{moment:%Y-%m-%dT%H:%M}" for moment in firsts]  # in London, in March
    again = rm.Plan.from_json(plan.to_json(), plan.programme)
    assert again.pairs == plan.pairs
    for odd, code in (([], "RM211"), (["Monday"] * len(plan.pairs), "RM211"), (None, "")):
        text = plan.to_json().replace(f'"slots":{_json(plan.to_dict()["slots"])}', f'"slots":{_json(odd)}')
        if code:
            with pytest.raises(InputError, match=code):
                rm.Plan.from_json(text, plan.programme)
        else:
            assert not rm.verify(rm.Plan.from_json(text, plan.programme)).ok


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def forged(plan: rm.Plan, *slots: int) -> rm.Plan:
    return replace(plan, slots=np.array(slots, dtype=np.int64), _cache={})


MON_9 = 9 * 60


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ((MON_9 + 60, MON_9 + 150), "cannot meet at their time in every session"),  # until 12:30: out of hours
        ((MON_9, MON_9 + 30), "is in two sessions at once on 2026-03-02"),
        ((MON_9, MON_9 + 45), "cannot meet at their time"),  # not on the grid
        ((MON_9, -1), "expected for each pair a minute of the first 1 weeks"),
        ((MON_9, MON_9 + 7 * 1440), "expected for each pair a minute of the first 1 weeks"),
        ((MON_9,), "expected for each pair a minute of the first 1 weeks"),
    ],
)
def test_other_times_are_refused(slots: tuple[int, ...], words: str) -> None:
    mentors = [person("a", "Mon 9-12"), person("b", "Mon 9-12")]
    plan = plan_of(mentors, [person("x", "Mon 9-12", capacity=2)])
    assert rm.verify(forged(plan, MON_9, MON_9 + 60)).ok
    found = rm.verify(forged(plan, *slots))
    assert not found.ok
    assert any(words in problem.expected for problem in found.problems), found.problems


def test_more_pairs_than_rooms_are_refused() -> None:
    plan = plan_of(
        [person("a", "Mon 9-11"), person("b", "Mon 9-11")], [person("x", "Mon 9-11"), person("y", "Mon 9-11")], rooms=1
    )
    assert rm.verify(forged(plan, MON_9, MON_9 + 60)).ok
    (problem,) = rm.verify(forged(plan, MON_9, MON_9 + 30)).problems
    assert problem.place == "policy.limits[0]"
    assert "2 pairs meet on 2026-03-02 at 09:30 UTC, and there are 1 rooms" in problem.expected


def test_times_without_the_limit_are_refused() -> None:
    plan = rm.match(rm.Programme.from_scores([[1]]))
    assert not rm.verify(replace(plan, slots=np.zeros(1, dtype=np.int64))).ok


# --- what is given ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"start": "2026-03-03"}, "RM180 Meetings.start: expected a Monday"),
        ({"start": None}, "RM180 Meetings.start: expected a date"),
        ({"start": datetime(2026, 3, 2)}, "RM180 Meetings.start: expected a date"),
        ({"weeks": 3}, "RM180 Meetings.weeks: expected at least every=4"),
        ({"weeks": 0}, "RM180 Meetings.weeks"),
        ({"minutes": 1441}, "RM180 Meetings.minutes: expected at most a day"),
        ({"grid": 7}, "RM180 Meetings.grid"),
        ({"rooms": 0}, "RM180 Meetings.rooms"),
    ],
)
def test_fields_that_make_no_sense(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(PolicyError) as caught:
        rm.limits.Meetings(**({"start": "2026-03-02"} | fields))
    assert words in str(caught.value)


def test_one_weekly_time_is_asked_for() -> None:
    with pytest.raises(PolicyError, match="RM165"):
        rm.Policy(limits=[rm.limits.Meetings("2026-03-02"), rm.limits.Meetings("2026-03-09")])


def test_hours_that_cannot_be_read_are_told_with_their_rows() -> None:
    mentors = [person("a", "Mon 9-8"), person("b", "Mon 9-10", "Europe/Londn"), person("c", "24:00-25:00")]
    with pytest.raises(InputError) as caught:
        plan_of(mentors, [person("x", "Mon 9-10")])
    assert [(problem.code, problem.place) for problem in caught.value.problems] == [
        ("RM174", "mentors:1:available"),
        ("RM175", "mentors:3:available"),
        ("RM171", "mentors:2:time_zone"),
    ]


def test_a_pin_without_a_common_time_is_refused() -> None:
    policy = rm.Policy(limits=[rm.limits.Meetings("2026-03-02")])
    with pytest.raises(RevmatchError, match="RM162"):
        rm.Programme([person("a", "Mon 9-10")], [person("x", "Tue 9-10")], policy, pins=[("a", "x")])
