"""The rules that keep tenants apart, as functions that find what breaks them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from chatcms.tests.source import Source

# Where each forbidden thing is allowed, because it is the thing's own place.
_CONTEXT = ("tenants.context", "chatcms.core.db.tenantdb")
# Begins every request with no tenant in force.
_RESET = ("chatcms.core.http.middleware",)
_THREADS = ("chatcms.core.http.threads",)
# The probe of the runtime asks as a proxy would.
_ADDRESSES = ("chatcms.core.http.addresses", "chatcms.core.http.proxies", "chatcms.runtime.probe")
_ADDRESS_NAMES = {
    *("REMOTE_ADDR", "REMOTE_HOST", "REMOTE_PORT", "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_FORWARDED_HOST"),
    *("X_FORWARDED_PORT", "FORWARDED", "X_REAL_IP", "CF_CONNECTING_IP", "TRUE_CLIENT_IP", "X_CLIENT_IP"),
}
_LOCAL_MODEL = ("providers.adapters.local",)
_WAY_OUT = ("chatcms.core.outbound.egress", "chatcms.core.outbound.http1", "providers.adapters", "chatcms.runtime")
# Go through it, and need the library's words for what may go wrong there.
_TRAVELLERS = (
    "chat.turns.services.pictures", "datasets.ingestion.fetching", "chatcms.webhooks", "tenants.services.own_domains"
)  # fmt: skip
# What each of them, and the providers, calls for; only there may the operator's list for it be read.
_PURPOSES = {
    "PROVIDER": ("providers",),
    "FETCH": ("chat.turns.services.pictures", "datasets.ingestion.fetching"),
    "WEBHOOK": ("chatcms.webhooks",),
    "DOMAIN": ("tenants.services.own_domains",),
}
_LISTS = {"EGRESS_PRIVATE_HOSTS", "FETCH_PRIVATE_HOSTS", "WEBHOOK_PRIVATE_HOSTS", "DOMAIN_PRIVATE_HOSTS"}
_READS_LISTS = ("chatcms.core.outbound.egress", "chatcms.settings", "chatcms.portal.private_hosts", "providers.connect")
_SENDING = {"Client", "AsyncClient", "get", "post", "put", "patch", "delete", "head", "request", "stream"}
# The loop itself, and the migrator, which compiles as it goes and reports each tenant in its outcome.
_LOOPS = ("tenants.each", "tenants.services.migrator")
_SCOPES = {"tenant_scope", "in_tenant"}
_SCHEMA_CALLS = {"set_schema", "set_schema_to_public", "set_tenant", "set_settings_schema"}
_HTTP_LIBRARIES = {"httpx", "httpx2", "requests", "aiohttp", "urllib3", "http.client", "urllib.request"}
# Questions to the DNS go out, too.
_DNS, _ASKS_DNS = "dns", ("chatcms.core.outbound.dnsrecords",)
_DJANGO_HTTP = ("services", "selectors", "models", "engine", "ingestion", "retrieval", "audit", "context", "runner")

# How long a module and a function may be, in lines.
_LONGEST_MODULE, _LONGEST_FUNCTION = 400, 60

Finding = tuple[ast.AST, str]
Rule = Callable[[Source], Iterator[Finding]]


def _name(node: ast.AST) -> str:
    """The last name of what is called or read."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def threads_that_no_tenant_follows_into(source: Source) -> Iterator[Finding]:
    """Pools of threads keep what the last user left in them."""
    if source.is_in("chatcms.runtime"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name | ast.alias):
            name = node.name if isinstance(node, ast.alias) else _name(node)
            if name in {"to_thread", "run_in_executor"} and not source.is_in(*_LOCAL_MODEL):
                yield node, name
            if name == "ThreadPoolExecutor" and not source.is_in(*_LOCAL_MODEL, *_THREADS):
                yield node, name
        if isinstance(node, ast.keyword) and node.arg == "thread_sensitive" and not source.is_in(*_THREADS):
            yield node.value, "thread_sensitive"


def addresses_read_elsewhere(source: Source) -> Iterator[Finding]:
    """Where a request comes from is read in one place: chatcms.core.http.addresses, and at the door before it."""
    if source.is_in(*_ADDRESSES):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            name = text.upper().replace("-", "_").removeprefix("HTTP_")
            if name in _ADDRESS_NAMES:
                yield node, name
        if isinstance(node, ast.Attribute) and node.attr == "SECURE_PROXY_SSL_HEADER":
            yield node, node.attr


