"""The fault suite: the whole bot under kill -9 and a platform that misbehaves, and the truth counted afterwards."""
