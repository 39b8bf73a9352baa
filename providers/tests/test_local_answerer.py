"""The answerer quotes what fits, says where it stands, and invents nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.adapters.local.answerer import LEAD, NOTHING, Draft
from providers.types import PromptPassage

SHOP = """# Returns and refunds

Customers may return any item within 30 days of delivery. The item must be unused and in its original packaging.
Refunds are paid to the original payment method within 5 working days, e.g. to the credit card. Shipping costs are
not refunded.

## Gift cards
Gift cards cannot be returned or exchanged. They are valid for three years.

- Ask for a receipt when you buy in a shop.
"""
WARRANTY = """Warranty
All devices come with a two-year warranty. It covers manufacturing defects but not accidental damage.
How do I claim it? Write to Dr. Smith at support with the serial number of your device and the receipt.
"""
PASSAGES = (PromptPassage(1, "Shop", SHOP, 0.7), PromptPassage(2, "Warranty", WARRANTY, 0.6))


def answer(question: str, *passages: PromptPassage) -> str:
    return Draft(question, passages or PASSAGES).compose()


def quotes(text: str) -> list[tuple[str, int]]:
    """The sentences of an answer with the numbers of their passages."""
    found = re.findall(r"^(?:- )?(.+) \[(\d+)\]$", text.removeprefix(LEAD), flags=re.MULTILINE)
    return [(sentence, int(number)) for sentence, number in found]


@pytest.mark.parametrize(
    ("question", "sentence", "number"),
    [
        ("Can gift cards be exchanged?", "Gift cards cannot be returned or exchanged.", 1),
        ("In how many days are refunds paid?", "within 5 working days, e.g. to the credit card.", 1),
        ("What does the WARRANTY cover?", "It covers manufacturing defects but not accidental damage.", 2),
        ("Where do I write to claim?", "Write to Dr. Smith at support with the serial number", 2),
        ("receipts in shops", "Ask for a receipt when you buy in a shop.", 1),
    ],
)
def test_the_sentence_that_answers_is_quoted_with_its_number(question: str, sentence: str, number: int) -> None:
    assert any(sentence in text and found == number for text, found in quotes(answer(question)))


CODES = """4. Error codes
Code Meaning What to do
E02
Speed sensor does not
answer
Check that the magnet is within 5 mm of the sensor
E07
Battery too cold to
charge
Bring the battery indoors for an hour
E11 Motor too hot
Ride in a lower mode for ten minutes; the power
comes back by itself
Any other code: read it to the support line together with the frame number.
"""


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("What does the error code E07 mean?", "E07 Battery too cold to charge Bring the battery indoors for an hour"),
        (
            "What does E11 mean?",
            "E11 Motor too hot Ride in a lower mode for ten minutes; the power comes back by itself",
        ),
    ],
)
def test_a_row_of_a_list_of_codes_is_quoted_whole(question: str, row: str) -> None:
    assert any(text.startswith(row) for text, _ in quotes(answer(question, PromptPassage(1, "Guide", CODES, 0.9))))


def test_a_short_sentence_is_quoted_too() -> None:
    hours = "Opening hours\n\nMonday to Friday 9:00 to 18:00. Saturday 10:00 to 14:00. Sunday closed."
    text = answer("When are you open on Saturday?", PromptPassage(1, "Hours", hours, 0.9))
    assert ("Saturday 10:00 to 14:00.", 1) in quotes(text)


def test_of_a_table_only_the_row_that_fits_is_quoted_and_never_its_rule() -> None:
    table = "| Country | Carrier for parcels | Days |\n|---|---|---|\n| Norway | Posten for parcels | 3 |\n"
    table += "| Germany | DHL for parcels | 4 |"
    assert [text for text, _ in quotes(answer("Norway", PromptPassage(1, "Post", table, 0.9)))] == [
        "Norway | Posten for parcels | 3 |"
    ]


def test_it_says_first_that_no_language_model_is_connected() -> None:
    assert answer("What is the warranty?").startswith("No language model is connected")


def test_without_passages_it_says_that_nothing_answers() -> None:
    assert Draft("Anything?", ()).compose() == NOTHING
    assert Draft("Anything?", (PromptPassage(1, "Empty", " \n ", 0.9),)).compose() == NOTHING


def test_nothing_near_in_words_or_meaning_is_no_answer() -> None:
    draft = Draft("Who is the CEO?", PASSAGES)
    assert draft.compose([0.05] * len(draft.texts)) == NOTHING


def test_a_passage_that_was_found_by_meaning_alone_is_quoted_from_its_beginning() -> None:
    text = answer("Kann ich Ware zurückgeben?")
    assert quotes(text)[0] == ("Customers may return any item within 30 days of delivery.", 1)


def test_nearness_in_meaning_outweighs_shared_words() -> None:
    draft = Draft("Can I get my money back for an item?", PASSAGES)
    nearness = [1.0 if "Refunds are paid" in text else 0.0 for text in draft.texts]
    assert "Refunds are paid" in draft.compose(nearness)


def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    found = [sentence for sentence, _ in quotes(answer("Are manufacturing defects covered?"))]
    assert found[:2] == [
        "All devices come with a two-year warranty.",
        "It covers manufacturing defects but not accidental damage.",
    ]


def test_a_question_in_the_document_is_replaced_by_its_answer() -> None:
    text = answer("How do I claim it?", PASSAGES[1])
    assert "How do I claim it?" not in text
    assert "Write to Dr. Smith" in text


def test_headings_and_list_marks_are_not_quoted() -> None:
    text = answer("gift cards returns receipt warranty refunds")
    assert "#" not in text
    assert "Returns and refunds" not in text


def test_what_two_passages_both_say_is_quoted_once() -> None:
    copy = PromptPassage(3, "Copy", SHOP, 0.5)
    text = answer("Can gift cards be exchanged?", PASSAGES[0], copy)
    assert text.count("Gift cards cannot be returned") == 1


def test_words_without_spaces_are_found_by_their_characters() -> None:
    chinese = PromptPassage(4, "退货", "所有商品可在三十天内退货。礼品卡不能退货或兑换。保修期为两年。", 0.8)
    assert quotes(answer("礼品卡可以兑换吗？", chinese))[0] == ("礼品卡不能退货或兑换。", 4)


def test_a_very_long_sentence_is_cut_at_a_word() -> None:
    long = PromptPassage(5, "Long", "The warranty " + "and so on " * 200 + "ends.", 0.8)
    (sentence, _), *_ = quotes(answer("warranty", long))
    assert len(sentence) < 500
    assert sentence.endswith(" …")


def test_torn_beginnings_and_menus_lose_against_prose() -> None:
    text = (
        "nd warranty terms for the warranty of warranty goods\n\n"
        "HomeWarranty menuWarrantyContact UsWarranty listWarranty formWarranty helpWarranty newsWarranty\n\n"
        "Your warranty lasts for two years from the day of purchase."
    )
    (sentence, _), *_ = quotes(answer("How long is the warranty?", PromptPassage(1, "Page", text, 0.9)))
    assert sentence == "Your warranty lasts for two years from the day of purchase."


@given(st.text(max_size=200), st.lists(st.text(max_size=600), max_size=4))
def test_every_quote_stands_in_the_passage_that_it_names(question: str, texts: list[str]) -> None:
    passages = [PromptPassage(number, "T", text, 1 / number) for number, text in enumerate(texts, start=1)]
    flat = {passage.number: " ".join(passage.text.split()) for passage in passages}
    found = quotes(Draft(question, passages).compose())
    assert len(found) <= 4
    for sentence, number in found:
        assert " ".join(sentence.removesuffix(" …").split()) in flat[number]
