"""`porthor evaluate`: every quality figure on the development sets in one table."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    data: Annotated[Path, typer.Option(help="The folder with the development sets.")] = Path("../shared/data"),
    json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
    gate: Annotated[bool, typer.Option("--gate", help="Fail when a figure is worse than the one on record.")] = False,
    record: Annotated[bool, typer.Option("--record", help="Put these figures on record.")] = False,
    plots: Annotated[Path | None, typer.Option(help="Draw reliability and precision-recall into this folder.")] = None,
) -> None:
    """Measure quality on messages that no model was trained on, each figure with its 95 % interval and its split.

    `make train` leaves the scores that this needs. With `--gate` the exit status is 1 when a figure fell.

    Examples:
    * `porthor evaluate --gate`

    * `porthor evaluate --record --plots docs/reference/quality`
    """
    from bot.cli.errors import CommandError
    from bot.quality import plots as drawing
    from bot.quality.pages import cards_page, figures_page
    from bot.quality.report import RECORDED, evaluate, fallen, judged_domain, recorded, to_json, to_table

    if not data.is_dir():
        raise CommandError(f"{data}: the development sets are not there; give their folder with --data")
    if plots is not None:
        for path in drawing.draw(judged_domain(data), plots):
            typer.echo(f"… {path}", err=True)
    figures = evaluate(data, lambda step: typer.echo(f"… {step}", err=True))
    typer.echo(to_json(figures) if json else to_table(figures))
    worse = fallen(figures, recorded()) if gate else []
    for sentence in worse:
        typer.echo(f"fell: {sentence}", err=True)
    if record:
        RECORDED.parent.mkdir(parents=True, exist_ok=True)
        RECORDED.write_text(to_json(figures) + "\n", "utf-8")
        (RECORDED.parent / "figures.md").write_text(figures_page(figures), "utf-8")
        (RECORDED.parent / "cards.md").write_text(cards_page(), "utf-8")
    if worse:
        raise SystemExit(1)
