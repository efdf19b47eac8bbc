"""What is printed: a head for each case, and one line for each peer at each size."""

from __future__ import annotations

from harness.registry import Bar, Case
from harness.results import Row


def head(case: Case, *, whole: bool = False) -> str:
    """Name and sentence of a case; whole: what is timed, sizes, peers and bars too."""
    text = f"{case.name}: {case.work}"
    if not whole:
        return text
    sizes = ", ".join(f"{size}{' (full)' if size.full else ''}" for size in case.sizes)
    peers = ", ".join(peer.name for peer in case.peers) or "none"
    asked = "; ".join(bars(case)) or "none"
    return "\n".join([text, f"  timed: {case.timed}", f"  sizes: {sizes}", f"  peers: {peers}", f"  bars: {asked}"])


def line(case: Case, row: Row) -> str:
    """One line: the ratio with its spread, seconds and memory of both, whether the answers agree, and the bars."""
    times = seconds(row.our_seconds) + (f" against {seconds(row.peer_seconds)}" if row.peer else "")
    compared = f"{ratio(case, row)}, {times}" if row.ratio_median else times
    parts = [f"  {row.size}{f' | {row.peer}' if row.peer else ''}: {compared}"]
    parts.append(f"memory {mib(row.our_mib)}{f' against {mib(row.peer_mib)}' if row.peer else ''}")
    parts += [
        f"{who}: {end}" for who, end in (("ours", row.our_end), ("peer", row.peer_end)) if end not in ("proven", "")
    ]
    if row.note:
        parts.append(row.note)
    return "; ".join([*parts, *(f"bar {words}" for words in verdicts(case, row))])


def ratio(case: Case | None, row: Row) -> str:
    """How many times as fast we are, with the spread; or our time in the peer's unit."""
    values = (row.ratio_median, row.ratio_min, row.ratio_max)
    unit = _unit(case, row.peer)
    if None in values:
        return ""
    middle, least, most = ((value or 0.0) for value in values)
    if unit:
        middle, least, most = 1 / middle, 1 / most, 1 / least
    ended = row.peer_end == "limit" or (row.peer_end == "no proof" and row.our_end == "proven")
    bound = ("at most " if unit else "at least ") if ended else ""
    return f"{bound}{_number(middle)} ({_number(least)}..{_number(most)}) {unit or 'times as fast'}"


def bars(case: Case) -> list[str]:
    """What is asked of a case, in words."""
    return [_asked(case, bar) + (f" from {bar.pairs:,} pairs on" if bar.pairs else "") for bar in case.bars]


def verdicts(case: Case | None, row: Row) -> list[str]:
    """For each bar that this row can be held against: met or missed."""
    found = []
    for bar in case.bars if case else ():
        value = bar.measured(row)
        if not bar.asked_of(row) or (value is None and row.our_end != "failed"):
            continue
        met = "met" if value is not None and row.our_end != "failed" and bar.met(value) else "MISSED"
        found.append(f"{_asked(case, bar)}: {met}" + (f" ({value:.2g})" if value and bar.of == "share" else ""))
    return found


def _asked(case: Case | None, bar: Bar) -> str:
    if bar.of == "speed":
        return f"at least {bar.limit:g} times as fast as {bar.peer}"
    if bar.of == "units":
        return f"at most {bar.limit:g} {_unit(case, bar.peer)}"
    if bar.of == "share":
        return f"at most {bar.limit:g} of the memory of {bar.peer}"
    return f"at most {bar.limit:,.0f} MiB" if bar.of == "mib" else f"at most {1000 * bar.limit:g} ms"


def _unit(case: Case | None, peer: str) -> str:
    return next((one.unit for one in case.peers if one.name == peer), "") if case else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def seconds(value: float | None) -> str:
    """A time, in the unit that reads best."""
    if value is None:
        return "-"
    return f"{_number(value)} s" if value >= 1 else f"{1000 * value:.3g} ms"


def mib(value: float | None) -> str:
    """An amount of memory."""
    return "-" if value is None else f"{value:,.0f} MiB"
