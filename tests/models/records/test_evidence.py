"""The evidence pack: whole, the same twice, of one person only, and any changed byte is found."""

import io
import json
import random
import zipfile
from dataclasses import replace

import pytest

from bot.intake import take_in
from models.domain import Author, Channel, VerdictKind
from models.policy.loader import builtin_pack
from models.records.evidence import packing, signing
from models.records.evidence.custody import custody_of
from models.records.evidence.gather import NoSuchCase, gather
from models.records.evidence.verifying import verify
from models.records.visible import visible
from models.session import reading, writing
from models.store import audit
from models.tables import case
from tests.fakes.world import ABUSE, KEY, World

PSOW = builtin_pack("psow")
KEYS = packing.Keys(KEY, b"e" * 32)


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def filled(world):
    """One person's abusive thread with another's posts in it; return the case of the first."""
    thread = {"thread": "t1"}
    mine = [
        replace(world.message(n, f"{ABUSE} {n} 🖕\u202e"), author=Author("vile", "Vile Person"), **thread) for n in "12"
    ]
    other = replace(world.message("3", ABUSE), author=Author("bystander", "Other Body"), **thread)
    world.put(*mine, other)
    edited = replace(mine[0], own_text=f"{ABUSE} edited")
    world.clock.forward(minutes=5)
    world.put(edited)
    world.act()
    world.clock.forward(minutes=5)
    world.judge(VerdictKind.ENFORCE)
    with reading(world.engine) as database:
        (first, second) = database.execute(case.select().order_by(case.c.id)).all()
        assert gather(database, first.id).name == "Vile Person"
        assert gather(database, second.id).name == "Other Body"
        return first.id


def packed(world, case_id):
    with writing(world.engine) as database:
        return packing.make(database, KEYS, PSOW, case_id, "nia", world.clock())


def files_of(made):
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_pack_holds_every_version_its_times_and_its_custody(world):
    files = files_of(packed(world, filled(world)))
    assert files["exhibits/001/original-v1.txt"].startswith(b"1:")
    assert b"edited" in files["exhibits/001/original-v2.txt"]
    assert files["exhibits/001/rendering-v2.png"].startswith(b"\x89PNG")
    record = json.loads(files["exhibits/001/record.json"])
    assert record["times"]["received"] == {
        "utc": "2026-03-10T10:00:00+00:00", "local": "2026-03-10T10:00:00+00:00",
    }  # fmt: skip
    assert [version["number"] for version in record["versions"]] == [1, 2]
    chain = json.loads(files["custody.json"])
    told = [link["what"] for link in chain["links"]]
    for step in ("message.taken_in", "message.edited_by_author", "message.decided", "evidence.kept", "verdict.enforce"):
        assert step in told
    assert chain["trail_broken_at"] is None
    times = [link["at"]["utc"] for link in chain["links"]]
    assert times == sorted(times)


def test_the_same_store_at_the_same_moment_gives_the_same_bytes(world):
    case_id = filled(world)
    with reading(world.engine) as database:
        holding = gather(database, case_id)
        made = [
            packing.signed_zip(
                packing.contents(holding, custody_of(database, KEY, holding), KEYS, PSOW, "nia", world.clock()),
                KEYS.signing,
                world.clock(),
            )
            for _ in range(2)
        ]
    assert made[0] == made[1] == packed(world, case_id)
    with reading(world.engine) as database:
        assert audit.verify(database, KEY)[1] is None
    assert packed(world, case_id) != made[0], "that it was packed before belongs to the chain of custody"


def test_nothing_of_other_persons_is_in_it(world):
    made = packed(world, filled(world))
    for name, body in files_of(made).items():
        assert b"bystander" not in body, name
        assert b"Other Body" not in body, name


def test_every_changed_byte_is_found(world, tmp_path):
    made = packed(world, filled(world))
    path = tmp_path / "pack.zip"
    path.write_bytes(made)
    assert verify(path).problems == ()
    assert verify(path, signing.public_pem(KEYS.signing)).problems == ()
    draw = random.Random(7)
    for place in (*draw.sample(range(len(made)), 60), 0, len(made) - 1):
        path.write_bytes(made[:place] + bytes([made[place] ^ 1]) + made[place + 1 :])
        assert verify(path).problems, f"byte {place} of {len(made)}"
    path.write_bytes(made[: len(made) // 2])
    assert verify(path).problems


def test_what_was_removed_added_changed_or_signed_by_another_is_told(world, tmp_path):
    files = files_of(packed(world, filled(world)))
    path, now = tmp_path / "pack.zip", world.clock()
    cases = {
        "was added": files | {"exhibits/009/note.txt": b"x"},
        "is missing": {name: body for name, body in files.items() if not name.endswith("original-v1.txt")},
        "was changed": files | {"custody.json": files["custody.json"].replace(b"nia", b"mia")},
        "signature does not fit": files | {"SHA256SUMS": files["SHA256SUMS"].replace(b"a", b"b", 1)},
    }
    for told, changed in cases.items():
        path.write_bytes(packing.zipped(changed, now))
        assert any(told in problem for problem in verify(path).problems), told
    plain = {name: body for name, body in files.items() if name not in packing.UNSUMMED}
    forged = packing.signed_zip(plain | {"public_key.pem": signing.public_pem(b"f" * 32)}, b"f" * 32, now)
    path.write_bytes(forged)
    assert verify(path).problems == (), "alone it looks whole: only the fingerprint tells"
    assert any("another key" in problem for problem in verify(path, signing.public_pem(KEYS.signing)).problems)


def test_mail_comes_with_its_headers(world):
    raw = b"From: v@example.org\r\nReceived: by mx\r\n\r\nYou are scum"
    from connectors.base import Batch, Fetched

    letter = world.message("m", ABUSE, author="v@example.org", channel=Channel.EMAIL)
    take_in(world.engine, "c1", Batch((Fetched(letter, raw),), "1"), world.clock())
    world.pipeline.run()
    files = files_of(packed(world, 1))
    assert files["exhibits/001/original-v1.eml"] == raw
    assert files["exhibits/001/headers-v1.txt"] == b"From: v@example.org\r\nReceived: by mx\n"


def test_a_case_that_is_not_there_is_told(world):
    with reading(world.engine) as database, pytest.raises(NoSuchCase, match="no case 9"):
        gather(database, 9)


def test_signs_that_hide_are_named():
    assert visible("a\u202eb🖕é ŵ") == "a⟨right-to-left override⟩b⟨reversed hand with middle finger extended⟩é ŵ"
