"""The settings shown in the page about mailboxes are settings that the connectors take."""

import re
import tomllib

import pytest

from bot.settings import FileSettings
from connectors.mail.mailbox import MailboxOptions
from connectors.registry import connector_class
from tests.docs.generate import ROOT

PAGE = (ROOT / "docs" / "how-to" / "connect-a-mailbox.md").read_text("utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_each_example_is_taken_and_holds_no_secret(block):
    (connection,) = FileSettings.model_validate(tomllib.loads(block)).connection
    options = connection.options(connector_class(connection.kind).options)
    for name in ("password", "client_secret"):
        assert getattr(options, name, None) is None or getattr(options, name).startswith(("env:", "file:"))


def test_every_kind_and_every_shared_setting_is_told():
    assert {tomllib.loads(block)["connection"][0]["kind"] for block in BLOCKS} == {"imap", "graph", "exchange"}
    assert not [name for name in MailboxOptions.model_fields if f"`{name}`" not in PAGE]
