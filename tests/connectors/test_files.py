"""The connector `files`: every form of source, restarts, forged ids, and what is no mail at all."""

import gzip
import json
import zipfile

import pytest

from connectors.base import Refused
from connectors.files import FilesConnector, FilesOptions
from connectors.registry import connector_class, kinds, register
from models.domain import Action, Connection, Enforcement, Nature, Target
from tests.connectors.contract import ConnectorContract

MAIL = "From: {who}@example.org\nMessage-ID: <same@example.org>\nSubject: s\n\n{text}\n"


def make(path, tmp_path, **more):
    return FilesConnector(Connection("c1", "files", "adra"), FilesOptions(path=path, **more), tmp_path / "held")


def fetched(connector, cursor=None):
    return [item for batch in connector.fetch(cursor) for item in batch.items]


@pytest.fixture
def mbox(tmp_path):
    path = tmp_path / "in.mbox"
    mails = [MAIL.format(who=f"w{n}", text=f"message {n}\n>From the start") for n in range(450)]
    path.write_text("".join(f"From x Thu Jan  1 00:00:00 2026\n{mail}\n" for mail in mails), "utf-8")
    return path


class TestFiles(ConnectorContract):
    @pytest.fixture
    def connector(self, mbox, tmp_path):
        return make(mbox, tmp_path)

    @pytest.fixture
    def enforcement(self):
        return Enforcement(1, "c1", Target("message", "m1"), Action.QUARANTINE, wanted=True, generation=1)


def test_mbox_goes_on_where_it_stopped(mbox, tmp_path):
    connector = make(mbox, tmp_path)
    first = next(iter(connector.fetch(None)))
    rest = fetched(connector, first.cursor)
    assert len(first.items) + len(rest) == 450
    assert not {item.message.key for item in first.items} & {item.message.key for item in rest}
    assert "\nFrom the start" in first.items[0].message.own_text


def test_mbox_grown_since_gives_only_what_is_new(mbox, tmp_path):
    connector = make(mbox, tmp_path)
    cursor = list(connector.fetch(None))[-1].cursor
    with mbox.open("a") as file:
        file.write("From x Thu Jan  1 00:00:00 2026\n" + MAIL.format(who="late", text="one more") + "\n")
    assert [item.message.author.address for item in fetched(connector, cursor)] == ["late@example.org"]


def test_a_forged_message_id_makes_no_message_look_seen(tmp_path):
    path = tmp_path / "in.mbox"
    texts = ["An abusive first one", "A later, legitimate complaint"]
    path.write_text(
        "".join(f"From x Thu Jan  1 00:00:00 2026\n{MAIL.format(who='w', text=t)}\n" for t in texts), "utf-8"
    )
    items = fetched(make(path, tmp_path))
    assert {item.message.message_id for item in items} == {"same@example.org"}
    assert len({item.message.key for item in items}) == 2


def test_two_identical_mails_are_two_messages(tmp_path):
    path = tmp_path / "in.mbox"
    path.write_text(f"From x Thu Jan  1 00:00:00 2026\n{MAIL.format(who='w', text='t')}\n" * 2, "utf-8")
    assert len({item.message.key for item in fetched(make(path, tmp_path))}) == 2


def test_maildir_and_folders_of_mails_are_read(tmp_path):
    maildir = tmp_path / "Maildir"
    for sub in ("new", "cur", "tmp"):
        (maildir / sub).mkdir(parents=True)
    (maildir / "new" / "1.a").write_text(MAIL.format(who="a", text="x"), "utf-8")
    (maildir / "cur" / "2.b:2,S").write_text(MAIL.format(who="b", text="y"), "utf-8")
    (maildir / "tmp" / "3.c").write_text(MAIL.format(who="c", text="half"), "utf-8")
    connector = make(maildir, tmp_path)
    assert {item.message.key.native_id for item in fetched(connector)} == {"1.a", "2.b"}


def test_posts_are_read_and_a_bad_line_loses_no_other(tmp_path):
    path = tmp_path / "posts.jsonl.gz"
    good = {
        "id": "p1",
        "channel": "x",
        "org": "psow",
        "author": "@Somebody",
        "text": "Diolch",
        "posted_at": "2026-03-01T10:00:00Z",
    }
    lines = [
        json.dumps(good),
        "{broken",
        json.dumps({"id": "p2", "channel": "fax", "text": "x"}),
        json.dumps(good | {"id": "p3"}),
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    items = fetched(make(path, tmp_path))
    assert [item.message.nature for item in items] == [Nature.ORDINARY, Nature.OPAQUE, Nature.OPAQUE, Nature.ORDINARY]
    assert items[0].message.author.address == "somebody"
    assert "fax" in items[2].message.defects[0]
    assert items[1].raw == b"{broken\n"


def test_x_archive_is_read_zipped(tmp_path):
    path = tmp_path / "archive.zip"
    tweet = {"tweet": {"id_str": "9", "full_text": "our post", "created_at": "Tue Mar 10 10:00:00 +0000 2026"}}
    message = {
        "dmConversation": {
            "conversationId": "c",
            "messages": [
                {"messageCreate": {"id": "5", "senderId": "77", "text": "hi", "createdAt": "2026-03-01T10:00:00Z"}}
            ],
        }
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/tweets.js", "window.YTD.tweets.part0 = " + json.dumps([tweet]))
        archive.writestr("data/direct-messages.js", "window.YTD.direct_messages.part0 = " + json.dumps([message]))
    items = {item.message.key.native_id: item.message for item in fetched(make(path, tmp_path))}
    assert items["9"].nature is Nature.OWN
    assert items["dm-5"].own_text == "hi"


def test_a_binary_file_called_mail_is_kept_with_its_bytes(tmp_path):
    path = tmp_path / "letter.eml"
    path.write_bytes(b"\x7fELF\x00\x01" * 100)
    (item,) = fetched(make(path, tmp_path))
    assert item.message.nature is Nature.OPAQUE
    assert item.raw == path.read_bytes()


@pytest.mark.parametrize("content", [None, b"\x1f\x8b broken gzip"])
def test_a_missing_or_damaged_source_is_refused_with_a_sentence(tmp_path, content):
    path = tmp_path / "gone.mbox"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refused, match=r"gone\.mbox: .*(there is no such file|damaged)"):
        fetched(make(path, tmp_path))


def test_registry_refuses_a_kind_twice_and_an_unknown_one():
    assert "files" in kinds()
    assert list(kinds()) == sorted(kinds())
    with pytest.raises(ValueError, match="registered twice"):
        register("files", "x:Y")
    with pytest.raises(Refused, match="no connector is called 'fax'"):
        connector_class("fax")
