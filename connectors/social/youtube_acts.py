"""Holds a comment back for review, publishes it again, and finds out in which state it is."""

from datetime import datetime
from typing import Any

from connectors.base import MessageGone
from connectors.social.comments import moment
from connectors.social.youtube_client import YoutubeAccess
from connectors.social.youtube_comments import PAGE

PUBLISHED, HELD, REJECTED = "published", "heldForReview", "rejected"
HIDDEN = frozenset({HELD, REJECTED, "likelySpam"})
PAGES_AT_MOST = 5
_LISTS = (HELD, PUBLISHED, "likelySpam", REJECTED)


class YoutubeActs:
    """What can be done with one comment by the channel's owner."""

    def __init__(self, access: YoutubeAccess) -> None:
        self._access = access

    def set_state(self, comment_id: str, state: str) -> None:
        """Set a comment's state.

        Raises:
            MessageGone: There is no such comment.
            ConnectorError: By what the engine shall do next.
        """
        self._access.ask(
            "setting a comment's state",
            lambda youtube: youtube.comments().setModerationStatus(id=comment_id, moderationStatus=state),
            "act",
        )

    def state(self, comment_id: str, channel_id: str) -> str | None:
        """Return a comment's state, None when YouTube does not tell.

        Asked for by its id a comment comes without its state, so it is looked for: a reply among its thread's
        replies, a first comment in the channel's lists, each of which holds one state.

        Raises:
            MessageGone: There is no such comment, in any list.
            ConnectorError: By what the engine shall do next.
        """
        found = self._snippet(comment_id)
        told = found and found.get("moderationStatus")
        if told:
            return str(told)
        if "." in comment_id:
            state = self._among_replies(comment_id)
        else:
            state = self._by_lists(comment_id, channel_id, moment(found["publishedAt"]) if found else None)
        if state is None and found is None:
            raise MessageGone(f"there is no comment {comment_id} on YouTube any more")
        return state

    def _snippet(self, comment_id: str) -> dict[str, Any] | None:
        try:
            items = self._page("reading a comment", "comments", id=comment_id).get("items") or []
        except MessageGone:
            return None
        return dict(items[0].get("snippet") or {}) if items else None

    def _among_replies(self, comment_id: str) -> str | None:
        thread, token = comment_id.partition(".")[0], None
        for _ in range(PAGES_AT_MOST):
            try:
                answer = self._page("reading replies", "comments", parentId=thread, maxResults=PAGE, pageToken=token)
            except MessageGone:
                return None
            for reply in answer.get("items") or ():
                if reply.get("id") == comment_id:
                    return (reply.get("snippet") or {}).get("moderationStatus")
            token = answer.get("nextPageToken")
            if token is None:
                return None
        return None

    def _by_lists(self, comment_id: str, channel_id: str, at: datetime | None) -> str | None:
        found = (self._in_list(comment_id, channel_id, state, at) for state in _LISTS)
        return next((state for state in found if state is not None), None)

    def _in_list(self, comment_id: str, channel_id: str, state: str, at: datetime | None) -> str | None:
        """Look through a list, newest first, until it is older than the comment, and return the comment's own state.

        A published comment stands in the list of those held when one of its replies is held.
        """
        of = {"allThreadsRelatedToChannelId": channel_id, "moderationStatus": state, "order": "time"}
        token = None
        for _ in range(PAGES_AT_MOST):
            answer = self._page(
                "looking for a comment's state", "commentThreads", **of, maxResults=PAGE, pageToken=token
            )
            for thread in answer.get("items") or ():
                if thread.get("id") == comment_id:
                    return str(_top(thread).get("moderationStatus") or state)
                if at is not None and moment(_top(thread)["publishedAt"]) < at:
                    return None
            token = answer.get("nextPageToken")
            if token is None:
                return None
        return None

    def _page(self, doing: str, resource: str, **query: Any) -> dict[str, Any]:
        return self._access.ask(
            doing, lambda youtube: getattr(youtube, resource)().list(part="snippet", **query), "look"
        )


def _top(thread: dict[str, Any]) -> dict[str, Any]:
    return dict(thread["snippet"]["topLevelComment"]["snippet"])
