"""The version of everything that reads a text: heads, local layer, encoder, normaliser and phrase lists."""

import hashlib
from functools import cache
from pathlib import Path

import classifiers
from classifiers import encoder, linear
from classifiers.registry import Registry

_FOLDER = Path(classifiers.__file__).resolve().parent
_READERS = ("normalise.py", "fold.py", "features.py", "language.py", "lexical.py", "cues.py")


def reading_version(registry: Registry) -> str:
    """Return what a certificate is bound to: `heads+layer/reading`; any change of it lets certificates lapse."""
    heads = linear.load().version
    layer = "" if registry.layer is None else f"+{registry.layer.version}"
    return f"{heads}{layer}/{_readers()}"


@cache
def _readers() -> str:
    """Return a digest of the normaliser, the phrase lists and the encoder where one is in use."""
    files = [_FOLDER / name for name in _READERS]
    files += sorted((_FOLDER / "lexicons").glob("*.tsv"))
    if encoder.load() is not None:
        files += sorted(encoder.ARTEFACTS.glob("encoder*"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]
