"""Letters on their way, over a real SMTP conversation and a real HTTP one: once at most, and what they tell is told."""

import io
from datetime import UTC, datetime, timedelta

import pypdf
import pytest
from sqlalchemy import insert, select

from bot import dispatching
from bot.dispatching import Outlets
from bot.letters.notify import NotifyPost
from bot.policies import policy_of
from bot.reviewers import AppriseTeller
from bot.sending import SmtpSender
from bot.settings import LetterSettings, MailSettings
from models.domain import Channel
from models.engine_tables import dispatch, manual_task
from models.measures.steps import FormalWarning, Incident, Officer, Taken
from models.policy.loader import builtin_pack
from models.session import open_store, reading, writing
from models.store import audit
from models.store.formal import files, incidents, letters, offices, sealed
from models.store.formal import writing as paper
from models.store.formal.desk import Desk, StepRefused
from models.tables import account, contact
from tests.emulators.loopback import Answer, Fault
from tests.emulators.notify import KEY as NOTIFY_KEY
from tests.emulators.notify import notify_service
from tests.emulators.smtp import mail_server

KEY, PSOW = b"k" * 32, builtin_pack("psow")
NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
PERSON = "gwen@example.org"


class Post:
    """A store with one warning whose letter is approved, and a bot that sends."""

    def __init__(self, box, service, monkeypatch, folder, enclosed):
        self.enclosed = enclosed
        self.now = NOW
        self.engine = open_store(f"sqlite:///{folder / 'post.sqlite3'}")
        monkeypatch.setattr(paper.letter_facts, "addresses", lambda *_: (PERSON,))
        wanted = MailSettings(
            host="127.0.0.1", port=box.port, security="none", sender="letters@ombudsman.example", timeout_s=5
        )
        letters_set = LetterSettings(notify_key="env:NOTIFY", notify_url=service.url, timeout_s=5)
        self.outlets = Outlets(
            policy_of, AppriseTeller(str), SmtpSender(wanted, str), "letters@ombudsman.example",
            post=NotifyPost(letters_set, lambda _: NOTIFY_KEY), policies=folder, audit_key=KEY,
        )  # fmt: skip
        for language in ("cy", "en"):
            (folder / f"psow-{language}.pdf").write_bytes(b"%PDF policy " + language.encode())
        with writing(self.engine) as database:
            self.number = self._approved(database)

    def desk(self, database):
        return Desk(database, KEY, PSOW, offices.officer(database, "hopsc", "psow", self.now), self.now)

    def _approved(self, database):
        who = database.execute(insert(contact).values(name="Gwen", created_at=NOW)).inserted_primary_key[0]
        database.execute(insert(account).values(platform="email", address=PERSON, name="Gwen", contact_id=who))
        offices.appoint(database, KEY, "hopsc", PSOW, "hopsc", "root", NOW - timedelta(days=9))
        desk, self.who = self.desk(database), who
        first = incidents.report(desk, who, Incident(0, NOW, Channel.EMAIL, ("psow/2.2.h",), "shouting", ""))
        incidents.uphold(desk, first, "read it")
        draft = FormalWarning(0, (first,), Taken(Officer("x", "x"), NOW), "Please stop.", policy_enclosed=self.enclosed)
        self.warning = desk.warn(who, draft).number
        (row,) = letters.waiting(database, "psow")
        for one in paper.sheet(desk, row["id"]).letters:
            paper.edit(desk, row["id"], one.language, {"why": f"Own words {one.language} ŵŷ."})
        paper.address(desk, row["id"], "Gwen Rowlands", ["12 Ffordd y Môr", "SY23 1AA"])
        paper.approve(desk, row["id"])
        return row["id"]

    def send(self, way):
        with writing(self.engine) as database:
            paper.send(self.desk(database), self.number, way, PERSON if way == "email" else "")

    def run(self):
        return dispatching.run_due(self.engine, self.outlets, lambda: self.now)

    def state(self):
        with reading(self.engine) as database:
            return paper.sheet(self.desk(database), self.number).state

    def rows(self, query):
        with reading(self.engine) as database:
            return database.execute(query).all()

    def warning_told(self):
        with reading(self.engine) as database:
            return files.dossier_of(database, self.who, "psow").warnings[0].told_at


@pytest.fixture(scope="module")
def server():
    with mail_server() as box:
        yield box


@pytest.fixture
def post(server, monkeypatch, tmp_path, request):
    server.mails.clear()
    server.answers.clear()
    with notify_service() as service:
        made = Post(server, service, monkeypatch, tmp_path, getattr(request, "param", False))
        made.box, made.service = server, service
        yield made
        made.engine.dispose()


