"""`porthor packs`: begin, check, compare and try policy packs, and list those that come with the program."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.policy.schema import Pack

command = typer.Typer(help="Policy packs: begin one, check it, compare two, try its examples.", no_args_is_help=True)


@command.command("new")
def new(
    pack: Annotated[str, typer.Argument(help="The id of the new pack: small letters, figures and _.")],
    name: Annotated[str, typer.Option(help="The organisation's name in English.")],
    name_cy: Annotated[str, typer.Option(help="The organisation's name in Welsh.")],
    source: Annotated[str, typer.Option("--from", help="The built-in pack that is nearest.")] = "wrexham",
    out: Annotated[Path | None, typer.Option(help="Where to write it; `ID.yaml` here if absent.")] = None,
) -> None:
    """Write a new pack that is a copy of a built-in one under its own name, with examples beside it.

    Example: `porthor packs new gwynedd --name "Gwynedd Council" --name-cy "Cyngor Gwynedd" --from wrexham`
    """
    from bot.cli.errors import CommandError
    from bot.service import now_utc
    from models.policy.beginning import begin
    from models.policy.loader import builtin_pack_ids

    if source not in builtin_pack_ids():
        raise CommandError(f"no pack is called {source!r}; use one of {', '.join(sorted(builtin_pack_ids()))}")
    target = out or Path(f"{pack}.yaml")
    examples = target.with_suffix(".examples.yaml")
    for path in (target, examples):
        if path.exists():
            raise CommandError(f"{path}: there is a file already; name another with --out")
    target.write_text(begin(pack, source, name, name_cy, now_utc().date()), "utf-8")
    examples.write_text(_examples_of(source).read_text("utf-8").replace(f"{source}/", f"{pack}/"), "utf-8")
    typer.echo(f"{target}: begun from {source}; put your policy in, then `porthor packs test {target}`")


@command.command("check")
def check(file: Annotated[Path, typer.Argument(help="A pack as YAML.")]) -> None:
    """Check FILE against the form of a pack; every problem is told with its line and field.

    Example: `porthor packs check our-policy.yaml`
    """
    from bot.cli.errors import CommandError
    from models.policy.loader import load_pack

    if not file.is_file():
        raise CommandError(f"{file}: there is no such file; give the path of a pack in YAML")
    pack = load_pack(file)
    typer.echo(f"{file}: the pack {pack.id} {pack.version} is in order: {len(pack.clauses)} clauses")


@command.command("diff")
def diff(
    one: Annotated[str, typer.Argument(help="A pack: a path, or the id of a built-in one.")],
    other: Annotated[str, typer.Argument(help="The pack to compare it with.")],
) -> None:
    """Show what differs between two packs: `-` only in the first, `+` only in the second, `~` changed; status 1 if anything.

    Example: `porthor packs diff wrexham our-policy.yaml`
    """
    from models.policy.differences import differences

    found = list(differences(_pack(one), _pack(other)))
    for line in found:
        typer.echo(line)
    if found:
        raise SystemExit(1)


@command.command("test")
def try_examples(
    pack: Annotated[str, typer.Argument(help="A pack: a path, or the id of a built-in one.")],
    examples: Annotated[Path | None, typer.Argument(help="Its examples; beside the pack if absent.")] = None,
) -> None:
    """Try the examples of a pack; each that comes out otherwise is told, and the exit status is 1.

    Example: `porthor packs test our-policy.yaml`
    """
    from bot.cli.errors import CommandError
    from bot.pack_examples import read_examples, try_all
    from classifiers.registry import Registry
    from classifiers.staff import StaffDirectory

    found = _pack(pack)
    path = examples or _examples_of(pack)
    if not path.is_file():
        raise CommandError(f"{path}: there are no examples; write some beside the pack, or name their file")
    tried = try_all(found, read_examples(path), Registry.default(StaffDirectory.empty()))
    wrong = [entry for entry in tried if entry.problems]
    for entry in wrong:
        typer.echo(f"example {entry.number}, {entry.example.text[:60]!r}: {'; '.join(entry.problems)}")
    typer.echo(f"{len(tried) - len(wrong)} of {len(tried)} examples come out as they should")
    if wrong:
        raise SystemExit(1)


@command.command("schema")
def schema() -> None:
    """Print the form of a pack as JSON Schema, for editors that complete and check YAML.

    Example: `porthor packs schema > pack.schema.json`
    """
    from models.policy.json_schema import text

    typer.echo(text(), nl=False)


@command.command("list")
def list_packs() -> None:
    """List the packs that come with the program.

    Example: `porthor packs list`
    """
    from models.policy.loader import builtin_pack, builtin_pack_ids

    for pack_id in sorted(builtin_pack_ids()):
        pack = builtin_pack(pack_id)
        typer.echo(f"{pack.id:10} {pack.version:12} {len(pack.clauses):4} clauses  {pack.organisation.name.en}")


def _pack(name: str) -> "Pack":
    from bot.cli.errors import CommandError
    from models.policy.loader import builtin_pack, builtin_pack_ids, load_pack

    if name in builtin_pack_ids():
        return builtin_pack(name)
    if not Path(name).is_file():
        known = ", ".join(sorted(builtin_pack_ids()))
        raise CommandError(f"{name}: there is no such file, and no built-in pack is called so; those are {known}")
    return load_pack(Path(name))


def _examples_of(name: str) -> Path:
    """Return where the examples of a pack lie: beside a file, or with the built-in ones."""
    from models.policy.loader import PACKS, builtin_pack_ids

    if name in builtin_pack_ids():
        return PACKS / "examples" / f"{name}.yaml"
    return Path(name).with_suffix(".examples.yaml")
