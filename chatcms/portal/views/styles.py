"""The living style sheet: every part with its states, for development only."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from chatcms.config.environment import BASE_DIR
from chatcms.core.text.diffing import diff_lines
from chatcms.core.text.modeltext import render as render_model_text


@dataclass(frozen=True, slots=True)
class Sample:
    """Code in one language."""

    name: str
    label: str
    text: str


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", max_length=100, help_text="What people see at the top of the chat.")
    prompt = forms.CharField(label="Prompt", max_length=8000, widget=forms.Textarea, required=False)
    model = forms.ChoiceField(label="Model", choices=[("", "Choose one"), ("a", "Small"), ("b", "Large")])
    dataset = forms.ChoiceField(
        label="Dataset",
        widget=forms.Select(attrs={"data-combo": True}),
        choices=[("", "Choose one"), *((str(n), f"Dataset {n}, Überblick") for n in range(1, 40))],
    )
    tone = forms.ChoiceField(
        label="Tone", widget=forms.RadioSelect, choices=[("plain", "Plain"), ("warm", "Warm")], initial="plain"
    )
    is_public = forms.BooleanField(label="Anybody may ask", help_text="Without signing in.", required=False)
    color = forms.CharField(
        label="Colour", max_length=7, widget=forms.TextInput(attrs={"type": "color"}), initial="#0a7f83"
    )


def index(request: HttpRequest) -> HttpResponse:
    """List the parts."""
    return _render(request, "portal/styles/index.html", {})


def part(request: HttpRequest, name: str) -> HttpResponse:
    """Show one part in each of its states."""
    if name not in PARTS:
        raise Http404
    return _render(request, f"portal/styles/{name}.html", {"name": name, **PARTS[name](request)})


def _render(request: HttpRequest, template: str, values: dict[str, Any]) -> HttpResponse:
    if not settings.STYLE_SHEET:
        raise Http404
    return render(request, template, {"parts": PARTS, **values})


def _colours(request: HttpRequest) -> dict[str, Any]:
    grounds = ("surface", "page-ground", "raised")
    pairs = [(text, ground) for ground in grounds for text in ("text", "text-soft", "accent-strong", "accent")]
    pairs += [("on-accent", "accent"), ("accent-strong", "accent-tint")]
    pairs += [(meaning, f"{meaning}-tint") for meaning in ("good", "warning", "bad", "info")]
    return {"pairs": pairs}


def _icons(request: HttpRequest) -> dict[str, Any]:
    names = re.findall(r'<symbol id="([a-z-]+)"', (BASE_DIR / "static/img/icons.svg").read_text(encoding="utf-8"))
    return {"icons": names}


def _dialog(request: HttpRequest) -> dict[str, Any]:
    return {"losses": ["12 documents", "84 passages"]}


def _nothing(request: HttpRequest) -> dict[str, Any]:
    return {}


def _fields(request: HttpRequest) -> dict[str, Any]:
    return {
        "form": SampleForm(),
        "refused": SampleForm({"prompt": "Typed before", "tone": "plain", "color": "#0a7f83"}),
    }


def _rows(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    pages = {"is_paged": True, "next": "?cursor=next", "previous": "?cursor=previous"}
    return {
        "listing": pages,
        "rows": [("Handbook", 12, now - timedelta(hours=3)), ("Price list", 3, now - timedelta(days=9))],
    }


def _code(request: HttpRequest) -> dict[str, Any]:
    samples = [
        Sample("curl", "curl", "curl https://cms.example/v1/chat/completions \\\n  -H 'Authorization: Bearer …'"),
        Sample("python", "Python", 'client = OpenAI(base_url="https://cms.example/v1", api_key="…")'),
    ]
    return {"samples": samples, "single": samples[:1]}


def _toasts(request: HttpRequest) -> dict[str, Any]:
    messages.success(request, "Version 4 is published.")
    messages.error(request, "The file was not uploaded: it is empty.")
    return {}


def _diff(request: HttpRequest) -> dict[str, Any]:
    before = "You help customers.\nAnswer briefly.\nNever guess."
    return {
        "lines": diff_lines(before, "You help customers of Fjord Bikes.\nAnswer briefly.\nSay so when you do not know.")
    }


def _transcript(request: HttpRequest) -> dict[str, Any]:
    source = {
        "number": 1,
        "document": "warranty.md",
        "place": "page 2",
        "quote": "The battery is covered for three years.",
    }
    turns = [
        {"role": "user", "text": "How long is the battery under warranty?"},
        {
            "role": "assistant",
            "html": render_model_text(
                "**Three years** from the day of purchase [1].\n\n| Part | Years |\n|---|---|\n| Battery | 3 |"
            ),
            "sources": [source],
            "facts": "first words after 0.4 s · whole after 1.2 s · 412 tokens",
        },
        {"role": "person", "who": "Anna of Fjord Bikes", "text": "I can look up your bike if you send me its number."},
    ]
    return {"turns": turns}


def _spark(request: HttpRequest) -> dict[str, Any]:
    return {"spark": _drawn(100, 24, '<path class="chart__line" d="M0 20 20 14 40 16 60 8 80 10 100 3"/>', css="spark")}


def _chart(request: HttpRequest) -> dict[str, Any]:
    rows = [("1 May", 30), ("2 May", 52), ("3 May", 41), ("4 May", 70)]
    bars = [
        f'<rect class="chart__bar" x="{n * 50 + 10}" y="{90 - y}" width="30" height="{y}"/>'
        for n, (_, y) in enumerate(rows)
    ]
    drawn = _drawn(200, 100, '<path class="chart__grid" d="M0 90H200"/>' + "".join(bars))
    return {"svg": drawn, "heads": ["Day", "Questions"], "rows": rows}


def _drawn(width: int, height: int, shapes: str, *, css: str = "") -> SafeString:
    # The shapes are written in this module.
    return mark_safe(f'<svg class="{css}" viewBox="0 0 {width} {height}" aria-hidden="true">{shapes}</svg>')  # noqa: S308


PARTS: dict[str, Callable[[HttpRequest], dict[str, Any]]] = {
    "colour": _colours,
    "type": _nothing,
    "button": _nothing,
    "field": _fields,
    "drop": _nothing,
    "table": _rows,
    "tile": _spark,
    "chart": _chart,
    "pill": _nothing,
    "progress": _nothing,
    "timeline": _nothing,
    "code": _code,
    "secret": _nothing,
    "empty": _nothing,
    "toast": _toasts,
    "callout": _nothing,
    "diff": _diff,
    "dialog": _dialog,
    "transcript": _transcript,
    "icon": _icons,
}
