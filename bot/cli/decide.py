"""`porthor decide`: show how a stored message was decided."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    explain: Annotated[
        int, typer.Option("--explain", help="The number of a message, as the page and this command name it.")
    ],
    data_dir: Annotated[Path | None, typer.Option(help="Where the store lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Explain one decision: its signals against their thresholds, its clauses, and the rules that shaped it.

    Example: `porthor decide --explain 42`
    """
    from bot.cli.errors import CommandError
    from bot.settings import load
    from models.session import open_store, reading
    from models.store import cards

    engine = open_store(load(os.environ, data_dir).database_url)
    with reading(engine) as database:
        found = cards.item(database, explain)
    if found is None:
        raise CommandError(f"there is no decided message number {explain}; the page shows the numbers")
    for line in _lines(found):
        typer.echo(line)


def _lines(item: Any) -> list[str]:
    from bot.policies import policy_of
    from models.domain import Channel, Mode
    from models.policy.rules import RULES

    decision, message = item.decision, item.message
    group = Channel(message["channel"]).group
    policy = policy_of(decision["pack_id"], Mode(decision["mode"]))
    lines = [
        f"message {message['id']}: {message['channel']} from {message['author'] or 'unknown'}, {message['received_at']:%Y-%m-%d %H:%M} UTC",
        f"decision: {decision['handling']}, actions {', '.join(decision['actions']) or 'none'}; {decision['why_en']}",
        f"penderfyniad: {decision['why_cy']}",
        f"pack {decision['pack_id']} {decision['pack_version']}, mode {decision['mode']}, certificate {decision['certificate_id'] or 'none'}",
        "signals (probability; looked at from; acted on from):",
    ]
    for hit in item.signals:
        act = policy.act_at(hit["label"], group)
        shown = f"{act:.2f}" if act is not None else "never"
        lines.append(
            f"  {hit['label']:32} {hit['probability']:.2f}; {policy.review_at(hit['label'], group):.2f}; {shown}  {hit['classifier']} {hit['version']} {hit['note']}".rstrip()
        )
    texts = {clause.id: clause.text.en for clause in policy.pack.clauses}
    lines += [f"clause {clause}: {texts.get(clause, '')}" for clause in decision["clauses"]]
    lines += [f"rule {rule}: {RULES.get(rule, '')}" for rule in decision["rules"]]
    lines += [f"missing: {name} did not answer" for name in decision["missing"]]
    return lines
