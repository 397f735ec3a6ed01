"""What every connector must do; its test inherits this and gives `connector` and `enforcement`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import Connector, Paced
from models.domain import Action, EnforcementState


class ConnectorContract:
    """Inherit it, and give the two fixtures."""

    def test_says_what_it_can_do(self, connector):
        assert isinstance(connector, Connector)
        assert connector.can() <= frozenset(Action)

    def test_a_platform_is_never_called_as_often_as_a_loop_could(self, connector):
        if connector.kind == "files":
            pytest.skip("a folder is nobody's platform")
        assert isinstance(connector, Paced)
        assert 0 < connector.pace.calls / connector.pace.per_s <= 10

    def test_an_effect_is_brought_about_once_and_read_back(self, connector, enforcement):
        assert connector.read_back(enforcement) is not True
        first = connector.act(enforcement)
        again = connector.act(enforcement)
        assert first.state is EnforcementState.DONE
        assert again.state is EnforcementState.ALREADY_DONE
        assert connector.read_back(enforcement) is True

    def test_an_effect_is_undone_and_done_again(self, connector, enforcement):
        connector.act(enforcement)
        undone = connector.act(replace(enforcement, wanted=False, generation=2))
        assert undone.state is EnforcementState.DONE
        assert connector.read_back(enforcement) is False
        assert connector.act(replace(enforcement, generation=3)).state is EnforcementState.DONE

    def test_a_kill_after_any_batch_loses_nothing(self, connector):
        batches = list(connector.fetch(None))
        whole = {item.message.key for batch in batches for item in batch.items}
        for number, batch in enumerate(batches, start=1):
            kept = {item.message.key for before in batches[:number] for item in before.items}
            rest = {item.message.key for after in connector.fetch(batch.cursor) for item in after.items}
            assert kept | rest == whole

    def test_messages_come_with_their_bytes_and_aware_times(self, connector):
        for item in (item for batch in connector.fetch(None) for item in batch.items):
            assert item.raw
            assert item.message.received_at.utcoffset() == timedelta(0)
            assert all(0 <= link.span.start < link.span.end for link in item.message.links if link.span)

    def test_fetching_from_the_last_cursor_brings_nothing_twice(self, connector):
        batches = list(connector.fetch(None))
        keys = [item.message.key for batch in batches for item in batch.items]
        assert len(keys) == len(set(keys))
        assert not [item for batch in connector.fetch(batches[-1].cursor) for item in batch.items]

    def test_fetching_resumes_after_each_batch(self, connector):
        batches = list(connector.fetch(None))
        keys = [[item.message.key for item in batch.items] for batch in batches]
        for number in sorted({0, len(batches) // 2, len(batches) - 1}):
            rest = [item.message.key for batch in connector.fetch(batches[number].cursor) for item in batch.items]
            assert rest == [key for later in keys[number + 1 :] for key in later]

    def test_fetching_from_the_start_again_gives_the_same_messages(self, connector):
        first = [item.message.key for batch in connector.fetch(None) for item in batch.items]
        assert [item.message.key for batch in connector.fetch(None) for item in batch.items] == first
