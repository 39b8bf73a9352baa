"""How a server wants to be asked is learned from its refusals; its lists and vectors are read in all their forms."""

from __future__ import annotations

from typing import Any

import pytest

from providers import exceptions as errors
from providers.messages import Tool
from providers.tests.adapter_kit import KEY, REMOTE, Subject, listen, of
from providers.tests.fake_scripts import JSON, Reply, says
from providers.tests.fake_wire import Answer, Vendor, whole

OPENAI = ("openai", "openai_compatible")


def answer(vendor: Vendor = "openai") -> Reply:
    return Reply((whole(vendor, Answer("scripted", ("Hello.",))),), headers=JSON)


def refuses(name: str, form: str = "openai") -> Reply:
    """The refusal of a setting, as one vendor or another words it."""
    documents: dict[str, tuple[int, Any]] = {
        "openai": (
            400,
            {
                "error": {
                    "message": f"Unsupported parameter: '{name}' is not supported with this model. Use another.",
                    "type": "invalid_request_error",
                    "param": name,
                    "code": "unsupported_parameter",
                }
            },
        ),
        "words": (400, {"error": {"message": f"Unrecognized request argument supplied: {name}", "type": "invalid"}}),
        "groq": (400, {"error": {"message": f"property '{name}' is unsupported", "type": "invalid_request_error"}}),
        "fastapi": (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs …"}]}),
        "mistral": (
            422,
            {
                "object": "error",
                "message": {"detail": [{"loc": ["body", name], "msg": "Extra inputs are not permitted"}]},
            },
        ),
        "go": (400, {"error": f'json: unknown field "{name}"'}),
        "litellm": (
            400,
            {"error": {"message": f"litellm.UnsupportedParamsError: azure does not support parameters: ['{name}']"}},
        ),
    }
    status, document = documents[form]
    return says(document, status)


FORMS = ("openai", "words", "groq", "fastapi", "mistral", "go", "litellm")


@of("openai_compatible")
class TestSettings:
    @pytest.mark.parametrize("form", FORMS)
    async def test_a_setting_that_is_refused_is_left_out_in_the_same_call_and_from_then_on(
        self, subject: Subject, form: str
    ) -> None:
        names = ("temperature", "stream_options", "parallel_tool_calls")
        subject.fake.script("scripted", *(refuses(name, form) for name in names), answer())
        request = subject.request(
            "scripted", temperature=0.3, tools=(Tool("f"),), parallel_tool_calls=False, max_tokens=50
        )
        assert (await listen(subject.adapter(), request)).text == "Hello."
        assert (await listen(subject.adapter(), request)).text == "Hello."
        first, *_, last, again = subject.fake.heard("scripted")
        assert set(names) <= first.keys()
        assert not set(names) & last.keys()
        assert last == again == {name: value for name, value in first.items() if name not in names}

    @pytest.mark.parametrize("form", FORMS)
    async def test_the_limit_of_an_answer_is_sent_under_its_other_name(self, subject: Subject, form: str) -> None:
        subject.fake.script("scripted", refuses("max_tokens", form), answer())
        request = subject.request("scripted", max_tokens=50)
        for _ in range(2):
            assert (await listen(subject.adapter(), request)).text == "Hello."
        told = [(body.get("max_tokens"), body.get("max_completion_tokens")) for body in subject.fake.heard("scripted")]
        assert told == [(50, None), (None, 50), (None, 50)]

    async def test_a_server_that_knows_neither_name_is_sent_none(self, subject: Subject) -> None:
        subject.fake.script("scripted", refuses("max_tokens"), refuses("max_completion_tokens"), answer())
        assert (await listen(subject.adapter(), subject.request("scripted", max_tokens=50))).text == "Hello."
        assert not {"max_tokens", "max_completion_tokens"} & subject.fake.heard("scripted")[-1].keys()

    async def test_a_model_that_reasons_is_asked_in_its_own_words_at_once(self, subject: Subject) -> None:
        for model in ("o3-azure", "o1", "openai/o4-mini", "gpt-5", "azure/gpt-5.1-mini"):
            subject.fake.script(model, answer())
            await listen(subject.adapter(), subject.request(model, temperature=0.3, max_tokens=50))
            (sent,) = subject.fake.heard(model)
            assert sent["max_completion_tokens"] > 50
            assert not {"temperature", "max_tokens"} & sent.keys()
        for model in ("gpt-4o", "marco-o1", "llama-o-1", "gpt-oss"):
            subject.fake.script(model, answer())
            await listen(subject.adapter(), subject.request(model, temperature=0.3, max_tokens=50))
            (sent,) = subject.fake.heard(model)
            assert (sent["temperature"], sent["max_tokens"]) == (0.3, 50)

    async def test_the_check_learns_too(self, subject: Subject) -> None:
        subject.fake.script("scripted", refuses("max_tokens"), refuses("stream_options"), answer())
        assert (await subject.adapter().check("scripted")).ok

    async def test_what_one_model_refuses_another_is_sent(self, subject: Subject) -> None:
        subject.fake.script("scripted", refuses("temperature"), answer())
        subject.fake.script("other", answer())
        for model in ("scripted", "other"):
            await listen(subject.adapter(), subject.request(model, temperature=0.3))
        assert "temperature" in subject.fake.heard("other")[0]

    @pytest.mark.parametrize(
        "message",
        [
            "max_tokens is too large: 50. This model supports at most 16 completion tokens.",
            "Invalid value: max_tokens must be at least 64.",
        ],
    )
    async def test_a_value_that_is_refused_is_not_sent_again(self, subject: Subject, message: str) -> None:
        subject.fake.script("scripted", says({"error": {"message": message, "param": "max_tokens"}}, 400), answer())
        heard = await listen(subject.adapter(), subject.request("scripted", max_tokens=50))
        assert type(heard.error) is errors.ProviderBadRequest
        assert heard.error.param == "max_tokens"
        assert len(subject.fake.heard("scripted")) == 1

    async def test_a_setting_that_carries_the_question_is_never_left_out(self, subject: Subject) -> None:
        subject.fake.script("scripted", refuses("tools"), answer())
        heard = await listen(subject.adapter(), subject.request("scripted", tools=(Tool("f"),)))
        assert isinstance(heard.error, errors.ProviderBadRequest)
        assert "'tools'" in heard.error.detail


@of("anthropic")
@pytest.mark.parametrize(
    "message", ["`temperature` is deprecated for this model.", "temperature: Extra inputs are not permitted"]
)
async def test_anthropics_temperature_is_left_out_where_it_is_refused(subject: Subject, message: str) -> None:
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    subject.fake.script("claude-sonnet-4-5", says(error, 400), answer("anthropic"))
    heard = await listen(subject.adapter(), subject.request("claude-sonnet-4-5", temperature=0.3))
    assert heard.text == "Hello."
    assert ["temperature" in body for body in subject.fake.heard("claude-sonnet-4-5")] == [True, False]


NOWHERE = [
    says({"detail": "Not Found"}, 404),
    says({"error": {"message": "Unknown request URL", "type": "invalid_request_error"}}, 404),
    Reply((b"<html><title>404</title></html>",), status=404, headers=(("content-type", "text/html"),)),
    Reply((b"404 page not found",), status=404, headers=(("content-type", "text/plain"),)),
    Reply((), status=405),
    says({"error": "Unexpected endpoint or method. (POST /v1/chat/completions)"}),
]


@of("openai_compatible")
class TestPlaces:
    @pytest.mark.parametrize("nowhere", NOWHERE)
    @pytest.mark.parametrize(
        ("typed", "wrong", "right"), [("", "/v1", ""), ("/v1", "/v1", ""), ("/openai", "/openai", "/openai/v1")]
    )
    async def test_the_api_is_found_with_and_without_v1_and_then_remembered(
        self, subject: Subject, nowhere: Reply, typed: str, wrong: str, right: str
    ) -> None:
        subject.fake.script(f"{wrong}/chat/completions", nowhere)
        subject.fake.script(f"{right}/chat/completions", answer())
        for _ in range(2):
            heard = await listen(subject.adapter(base_url=subject.fake.url + typed), subject.request("any"))
            assert heard.text == "Hello."
        assert len(subject.fake.heard(f"{wrong}/chat/completions")) == 1
        assert len(subject.fake.heard(f"{right}/chat/completions")) == 2

    @pytest.mark.parametrize("nowhere", NOWHERE)
    async def test_an_address_without_an_api_is_told_as_such(self, subject: Subject, nowhere: Reply) -> None:
        for path in ("/v1/chat/completions", "/chat/completions"):
            subject.fake.script(path, nowhere)
        heard = await listen(subject.adapter(), subject.request("any"))
        assert type(heard.error) is errors.ProviderHasNoApi
        assert "no model API at this address" in heard.error.detail

    async def test_a_page_at_the_other_place_is_no_api_either(self, subject: Subject) -> None:
        subject.fake.script("/v1/chat/completions", NOWHERE[0])
        subject.fake.script("/chat/completions", Reply((b"<html>Welcome</html>",)))
        heard = await listen(subject.adapter(), subject.request("any"))
        assert type(heard.error) is errors.ProviderHasNoApi

    async def test_a_model_that_is_not_there_is_no_reason_to_look_elsewhere(self, subject: Subject) -> None:
        subject.fake.script("any", says({"error": {"message": "The model `any` does not exist"}}, 404))
        assert type((await listen(subject.adapter(), subject.request("any"))).error) is errors.ProviderModelNotFound
        assert len(subject.fake.heard("any")) == 1


@of(*REMOTE)
@pytest.mark.parametrize(
    "endpoint",
    [
        "/chat/completions",
        "/completions/",
        "/models",
        "/embeddings/",
        "/messages",
        "/responses",
        "//chat/completions//",
        "/Chat/Completions",
    ],
)
@pytest.mark.parametrize("version", ["/v1", ""])
async def test_an_endpoint_that_was_pasted_is_taken_for_its_address(
    subject: Subject, endpoint: str, version: str
) -> None:
    adapter = subject.adapter(base_url=f"{subject.fake.url}{version}{endpoint}")
    assert (await listen(adapter, subject.request())).finished
    assert await adapter.list_models()


LISTS: dict[str, tuple[Any, list[str]]] = {
    "array": ([{"id": "a"}, {"id": "b"}], ["a", "b"]),
    "models": ({"models": [{"name": "a"}, {"model": "b"}]}, ["a", "b"]),
    "both": ({"models": [{"name": "a", "model": "a"}], "data": [{"id": "a"}, {"id": None}, {"name": "x"}]}, ["a", "x"]),
    "data-without-names": ({"data": [{}], "models": ["a"]}, ["a"]),
    "strings": ({"data": ["a", "b", "", None, 7]}, ["a", "b"]),
    "array-of-strings": (["a", "b"], ["a", "b"]),
    "twice": ({"data": [{"id": "a"}, {"id": "a", "context_length": 1}, {"id": " a "}, {"id": "b"}]}, ["a", "b"]),
    "junk": ({"data": [{"id": 7}, [], {"id": ""}, {"id": "x" * 300}, {"id": "a\x00b"}, {"id": "a"}]}, ["a"]),
    "empty": ({"object": "list", "data": []}, []),
}


@of(*REMOTE)
class TestListing:
    @pytest.mark.parametrize("form", LISTS)
    async def test_each_form_of_a_list_is_read(self, subject: Subject, form: str) -> None:
        document, expected = LISTS[form]
        subject.fake.script("/v1/models", says(document))
        assert [model.id for model in await subject.adapter().list_models()] == expected

    @pytest.mark.parametrize(
        ("row", "context"),
        [
            ({"context_length": 8192}, 8192),
            ({"n_ctx": 8192}, 8192),
            ({"meta": {"n_ctx": 8192, "n_ctx_train": 32768}}, 8192),
            ({"max_model_len": "8192"}, 8192),
            ({"max_input_tokens": 8192.0}, 8192),
            ({"context_window": 8192, "max_context_length": None}, 8192),
            ({"context_length": None, "max_context_length": 8192}, 8192),
            ({"meta": {"n_ctx_train": 32768}}, 32768),
            ({"meta": {"n_ctx_train": 32768}, "max_model_len": 8192}, 8192),
            ({"context_length": 0, "meta": None}, None),
            ({"context_length": True}, None),
            ({"context_length": "long"}, None),
        ],
    )
    async def test_the_length_of_a_prompt_comes_with_the_list(
        self, subject: Subject, row: dict[str, Any], context: int | None
    ) -> None:
        subject.fake.script("/v1/models", says({"data": [{"id": "unheard-of", **row}]}))
        (model,) = await subject.adapter().list_models()
        assert model.context_tokens == context

    @pytest.mark.parametrize(
        ("row", "small"),
        [
            ({"meta": {"n_params": 494_032_768}}, True),
            ({"meta": {"n_params": 8_030_261_248}}, False),
            ({"details": {"parameter_size": "494.03M"}}, True),
            ({"details": {"parameter_size": "8.0B"}}, False),
            ({"details": {"parameter_size": "large"}, "meta": {"n_params": "many"}}, False),
        ],
    )
    async def test_how_large_a_model_is_comes_with_the_list(
        self, subject: Subject, row: dict[str, Any], small: bool
    ) -> None:
        subject.fake.script("/v1/models", says({"data": [{"id": "unheard-of", **row}]}))
        (model,) = await subject.adapter().list_models()
        assert model.profile.small is small

    @pytest.mark.parametrize(
        "nowhere", [*NOWHERE, says({"error": {"message": "No models here"}}, 404), Reply((), status=501)]
    )
    async def test_a_server_without_a_list_says_so(self, subject: Subject, nowhere: Reply) -> None:
        for path in ("/v1/models", "/models"):
            subject.fake.script(path, nowhere)
        with pytest.raises(errors.ProviderCannotList, match="List those you use"):
            await subject.adapter().list_models()

    @pytest.mark.parametrize("document", [{}, {"data": "none"}, "models", 7, None])
    async def test_what_is_no_list_is_no_answer(self, subject: Subject, document: Any) -> None:
        subject.fake.script("/v1/models", says(document))
        with pytest.raises(errors.ProviderBadResponse):
            await subject.adapter().list_models()


@of(*OPENAI)
async def test_a_key_goes_nowhere_else(subject: Subject) -> None:
    subject.fake.script("/v1/chat/completions", NOWHERE[0])
    await listen(subject.adapter(), subject.request("any"))
    assert subject.fake.stats()["last_authorization"] == subject.fake.sha256(KEY)
