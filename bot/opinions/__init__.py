"""Second opinions from outside: off by default, they may raise attention and never act."""

from bot.opinions.base import CARRIES_TO, Opinion, OpinionError, attentive, with_opinions

__all__ = ["CARRIES_TO", "Opinion", "OpinionError", "attentive", "with_opinions"]