def tenants_entered_elsewhere(source: Source) -> Iterator[Finding]:
    """There is one way into a tenant: tenants.context."""
    if source.is_in(*_CONTEXT):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in _SCHEMA_CALLS:
            yield node, node.attr
        if isinstance(node, ast.Attribute) and _dotted(node) in {"connection.schema_name", "connection.tenant"}:
            yield node, _dotted(node)
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                if _name(item.context_expr).endswith("tenant"):
                    yield item.context_expr, "with tenant"
        calls_it = isinstance(node, ast.Call) and _dotted(node.func) in {"state.activate", "activate"}
        if calls_it and not source.is_in(*_RESET):
            yield node, "activate"
        from_stock = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django_tenants")
        if from_stock and not source.is_in("tenants.models"):
            yield node, "django_tenants"


def loops_over_tenants(source: Source) -> Iterator[Finding]:
    """Whoever loops over tenants does so by `tenants.each.for_each_tenant`: one that fails must not stop the others."""
    if source.is_in(*_LOOPS):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.For | ast.AsyncFor) and (_selects_tenants(node.iter) or _name(node.target) == "tenant"):
            yield node, "for tenant"
        targets = [node.target] if isinstance(node, ast.For | ast.AsyncFor) else []
        targets += [each.target for each in getattr(node, "generators", [])]
        if any(_enters_one_of(inner, targets) for inner in ast.walk(node) if targets):
            yield node, "a tenant entered in a loop"


def _selects_tenants(node: ast.AST) -> bool:
    return any(_dotted(inner) == "Tenant.objects" for inner in ast.walk(node))


