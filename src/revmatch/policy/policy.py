"""The policy of a programme: rules, score, limits and goals, as one frozen object that reads like a page.

A policy round-trips through TOML and JSON, in two spellings that mean the same: sentences
(``rules = ["GradeGap(at_least=2)"]``) and tables (``[[rules]]``).
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Self

from revmatch.errors import InputError, PolicyError, Problem, Problems, did_you_mean
from revmatch.given import as_list
from revmatch.people.series import Rhythm
from revmatch.policy.declaration import Declaration, join_words
from revmatch.policy.goals import Coverage, Goal, Pairs, TotalScore, WorstOff
from revmatch.policy.limits import Circles, EveryoneMatched, Limit, Meetings
from revmatch.policy.rules import CommonHours, DifferentDepartment, GradeGap, OutsideReportingLine, Rule
from revmatch.policy.score import SkillGap
from revmatch.policy.sides import Side
from revmatch.policy.term import Score, Term
from revmatch.policy.written import read_declaration, read_score

#: Columns that nobody uses by accident: they must be declared in ``sensitive=`` first.
PROTECTED = frozenset(
    {
        "age", "birthdate", "birthday", "caste", "colour_of_skin", "date_of_birth", "disability", "disabled", "dob",
        "ethnic_group", "ethnicity", "faith", "gender", "gender_identity", "genetic_information", "health",
        "hiv_status", "immigration_status", "lgbt", "lgbtq", "marital_status", "maternity", "national_origin",
        "nationality", "neurodiversity", "parental_status", "political_opinion", "pregnancy", "pregnant", "pronouns",
        "race", "religion", "sex", "sexual_orientation", "sexuality", "skin_color", "trade_union_membership",
        "transgender", "union_member", "veteran_status",
    }
)  # fmt: skip
#: Reading TOML takes time that grows with the square of the text.
LONGEST_TEXT = 120_000
NOTHING = Score()
_KEYS = ("goals", "rules", "score", "limits", "order", "sensitive", "show", "without")


@dataclass(frozen=True, slots=True, repr=False)
class Policy:
    """What a programme asks for.

    Parameters
    ----------
    rules : iterable of Rule, str or mapping
        Which pairs may exist.
    score : Score, Term, str or list of mappings, optional
        What a pair is worth; nothing means 0.
    limits : iterable of Limit, str or mapping
        What a plan must satisfy.
    goals : iterable of Goal, str or mapping
        What is pursued, in strict order: ``Coverage, Pairs, TotalScore`` by default.
    order : mapping of str to list of str
        For a column of labels, the labels, most junior first.
    sensitive : mapping of str to str
        Protected columns that may be used, each with the reason and by whose consent.
    show : iterable of str
        Further columns that outputs may show.
    without : iterable of str
        Protecting rules of `reverse_mentoring` that were left out on purpose; plans say so.

    Raises
    ------
    PolicyError
        RM123, RM135, RM136, RM180 for what cannot be read, RM165 for two different `Circles` or `Meetings`, RM200 for a
        protected column that is not declared, RM220 for goals that make no sense.

    Examples
    --------
    >>> rules = ["DifferentDepartment", "GradeGap(at_least=2)"]
    >>> print(Policy(rules, "5 * SkillGap", goals=["Pairs", "TotalScore"]))
    Two people may meet only if they work in different departments and the mentee is at least 2 grades above the mentor.
    A pair is worth 5 points for each level the mentor can close between what the mentee has and wants.
    Pursued in this order: as many pairs as possible; then the highest total score.
    """

    rules: tuple[Rule, ...] = ()
    score: Score = NOTHING
    limits: tuple[Limit, ...] = ()
    goals: tuple[Goal, ...] = (Coverage(), Pairs(), TotalScore())
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sensitive: Mapping[str, str] = field(default_factory=dict)
    show: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __init__(
        self,
        rules: Iterable[Any] = (),
        score: Any = None,
        limits: Iterable[Any] = (),
        goals: Iterable[Any] = (Coverage(), Pairs(), TotalScore()),
        order: Mapping[str, Iterable[str]] | None = None,
        sensitive: Mapping[str, str] | None = None,
        show: Iterable[str] = (),
        without: Iterable[str] = (),
    ) -> None:
        problems = Problems()

        def put(name: str, value: Any) -> None:
            object.__setattr__(self, name, value)

        put("rules", _read_all(Rule, rules, "rules", problems))
        before = len(problems)
        put("limits", _read_all(Limit, limits, "limits", problems))
        put("goals", _read_all(Goal, goals, "goals", problems))
        complete = len(problems) == before  # else what is missing may be what could not be read
        try:
            put("score", read_score(score, "policy.score"))
        except (PolicyError, InputError) as error:
            put("score", NOTHING)
            problems.extend(error)
        put("order", MappingProxyType(_read_order({} if order is None else order, problems)))
        put("sensitive", MappingProxyType(_read_sensitive({} if sensitive is None else sensitive, problems)))
        put("show", _read_words(show, "show", problems))
        put("without", _read_words(without, "without", problems))
        if complete:
            self._check_goals(problems)
        self._check_repeats(problems)
        self._check_protected(problems)
        problems.raise_as(PolicyError)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(_thawed(getattr(self, f.name)) for f in dataclasses.fields(self))

    # -- what it uses ---------------------------------------------------------------------------------------------

    def all_rules(self) -> tuple[Rule, ...]:
        """The rules, and those that limits imply, each once."""
        implied = [rule for limit in self.limits for rule in limit.rules()]
        return tuple(dict.fromkeys([*self.rules, *implied]))

    def rhythms(self) -> tuple[Rhythm, ...]:
        """How meetings come, where they have dates."""
        hours = (rule for rule in self.all_rules() if isinstance(rule, CommonHours))
        return tuple(rule.rhythm for rule in hours if rule.rhythm is not None)

    def meeting_weeks(self) -> tuple[date, date] | None:
        """The first day of the weeks in which meetings lie, and the day after the last; None if they have no dates."""
        rhythms = self.rhythms()
        if not rhythms:
            return None
        return min(one.start for one in rhythms), max(one.start + timedelta(weeks=one.weeks) for one in rhythms)

    def columns(self) -> dict[Side, dict[str, Declaration]]:
        """Columns that each side must have, each with the first declaration that asks for it."""
        used: dict[Side, dict[str, Declaration]] = {"mentor": {}, "mentee": {}}
        for rule in self.rules:
            for side in used.values():
                for column in rule.columns:
                    side.setdefault(column, rule)
        further: list[Term | Limit | Goal] = [*(term for _, term in self.score.terms), *self.limits, *self.goals]
        for one in further:
            for name, columns in one.columns().items():
                for column in columns:
                    used[name].setdefault(column, one)
        return used

    # -- the recommended start ------------------------------------------------------------------------------------

    @classmethod
    def reverse_mentoring(cls, without: Iterable[str] = ()) -> Self:
        """Return the recommended start.

        Different departments, outside the reporting line, a grade apart, an hour a week in common, each leader's
        declared needs weighing the same, and the default goals.

        Parameters
        ----------
        without : iterable of str
            Names of rules to leave out. Plans made with the policy say so.

        Raises
        ------
        PolicyError
            RM135 for a name that is not among its rules.
        """
        rules = (DifferentDepartment(), OutsideReportingLine(head_levels=2), GradeGap(1), CommonHours(60))
        names = [rule.name for rule in rules]
        without = tuple(without)
        for name in without:
            if name not in names:
                hint = did_you_mean(name, names)
                raise PolicyError(Problem("RM135", "without", f"the policy has no rule '{name}'", hint))
        return cls([rule for rule in rules if rule.name not in without], SkillGap(per="need"), without=without)

    def replace(self, **changes: Any) -> Self:
        """Return the same policy with some parts changed; unknown parts are refused."""
        return type(self)(**{**{f.name: getattr(self, f.name) for f in dataclasses.fields(self)}, **_known(changes)})

    # -- words ----------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        lines = []
        if self.rules:
            lines.append(f"Two people may meet only if {join_words([rule.words() for rule in self.rules])}.")
        if self.without:
            lines.append(f"Left out on purpose: {join_words(list(self.without))}.")
        lines += [f"{limit.words()}." for limit in self.limits]
        if self.score.terms:
            parts = [f"{weight} point{'s' * (weight != 1)} for {term.words()}" for weight, term in self.score.terms]
            lines.append(f"A pair is worth {join_words(parts)}.")
        if self.goals:
            lines.append(f"Pursued in this order: {'; then '.join(goal.words() for goal in self.goals)}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        parts = {"rules": self.rules, "score": self.score, "limits": self.limits, "goals": self.goals}
        said = [
            f"{name}=[{', '.join(map(str, part))}]" if isinstance(part, tuple) else f"{name}={part}"
            for name, part in parts.items()
            if str(part) not in ("()", "0")
        ]
        return f"Policy({', '.join(said)})"

    # -- files ----------------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Plain shape of the policy, as TOML and JSON hold it: sentences where a sentence says it all."""
        for _, term in self.score.terms:
            term.to_dict()  # a Table refuses here, by name
        found: dict[str, Any] = {"goals": [str(goal) for goal in self.goals]}
        found |= {"rules": [str(rule) for rule in self.rules], "score": str(self.score)}
        found |= {"limits": [str(limit) for limit in self.limits]} if self.limits else {}
        found |= {"show": list(self.show)} if self.show else {}
        found |= {"without": list(self.without)} if self.without else {}
        found |= {"order": {column: list(labels) for column, labels in self.order.items()}} if self.order else {}
        found |= {"sensitive": dict(self.sensitive)} if self.sensitive else {}
        return found

    def to_toml(self) -> str:
        """TOML text; `from_toml` gives the same policy back."""
        import tomli_w

        sentences = ("goals", "rules", "score", "limits")
        parts = self.to_dict().items()
        return tomli_w.dumps({key: _in_single_quotes(value) if key in sentences else value for key, value in parts})

    def to_json(self) -> str:
        """JSON text; `from_json` gives the same policy back."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @classmethod
    def from_dict(cls, data: object, place: str = "policy") -> Self:
        """Policy from its plain shape.

        Raises
        ------
        PolicyError
            RM135 for unknown keys, and what `Policy` raises.
        """
        if not isinstance(data, Mapping):
            raise PolicyError(Problem("RM211", place, "expected a table with rules, score, limits and goals"))
        return cls(**_known(data, place))

    @classmethod
    def from_toml(cls, text: str, place: str = "policy") -> Self:
        """Policy from TOML text.

        Raises
        ------
        PolicyError
            RM127 for nesting or numbers without end, RM211 for text that is not TOML, and what `from_dict` raises.
        """
        if not isinstance(text, str):
            raise PolicyError(Problem("RM211", place, f"expected TOML text, found {type(text).__name__}"))
        if len(text) > LONGEST_TEXT:
            what = f"a policy has at most {LONGEST_TEXT:,} characters"
            raise PolicyError(Problem("RM191", place, what, "is this the right file?"))
        try:
            data = tomllib.loads(text.removeprefix("\ufeff"))
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(Problem("RM211", place, f"this is not TOML: {_short(error)}")) from None
        except RecursionError:
            raise PolicyError(
                Problem("RM127", place, "nested too deeply", "see Policy.to_toml for the shape")
            ) from None
        except ValueError:  # Python reads no whole number of more than 4,300 digits
            raise PolicyError(Problem("RM127", place, "a number is too long", "at most 18 digits")) from None
        return cls.from_dict(data, place)

    @classmethod
    def from_json(cls, text: str, place: str = "policy") -> Self:
        """Policy from JSON text.

        Raises
        ------
        PolicyError
            RM211 for text that is not JSON, RM123 for a key given twice, and what `from_dict` raises.
        """
        from revmatch.strict_json import loads

        return cls.from_dict(loads(text, place, error=PolicyError), place)

    # -- checks ---------------------------------------------------------------------------------------------------

    def _check_goals(self, problems: Problems) -> None:
        names = [str(goal) for goal in self.goals]
        if not names:
            problems.add("RM220", "policy.goals", "expected at least one goal", 'such as "Pairs"')
        for name in sorted({name for name in names if names.count(name) > 1}):
            problems.add("RM220", "policy.goals", f"{name} is there twice", "each goal once, in strict order")
        everyone = any(isinstance(limit, EveryoneMatched) for limit in self.limits)
        for k, goal in enumerate(self.goals):
            if (
                isinstance(goal, WorstOff)
                and not everyone
                and not any(isinstance(g, Coverage | Pairs) for g in self.goals[:k])
            ):
                what = "WorstOff alone would rather match nobody"
                problems.add(
                    "RM220", f"policy.goals[{k}]", what, "put Coverage or Pairs before it, or limit EveryoneMatched"
                )

    def _check_repeats(self, problems: Problems) -> None:
        for family, items in (("rules", self.rules), ("limits", self.limits)):
            if len(set(items)) < len(items):
                problems.add("RM135", f"policy.{family}", "the same line is there twice", "remove one")
        for kind, what in (
            (Circles, "circles have one smallest and one largest size"),
            (Meetings, "every pair has one weekly time"),
        ):
            at = [k for k, limit in enumerate(self.limits) if isinstance(limit, kind)]
            if len({self.limits[k] for k in at}) > 1:
                problems.add("RM165", " and ".join(f"policy.limits[{k}]" for k in at), what, "keep one of them")

    def _check_protected(self, problems: Problems) -> None:
        declared = {column.casefold() for column in self.sensitive}
        used = {column: user for side in self.columns().values() for column, user in side.items()}
        for column, user in sorted(used.items()):
            key = column.strip().casefold()
            if key.replace(" ", "_").replace("-", "_") in PROTECTED and key not in declared:
                hint = f'declare it: sensitive={{"{column}": "why, and by whose consent"}}'
                problems.add("RM200", f"policy, {user}", f'"{column}" is a protected attribute', hint)
        for column in self.show:
            key = column.strip().casefold()
            if key in declared or key.replace(" ", "_").replace("-", "_") in PROTECTED:
                problems.add("RM200", "policy.show", f'"{column}" is protected and never shown', "take it out of show=")


def _thawed(value: Any) -> Any:
    """Mapping proxies cannot be pickled: a plain dict can."""
    return dict(value) if isinstance(value, MappingProxyType) else value


def _known(data: Mapping[str, Any], place: str = "policy") -> dict[str, Any]:
    problems = Problems()
    for key in data:
        if key not in _KEYS:
            problems.add("RM135", f"{place}.{key}", "this is no part of a policy", did_you_mean(str(key), _KEYS))
    problems.raise_as(PolicyError)
    return dict(data)


def _read_all(kind: type[Any], items: Any, name: str, problems: Problems) -> tuple[Any, ...]:
    listed = as_list(items)
    if listed is None:
        problems.add("RM135", f"policy.{name}", f"expected a list of {name}")
        return ()
    found = []
    for k, item in enumerate(listed):
        try:
            found.append(read_declaration(kind, item, f"policy.{name}[{k}]"))
        except PolicyError as error:
            problems.extend(error)
    return tuple(found)


def _read_words(items: Any, name: str, problems: Problems) -> tuple[str, ...]:
    words = as_list(items)
    if words is None or not all(isinstance(word, str) and word for word in words):
        problems.add("RM135", f"policy.{name}", "expected a list of words")
        return ()
    return tuple(str(word) for word in words)


def _read_order(order: Any, problems: Problems) -> dict[str, tuple[str, ...]]:
    found = {}
    for column, labels in order.items() if isinstance(order, Mapping) else [("", None)]:
        labels = tuple(as_list(labels) or ())
        if not labels or not all(isinstance(x, str) for x in labels) or len(set(labels)) < len(labels):
            problems.add("RM137", f"policy.order.{column}", "expected a list of labels, each once, most junior first")
        found[str(column)] = labels
    return found


def _read_sensitive(sensitive: Any, problems: Problems) -> dict[str, str]:
    found = {}
    for column, reason in sensitive.items() if isinstance(sensitive, Mapping) else [("", None)]:
        if not isinstance(reason, str) or not reason.strip():
            problems.add("RM200", f"policy.sensitive.{column}", "expected a reason: why, and by whose consent")
        found[str(column)] = str(reason)
    return found


def _in_single_quotes(value: Any) -> Any:
    """Sentences with quotes that need no backslash in TOML; other values as they are."""
    if isinstance(value, list):
        return [_in_single_quotes(item) for item in value]
    return value if {"'", "\\"} & set(value) else value.replace('"', "'")


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
