"""What the sample holds, and the demonstration tenant around it."""

from __future__ import annotations

from pathlib import Path

DOCUMENTS = Path(__file__).parent / "sample_documents"

TENANT_NAME = "Fjord Bikes (sample)"
TENANT_SLUG = "demo"
OWNER_EMAIL = "owner@demo.example"
ADMIN_EMAIL = "admin@platform.example"

DATASET_NAME = "Sample documents"
DATASET_DESCRIPTION = "Warranty, shipping and shop handbook of an invented bicycle maker."

BOT_NAME = "Fjord helper"
BOT_DESCRIPTION = "Answers customers from the sample documents."
BOT_PROMPT = (
    "You help customers of Fjord Bikes. Answer briefly and kindly, in the language of the question, and only from the "
    "documents."
)
BOT_WELCOME = "Hello, I am the Fjord helper. I answer from the shop's documents and show where each answer comes from."
BOT_SUGGESTIONS = [
    "How long is the battery under warranty?",
    "Can I return a bike after three weeks?",
    "What does a yearly service cost?",
]