def test_a_letter_goes_by_mail_with_its_text_and_pages_once_and_then_it_is_told(post):
    post.send("email")
    assert post.warning_told() is None
    assert post.run() == 1
    assert post.run() == 0
    ((_, recipient, mail),) = post.box.mails
    assert recipient == PERSON
    assert mail["Reply-To"] == "ask@ombudsman.wales"
    assert mail["Subject"] == "Rhybudd ynghylch eich cyswllt â ni / A warning about your contact with us"
    text, pages = mail.iter_parts()
    assert text["Content-Language"] == "cy, en"
    said = text.get_content()
    assert said.index("Own words cy ŵŷ.") < said.index("Own words en ŵŷ.")
    assert pages.get_filename().endswith(".pdf")
    read = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pages.get_content())).pages)
    assert "Own words cy ŵŷ." in read
    assert "Own words en ŵŷ." in read
    assert post.state() == "sent"
    assert post.warning_told() == NOW
    with reading(post.engine) as database:
        assert letters.complete(database, post.warning)
        assert audit.verify(database, KEY)[1] is None
        assert sealed.altered(database, KEY) == []


encloses = pytest.mark.parametrize("post", [True], indirect=True)


@encloses
def test_a_letter_that_says_so_encloses_the_policy_in_its_languages(post):
    post.send("email")
    post.run()
    ((_, _, mail),) = post.box.mails
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert files["psow-cy.pdf"] == b"%PDF policy cy"
    assert files["psow-en.pdf"] == b"%PDF policy en"


@encloses
def test_a_policy_that_is_not_there_is_not_claimed_to_be_enclosed(post, tmp_path):
    (tmp_path / "psow-cy.pdf").unlink()
    post.send("email")
    post.run()
    assert post.box.mails == []
    assert post.state() == "failed"
    (row,) = post.rows(select(dispatch))
    assert "psow-cy.pdf is not there" in row.outcome


@encloses
def test_notify_cannot_enclose(post):
    with pytest.raises(StepRefused, match="encloses the policy"):
        post.send("notify")


def test_a_mail_that_broke_off_is_never_sent_twice_by_itself(post):
    post.box.answers["."] = "drop"
    post.send("email")
    post.run()
    assert post.state() == "unsure"
    post.box.answers.clear()
    post.now += timedelta(hours=2)
    assert post.run() == 0
    assert post.warning_told() is None, "nobody is held to a letter that may not have come"
    assert len(post.rows(select(manual_task))) == 1
    with writing(post.engine) as database:
        paper.resolve(post.desk(database), post.number, went=False)
    post.send("email")
    post.run()
    assert post.state() == "sent"


def test_a_refused_mail_comes_back_to_the_desk(post):
    post.box.answers["RCPT"] = "550 no such person"
    post.send("email")
    post.run()
    assert post.state() == "failed"
    assert post.warning_told() is None


def test_notify_prints_and_posts_the_very_pages(post):
    post.send("notify")
    assert post.run() == 1
    ((reference, pages),) = post.service.letters
    assert reference == f"PSOW-{post.who}-{post.number}"
    assert "Gwen Rowlands" in pypdf.PdfReader(io.BytesIO(pages)).pages[0].extract_text()
    assert post.state() == "sent"
    assert post.warning_told() > NOW, "by post it comes some days later"


@pytest.mark.parametrize(
    ("fault", "after_the_work", "state"),
    [
        (Answer(400, b'{"status_code": 400, "errors": [{"error": "ValidationError", "message": "no address"}]}'), False, "failed"),
        (Answer(403, b"{}"), False, "failed"),
        (Answer(429, b"{}"), False, "going"),
        (Answer(500, b"{}"), False, "unsure"),
        (None, True, "unsure"),
    ],
)  # fmt: skip
def test_what_notify_answers_decides_what_is_known(post, fault, after_the_work, state):
    post.service.server.faults.append(Fault(lambda _: True, fault, after_the_work))
    post.send("notify")
    post.run()
    assert post.state() == state
    post.now += timedelta(hours=3)
    post.run()
    assert post.state() == ("sent" if state == "going" else state)
    assert len(post.service.letters) <= 1
    (row,) = post.rows(select(dispatch))
    assert "no address" in row.outcome or fault is None or fault.status != 400


def test_without_its_settings_a_letter_waits_and_says_why(post):
    post.outlets = Outlets(policy_of, AppriseTeller(str), audit_key=KEY)
    post.send("notify")
    post.run()
    assert post.state() == "going"
    (row,) = post.rows(select(dispatch))
    assert "[letters]" in row.outcome


def test_a_letter_whose_approval_is_gone_does_not_go(post):
    from sqlalchemy import update

    from models.formal_tables import letter

    post.send("email")
    with writing(post.engine) as database:
        database.execute(update(letter).values(approved_by=None))
    post.run()
    assert post.box.mails == []
    (row,) = post.rows(select(dispatch))
    assert row.state == "refused"
