"""Runs every measurement, shows the figures as a table or JSON, and holds them against those recorded."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from bot.judging import judge_domain, never_seen
from bot.quality import domain, public
from bot.quality.figures import Figure, share
from bot.scenarios import run_scenarios
from classifiers.staff import StaffDirectory
from classifiers.train import blend, sources

RECORDED = Path(__file__).resolve().parents[2] / "docs" / "reference" / "quality" / "figures.json"
SLACK = 0.003
"""Differences of the last digits between processors are no fall."""


def evaluate(data: Path, told: Callable[[str], None] = lambda _: None) -> list[Figure]:
    """Return all figures; takes some minutes."""
    judged = judged_domain(data)
    told("messages judged")
    figures = [*domain.measure(judged), *public.measure(data, told)]
    return [*figures, scenarios(data)]


def judged_domain(data: Path) -> domain.Domain:
    """Return the domain's messages with signals by models that never saw their writers."""
    listed = data / "domain" / "staff.csv"
    staff = StaffDirectory.from_csv(listed) if listed.is_file() else StaffDirectory.empty()
    return judge_domain(never_seen(sources.domain(data, blend.OWN)), staff, "writer")


def scenarios(data: Path) -> Figure:
    """Return the share of contact histories in which every expectation holds."""
    import numpy as np

    report = run_scenarios(data / "domain" / "scenarios.jsonl", staff=data / "domain" / "staff.csv")
    held = np.array([result.passed for result in report.results])
    return share("contact histories as expected", "scenarios", "rules tuned on them", held)


def to_table(figures: list[Figure]) -> str:
    """Return the figures as a table."""
    lines = [f"{'figure':36} {'on':36} {'split':22} {'value':>6}  95 % interval       n"]
    lines += [
        f"{f.name:36} {f.data:36} {f.split:22} {f.value:6.3f}  {f.low:.3f} to {f.high:.3f}  {f.n:6}" for f in figures
    ]
    return "\n".join(lines)


def to_json(figures: list[Figure]) -> str:
    """Return the figures for machines."""
    return json.dumps([asdict(figure) for figure in figures], indent=1)


def recorded(path: Path = RECORDED) -> list[Figure]:
    """Return the figures on record, none where nothing was recorded."""
    return [Figure(**fields) for fields in json.loads(path.read_text("utf-8"))] if path.is_file() else []


def fallen(now: Iterable[Figure], before: Iterable[Figure]) -> list[str]:
    """Return a sentence for every figure that is worse than on record, or gone."""
    found = {figure.key: figure for figure in now}
    out = []
    for old in before:
        new = found.get(old.key)
        if new is None:
            out.append(f"{old.key}: on record with {old.value:.3f}, not measured now")
            continue
        worse = new.value - old.value if old.lower_is_better else old.value - new.value
        if worse > SLACK:
            out.append(f"{old.key}: {new.value:.3f}, on record {old.value:.3f}")
    return out
