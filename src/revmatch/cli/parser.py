"""What can be typed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from revmatch import __version__

_EXAMPLES = """\
examples:
  revmatch demo
  revmatch check --mentors juniors.csv --mentees leaders.csv --policy policy.toml
  revmatch match --people everybody.csv --mentors-where "grade <= 4" --mentees-where "grade >= 7" \\
                 --policy policy.toml --out programme
  revmatch verify programme/plan.json
  revmatch invite programme/plan.json --out invitations
  revmatch busy everybody.csv calendars --policy policy.toml --out everybody-busy.csv

exit codes: 0 done, 1 internal error, 2 usage, 3 bad input, 4 the hard rules cannot all be met,
5 time limit (the best so far is written), 130 interrupted
"""


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read what was typed.

    Raises
    ------
    SystemExit
        With 0 for help and version, with 2 for what cannot be understood.
    """
    return _parser().parse_args(argv)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="revmatch",
        description="Pairs the junior mentors and senior mentees of a reverse-mentoring programme, "
        "and proves that no better pairing exists.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"revmatch {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    demo = _command(commands, "demo", "pair a built-in demo programme, and write it to a folder to be edited")
    demo.add_argument("--out", metavar="FOLDER", type=_filled, default="demo-programme", help="default: demo-programme")
    demo.add_argument("--force", action="store_true", help="write over files of the folder that you have edited")

    match = _command(commands, "match", "find the best plan, and prove it")
    _people(match)
    _decided(match)
    _solving(match)
    _output(match)

    check = _command(commands, "check", "say what the rules leave over, before anything is solved")
    _people(check)
    _decided(check)

    verify = _command(commands, "verify", "check a plan independently: exit 0 only if everything holds")
    verify.add_argument("plan", metavar="PLAN.json", type=_filled, help="written by match")
    _people_again(verify)

    invite = _command(commands, "invite", "write a calendar file for each pair of a plan with weekly times")
    invite.add_argument("plan", metavar="PLAN.json", type=_filled, help="written by match")
    invite.add_argument(
        "--out",
        metavar="FOLDER",
        type=_filled,
        required=True,
        help="earlier invitations there are updated, or cancelled",
    )
    invite.add_argument(
        "--email", metavar="COLUMN", type=_filled, help="of everybody's e-mail address: both are invited"
    )
    invite.add_argument("--organiser", metavar="ADDRESS", type=_filled, help="e-mail address of who invites")
    _people_again(invite)
    _busy(_command(commands, "busy", "write a roster with the busy times of everybody's calendars in it"))
    return parser


def _busy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("people", metavar="PEOPLE.csv", type=_filled, help="the roster; it is not changed")
    parser.add_argument(
        "calendars",
        metavar="CALENDARS",
        nargs="+",
        type=_filled,
        help="a folder, files OWNER.ics, or .json: answers of Microsoft Graph's getSchedule or Google's freeBusy",
    )
    parser.add_argument(
        "--policy", metavar="FILE", type=_filled, required=True, help="its Meetings say which weeks are asked of"
    )
    parser.add_argument(
        "--by", metavar="COLUMN", type=_filled, default="id", help="by which calendars call people, such as mail"
    )
    parser.add_argument(
        "--unknown", choices=("refuse", "allow"), default="refuse", help="calendars of people who are not in the roster"
    )
    parser.add_argument(
        "--plan", metavar="PLAN.json", type=_filled, help="an earlier plan, whose sessions do not count as busy"
    )
    parser.add_argument("--out", metavar="FILE", type=_filled, required=True, help="the roster to write")
    _csv(parser)


def _people_again(parser: argparse.ArgumentParser) -> None:
    where = parser.add_argument_group("people, if they are no longer where the plan says")
    for name in ("people", "mentors", "mentees", "organisation"):
        where.add_argument(f"--{name}", metavar="FILE", type=_filled)


def _filled(value: str) -> str:
    """An empty value is a slip, such as a shell variable that was never set."""
    if not value.strip():
        raise argparse.ArgumentTypeError("expected a value, found nothing")
    return value


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, said: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=said, description=f"{said[0].upper()}{said[1:]}.", allow_abbrev=False)
    parser.add_argument("--debug", action="store_true", help="show where an internal error happened")
    return parser


def _people(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("people: one file and two selections, or a file for each side")
    group.add_argument("--people", metavar="FILE", type=_filled, help="everybody, as CSV")
    group.add_argument(
        "--mentors-where", metavar="EXPRESSION", type=_filled, help='such as "grade <= 4 and hired >= 2008"'
    )
    group.add_argument("--mentees-where", metavar="EXPRESSION", type=_filled, help='such as "grade >= 7"')
    group.add_argument("--mentors", metavar="FILE", type=_filled, help="the junior side, as CSV")
    group.add_argument("--mentees", metavar="FILE", type=_filled, help="the senior side, as CSV")
    group.add_argument(
        "--organisation", metavar="FILE", type=_filled, help="everybody, for the reporting lines and missing columns"
    )
    group.add_argument("--dual-role", action="store_true", help="one person may be on both sides")
    group.add_argument(
        "--unknown-manager", choices=("refuse", "allow"), default="refuse", help="managers who are in no file"
    )


def _decided(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is asked, and what is decided already")
    group.add_argument("--policy", metavar="FILE", type=_filled, required=True, help="policy.toml or policy.json")
    group.add_argument("--pin", metavar="MENTOR=MENTEE", action="append", default=[], help="a pair that must be there")
    group.add_argument("--ban", metavar="MENTOR=MENTEE", action="append", default=[], help="a pair that must not")
    group.add_argument(
        "--pins", metavar="FILE", type=_filled, help="CSV: mentor, mentee; despite, reason where a rule forbids"
    )
    group.add_argument("--bans", metavar="FILE", type=_filled, help="CSV: mentor, mentee")
    group.add_argument(
        "--history", metavar="FILE", type=_filled, help="CSV: mentor, mentee; such as last year's pairs.csv"
    )
    group.add_argument(
        "--previous",
        metavar="FILE",
        type=_filled,
        help="CSV: mentor, mentee; the plan before, for the goal LeastChange",
    )


def _solving(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("solving")
    group.add_argument("--time-limit", metavar="SECONDS", type=float, help="then the best plan so far is written")
    group.add_argument("--gap", metavar="SHARE", type=float, default=0.0, help="be content with this relative gap")
    group.add_argument("--seed", type=int, default=0, help="of the lot that decides ties")
    group.add_argument("--workers", type=int, help="threads for looking at pairs; does not change the plan")


def _output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument(
        "--out",
        metavar="PATH",
        type=_filled,
        help="x.csv: the pairs; any other: a folder; -: the pairs, to standard output",
    )
    group.add_argument("--json", metavar="FILE", type=_filled, help="the plan with its proof")
    group.add_argument("--show", metavar="COLUMN", action="append", default=[], help="show this too, such as name")
    _csv(group)


def _csv(group: argparse._ActionsContainer) -> None:
    group.add_argument(
        "--delimiter", choices=(",", ";", "tab", "|"), default=",", metavar="MARK", help="between cells: , ; tab or |"
    )
    group.add_argument("--bom", action="store_true", help="begin CSV files with a byte order mark, for spreadsheets")
    group.add_argument("--force", action="store_true", help="write over files that are not earlier outputs")
