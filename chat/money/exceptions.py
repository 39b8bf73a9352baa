"""Errors of budgets."""

from __future__ import annotations

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import (
    AppError,
    ConflictError,
    NotFoundError,
)


class BudgetExceededError(AppError):
    """The money for answers is used up in this period."""

    code = "budget_exceeded"
    kind = "budget"
    default_detail = "The budget for answers is used up for now. Ask again when it begins anew, or raise it."


class ModelPriceUnknownError(AppError):
    """A budget is set, but what the model costs is not known: nobody could keep it."""

    code = "model_price_unknown"
    kind = "bot_misconfigured"
    default_detail = "What the model costs is not known, so no budget can be kept."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(
            ErrorText(
                "%(problem)s Add `input_price` and `output_price` to the model in the provider's `config`, or remove "
                "the budget.",
                problem=ErrorText.of(detail or self.default_detail),
            )
        )


class NoSuchBudgetError(NotFoundError):
    """No budget of that id in this tenant."""

    code = "no_such_budget"
    default_detail = "There is no such budget here. Check its id."


class BudgetTakenError(ConflictError):
    """There is a budget for the same already."""

    code = "budget_taken"
    default_detail = "There is a budget for that period already. Change its amount instead."
