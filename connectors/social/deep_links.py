"""Web addresses where a person can do by hand what a platform keeps from machines."""

from models.domain import Target

UNNAMED = "unnamed-"
"""What stands before a comment's id where the platform does not name its author: each such comment stands alone."""


def x_link(target: Target) -> str:
    """Return the page of a post, a conversation of direct messages, or an account on X."""
    if target.kind == "account":
        name = target.native_id
        return f"https://x.com/i/user/{name[3:]}" if name.startswith("id-") else f"https://x.com/{name}"
    if target.native_id.startswith("dm-"):
        return "https://x.com/messages"
    return f"https://x.com/i/status/{target.native_id}"


def mastodon_link(instance_url: str, target: Target) -> str:
    """Return the page of a post or an account as the own instance shows it."""
    base = instance_url.rstrip("/")
    return f"{base}/@{target.native_id}" if target.kind == "account" else f"{base}/web/statuses/{target.native_id}"


def facebook_link(target: Target, page_id: str) -> str:
    """Return the page of a comment or a post, or a Page's own list of people, on Facebook."""
    if target.kind == "account" and not target.native_id.startswith(UNNAMED):
        return f"https://www.facebook.com/{page_id}/settings/?tab=people_and_other_pages"
    return f"https://www.facebook.com/{target.native_id.removeprefix(UNNAMED)}"


def instagram_link(target: Target, permalink: str | None) -> str:
    """Return the page of the post that a comment stands under, or of an account, on Instagram."""
    if target.kind == "account" and not target.native_id.startswith(UNNAMED):
        return f"https://www.instagram.com/{target.native_id}/"
    return permalink or "https://www.instagram.com/"


def youtube_link(target: Target, video_id: str | None, channel_id: str | None) -> str:
    """Return the page of a comment, of an account's channel, or of the own channel's comments in YouTube Studio."""
    if target.kind == "account" and not target.native_id.startswith(UNNAMED):
        return f"https://www.youtube.com/channel/{target.native_id}"
    if video_id:
        return f"https://www.youtube.com/watch?v={video_id}&lc={target.native_id.removeprefix(UNNAMED)}"
    return f"https://studio.youtube.com/channel/{channel_id or ''}/comments"
