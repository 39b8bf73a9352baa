"""Brings an address of a model API, as people paste it, into the form that is stored and called."""

from __future__ import annotations

import re

from chatcms.core.errortext import ErrorText

_PARTS = re.compile(r"\A([A-Za-z]{1,10}://[^/?#]*)(.*)", re.DOTALL)
# What a call adds to the address
_ENDPOINT = re.compile(
    r"/(?:chat/completions|completions|embeddings|models|messages(?:/count_tokens)?|responses|(?<=v\d/)chat)\Z",
    re.IGNORECASE,
)
_SLASHES = re.compile(r"/{2,}")
_AZURE = re.compile(r"\.(?:openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com)(?::\d+)?\Z")
_AZURE_API = "/openai/v1"
AZURE_CURE = ErrorText(
    "For Azure send the address of its v1 API, https://NAME.openai.azure.com/openai/v1, without a query, "
    "and list the deployment's name as a model."
)


def cleaned(address: str) -> str:
    """Return an address, which has no query, without the endpoint and the slashes at its end.

    Of Azure's addresses those of its v1 API are completed.
    """
    found = _PARTS.fullmatch(address.strip())
    if found is None:
        return address
    origin, path = found[1], _SLASHES.sub("/", found[2]).rstrip("/")
    path = _ENDPOINT.sub("", path).rstrip("/")
    if _AZURE.search(origin.lower()) and path.lower() in {"", "/openai", "/v1"}:
        path = _AZURE_API
    return origin + path


def is_azure_deployment(address: str) -> bool:
    """Whether an address is that of one deployment, in the API that Azure had before its v1."""
    found = _PARTS.match(address.strip())
    return bool(found and _AZURE.search(found[1].lower()) and "/deployments/" in found[2])


def is_azure(address: str) -> bool:
    """Whether an address is one of Azure's."""
    found = _PARTS.match(address.strip())
    return bool(found and _AZURE.search(found[1].lower()))