def _enters_one_of(node: ast.AST, targets: list[ast.expr]) -> bool:
    """Whether a scope is opened for what the loop's own variables name."""
    if not isinstance(node, ast.Call) or _name(node.func) not in _SCOPES:
        return False
    looped = {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    given = {name.id for argument in node.args for name in ast.walk(argument) if isinstance(name, ast.Name)}
    return bool(looped & given)


def periodic_tasks_made_otherwise(source: Source) -> Iterator[Finding]:
    """Celery tasks are made by `periodic_task`, which records each run; `run_next` alone answers hints instead."""
    if source.is_in("chatcms.jobs.periodic"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef) and node.name != "run_next":
            for decorator in node.decorator_list:
                if _name(decorator.func if isinstance(decorator, ast.Call) else decorator) in {"shared_task", "task"}:
                    yield node, node.name


def raw_sessions(source: Source) -> Iterator[Finding]:
    """A session without Django's cursor knows no tenant; a SET that is not LOCAL outlives its transaction."""
    if source.is_in("chatcms.core.db.tenantdb", "chatcms.runtime"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and _dotted(node).endswith("connection.connection"):
            yield node, "connection.connection"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            module = getattr(node, "module", None) or ""
            if "psycopg_pool" in {module, *names} or (isinstance(node, ast.Import) and "psycopg" in names):
                yield node, "psycopg"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.upper().split()
            if words[:1] == ["SET"] and words[1:2] not in (["LOCAL"], ["CONSTRAINTS"]) and "=" in node.value:
                yield node, "SET without LOCAL"


def ways_out(source: Source) -> Iterator[Finding]:
    """Every request to the outside goes through the one guarded way out."""
    if source.is_in(*_WAY_OUT):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        else:
            sends = isinstance(node, ast.Attribute) and _dotted(node.value) == "httpx2" and node.attr in _SENDING
            if sends:
                yield node, _dotted(node)
            continue
        for name in names & _HTTP_LIBRARIES:
            if not (name == "httpx2" and source.is_in(*_TRAVELLERS)):
                yield node, name
        if any(name.split(".")[0] == _DNS for name in names) and not source.is_in(*_ASKS_DNS):
            yield node, _DNS


def ways_out_without_a_purpose(source: Source) -> Iterator[Finding]:
    """Whoever goes out says in that line what for, as a constant, and only what is theirs."""
    if source.is_in("chatcms.core.outbound.egress"):
        return
    own = {f"Purpose.{name}" for name, modules in _PURPOSES.items() if source.is_in(*modules)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and _dotted(node.func).removesuffix(".of").endswith("EgressPolicy"):
            purpose = _dotted(node.args[0]) if node.args else ""
            if purpose.removeprefix("egress.") not in own:
                yield node, purpose or "EgressPolicy"
        if isinstance(node, ast.Attribute) and node.attr in _LISTS and not source.is_in(*_READS_LISTS):
            yield node, node.attr


def http_in_business_code(source: Source) -> Iterator[Finding]:
    """Use-cases know no requests and responses."""
    if not source.module.count(".") or not set(source.module.split(".")[1:]) & set(_DJANGO_HTTP):
        return
    if set(source.module.split(".")) & {"api", "views", "admin", "portal", "runtime"}:
        return
    for node in ast.walk(source.tree):
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        if module.startswith(("django.http", "django.shortcuts", "rest_framework.")):
            yield node, module


def broad_excepts(source: Source) -> Iterator[Finding]:
    """Whoever catches everything hides errors, save at the marked edges."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        broad = any(kind is None or _name(kind) in {"Exception", "BaseException"} for kind in kinds)
        raises_again = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in node.body)
        if broad and not raises_again and "edge:" not in source.line(node):
            yield node, "except"


def lax_serializers(source: Source) -> Iterator[Finding]:
    """DRF's own fields take a number for a text: `chatcms.core.api.serializers` stands in for them."""
    if source.is_in("chatcms.core"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            if node.module == "rest_framework.serializers" or "rest_framework.serializers" in names:
                yield node, "rest_framework.serializers"


_CLOCKS = frozenset({"monotonic", "perf_counter", "process_time", "thread_time"})


def waits_for_a_time(source: Source) -> Iterator[Finding]:
    """A test that waits for a time fails on a machine that is slower: `chatcms.tests.waiting` waits for conditions."""
    if source.is_in("chatcms.tests.waiting"):
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        sleeps = _dotted(node.func) in {"time.sleep", "asyncio.sleep", "sleep"}
        gives_way = sleeps and node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
        if (sleeps and not gives_way) or _name(node.func) == "wait_for_timeout":
            yield node, _dotted(node.func)


def judged_by_the_clock(source: Source) -> Iterator[Finding]:
    """What a test measures in seconds is true of one machine: `chatcms.tests.growth` compares the processor's time."""
    if source.is_in("chatcms.tests.growth") or source.is_in("chatcms.tests.waiting"):
        return
    for node in ast.walk(source.tree):
        asserted = ast.walk(node.test) if isinstance(node, ast.Assert) else ()
        clocks = [_dotted(one.func) for one in asserted if isinstance(one, ast.Call) and _name(one.func) in _CLOCKS]
        if clocks:
            yield node, clocks[0]
        elif isinstance(node, ast.Call) and _name(node.func) in {"perf_counter", "timeit", "process_time"}:
            yield node, _dotted(node.func)
        elif isinstance(node, ast.Attribute) and _dotted(node) == "timeit.repeat":
            yield node, "timeit.repeat"


def too_long(source: Source) -> Iterator[Finding]:
    """A module has at most 400 lines and a function at most 60: what is longer has more than one subject."""
    lines = source.text.count("\n")
    if lines > _LONGEST_MODULE:
        yield source.tree, f"{lines} lines"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > _LONGEST_FUNCTION:
                yield node, f"{node.name} has {lines} lines"


_CHANGES = re.compile(r"(?:^|\.)(?:update|change\w*|rename|edit\w*|publish|resplit|hand_over|restore_version)$")
# What visitors wrote stands in no log: it is erased with the conversation.
_UNTOLD = {"conversation.rename"}


def changes_without_values(source: Source) -> Iterator[Finding]:
    """A line about a change says what was and what is: it gives `changes`, by `audit.changes` and `audit.unsaid`."""
    for function in ast.walk(source.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _dotted(call.func) in {"audit.record", "audit.record_in"} and call.args:
                actions = _actions(call.args[0], function)
                named = {keyword.arg for keyword in call.keywords}
                if any(map(_CHANGES.search, actions - _UNTOLD)) and "changes" not in named:
                    yield call, f"{sorted(actions)} without changes"


def _actions(node: ast.expr, function: ast.AST) -> set[str]:
    """What the action may be: as written, or any text of the function where it is put together or handed on."""
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    texts = [each.value for each in ast.walk(function) if isinstance(each, ast.Constant)]
    return {text for text in texts if isinstance(text, str)}


def refusals_in_english_only(source: Source) -> Iterator[Finding]:
    """What a refusal says is translated before a page shows it."""
    if not re.search(r"\.views(\.|$)", source.module):
        return
    said = {
        id(argument)
        for call in ast.walk(source.tree)
        if isinstance(call, ast.Call) and _name(call.func) in {"_", "gettext"}
        for argument in call.args
    }
    for node in ast.walk(source.tree):
        is_refusal = isinstance(node, ast.Attribute) and node.attr == "detail" and _name(node.value) == "error"
        if is_refusal and id(node) not in said:
            yield node, "error.detail is shown as it is: write _(error.detail)"


TEST_RULES: tuple[Rule, ...] = (waits_for_a_time, judged_by_the_clock)
RULES: tuple[Rule, ...] = (
    threads_that_no_tenant_follows_into,
    tenants_entered_elsewhere,
    loops_over_tenants,
    periodic_tasks_made_otherwise,
    addresses_read_elsewhere,
    raw_sessions,
    ways_out,
    ways_out_without_a_purpose,
    http_in_business_code,
    broad_excepts,
    lax_serializers,
    too_long,
    changes_without_values,
    refusals_in_english_only,
)
