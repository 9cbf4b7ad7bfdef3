"""Refuses hosts whose names lead into a private network: a name of a source must not reach what stands beside the bot."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False


def public_resolver(base_urls: Mapping[str, str]) -> AbstractResolver:
    """A resolver that leaves out private addresses.

    Hosts that `base_urls` names were chosen by the operator and may stand anywhere.
    """
    # Imported here, not above: only a process that sends requests loads aiohttp.
    from aiohttp.abc import AbstractResolver, ResolveResult
    from aiohttp.resolver import ThreadedResolver

    chosen = {urlsplit(url).hostname for url in base_urls.values()}

    class PublicResolver(AbstractResolver):
        def __init__(self) -> None:
            self._resolver = ThreadedResolver()

        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
            results = await self._resolver.resolve(host, port, family)  # type: ignore[arg-type]
            if host in chosen:
                return results
            public = [result for result in results if is_public(result["host"])]
            if not public:
                raise OSError(f"{host} has no public address")
            return public

        async def close(self) -> None:
            await self._resolver.close()

    return PublicResolver()
