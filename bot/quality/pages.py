"""Writes the figures on record and the cards of the trained artefacts as pages of the reference."""

import json
from collections.abc import Sequence
from pathlib import Path

from bot.certify import to_table
from bot.quality.figures import Figure

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "classifiers" / "artefacts"


def figures_page(figures: Sequence[Figure]) -> str:
    """Return every figure on record as a table."""
    lines = [
        "# Figures on record",
        "",
        "Written by `porthor evaluate --record`; `porthor evaluate --gate` fails when one falls. Intervals are 95 %. *Writer never seen*: the linear",
        "heads were trained without anything by the message's writer, the encoder without any of these messages. Rates of wrong actions and needless looks are better low.",
        "",
        "| figure | on | split | value | 95 % interval | n |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {f.name} | {f.data} | {f.split} | {f.value:.3f} | {f.low:.3f} to {f.high:.3f} | {f.n} |" for f in figures
    ]
    pictures = ["reliability.png", "precision_recall.png", "languages.png", "learning_curve.png"]
    lines += ["", *(f"![{name.removesuffix('.png').replace('_', ' ')}]({name})" for name in pictures)]
    return "\n".join(lines) + "\n"


def cards_page(artefacts: Path = ARTEFACTS) -> str:
    """Return the cards of what was trained: the data, the seed, the split, the band and the certificate."""
    linear = json.loads((artefacts / "linear.json").read_text("utf-8"))
    certificate = json.loads((artefacts / "certificate.json").read_text("utf-8"))
    sets = sorted({name for names in linear["sets"].values() for name in names})
    lines = [
        "# Model cards",
        "",
        "## Linear heads",
        "",
        "- **What for**: a first, fast probability for every label of the register, for messages to public bodies in English and Welsh, and posts at large.",
        "- **Not for**: judging a person, or anything but the message at hand; nothing is decided on a probability alone (see [decisions](../../decisions/README.md)).",
        f"- **Version** {linear['version']}, made {linear['made']}, seed {linear['seed']}; {len(linear['base'])} base heads, {len(linear['labels'])} outputs.",
        f"- **Trained on** {linear['domain_rows']} messages to public bodies, invented for this project, and on parts of the public sets {', '.join(sets)}, each under the licence its source names.",
        f"- **Public rows**: {', '.join(f'{name} {count}' for name, count in linear['public_rows'].items())}.",
        f"- **Split**: {linear['split']}.",
        "- **Known limits**: public sets are American and years old; sarcasm and veiled threats are seen least; invented messages are not the real flood. Welsh has not been checked by a native speaker.",
    ]
    path = artefacts / "encoder.json"
    if path.is_file():
        card = json.loads(path.read_text("utf-8"))
        band = card["band"]
        lines += [
            "",
            "## Encoder",
            "",
            "- **What for**: a second look at what lies in the band; it is never asked of the rest, and without it the band goes to people with the first probability.",
            "- **Made from** MiniLM (six layers, MIT), fine-tuned on the same sources less two writers' messages and one contrast set in eight, which weigh and judge it; int8, run by onnxruntime.",
            f"- **Band**: posts whose log-odds of being a message to a public body, plus those that something is wrong with them where they are under even, come to {band['post']}: nearly all that are ours to judge, and 2 % of ordinary posts; mails from a probability of {band['mail']} that something is wrong on: 2 % of ordinary mails.",
            f"- **Labels it speaks to**: {', '.join(card['blend']['labels'])}.",
        ]
    lines += ["", "## Reference certificate", "", "```", to_table(certificate), "```"]
    return "\n".join(lines) + "\n"
