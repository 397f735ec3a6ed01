"""Web addresses where a person can do by hand what a platform keeps from machines."""

from models.domain import Target


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
