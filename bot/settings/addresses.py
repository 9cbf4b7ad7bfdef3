"""Addresses in the config file: encrypted, or on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def http_url(value: str) -> str:
    """An address without the slash at its end. Raises ValueError with the form that is right."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address that begins with https://, or with http:// on this machine")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("an address that begins with https://; http:// is for this machine alone, such as 127.0.0.1")
    return value.rstrip("/")
