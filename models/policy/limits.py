"""The numbers of a pack: limits of patterns, what may be automatic, and how soon a case is to be decided."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from models.domain import Action, ChannelGroup
from models.labels import LABELS
from models.policy.strict import Strict


class Limits(Strict):
    """Where the pattern detectors begin to speak. Counts are per contact and window."""

    duplicate_window_days: int = 90
    duplicate_similarity: Annotated[float, Field(gt=0, le=1)] = 0.7
    duplicate_review_at: int = 3
    volume_per_day: int = 4
    volume_per_week: int = 12
    length_words_per_day: int = 3000
    scattergun_recipients: int = 4
    scattergun_window_days: int = 7
    copied_in_times: int = 4
    copied_in_window_days: int = 60
    after_decision_window_days: int = 365
    after_decision_review_at: int = 3
    refuses_decision_review_at: int = 3
    topic_drift_changes: int = 3
    topic_drift_window_days: int = 60
    campaign_authors: int = 3
    campaign_window_days: int = 30
    derogatory_items: int = 2
    derogatory_window_days: int = 90
    links_per_post: int = 3
    links_per_mail: int = 15
    link_repeats_per_week: int = 5


class Automation(Strict):
    """What the machine may do by itself, how wrong it may be and how much a day.

    `surge_actions` of one kind on one connection within `surge_minutes` stop that kind. What stands
    held for `unread_held_days` working days with nobody having looked is released or escalated.
    """

    max_false_action_rate: dict[ChannelGroup, Annotated[float, Field(gt=0, lt=0.05)]]
    block_at_once_for: tuple[str, ...] = ()
    daily_quota: dict[Action, Annotated[int, Field(ge=0)]]
    confirm_by: Literal["end_of_next_working_day"] = "end_of_next_working_day"
    surge_actions: Annotated[int, Field(ge=1)] = 60
    surge_minutes: Annotated[int, Field(ge=1)] = 10
    unread_held_days: Annotated[int, Field(ge=1)] = 5
    unread_held_then: Literal["release", "escalate"] = "escalate"
    notice_to_sender: bool = True

    @model_validator(mode="after")
    def _known(self) -> "Automation":
        unknown = set(self.block_at_once_for) - set(LABELS)
        if unknown:
            raise ValueError(f"block_at_once_for: unknown signals {sorted(unknown)}")
        return self


class Targets(Strict):
    """Within how many minutes of its coming a case is to be decided: an urgent one, a grave one, any other."""

    urgent_minutes: Annotated[int, Field(ge=1)] = 15
    grave_minutes: Annotated[int, Field(ge=1)] = 4 * 60
    other_minutes: Annotated[int, Field(ge=1)] = 24 * 60
