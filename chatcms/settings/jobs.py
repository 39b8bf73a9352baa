"""The queue of jobs, its workers, and what the scheduler asks for."""

from __future__ import annotations

import os

from celery.schedules import crontab
from kombu import Exchange, Queue

from chatcms.config.environment import celery_broker, env
from chatcms.settings.stores import REDIS_URL

CELERY_BROKER_URL = celery_broker(REDIS_URL)
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in ("default", "short")]
# How many jobs of each queue a worker does at once; each queue has one slot more (see `chatcms.jobs.slots`).
JOB_SLOTS = {"default": max(1, min(env.int("WORKER_CONCURRENCY", 2), os.cpu_count() or 1)), "short": 1}
CELERY_WORKER_CONCURRENCY = sum(JOB_SLOTS.values()) + len(JOB_SLOTS)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = env.int("WORKER_MAX_MEMORY_KB", 800_000)
# A child that does not report within this time is killed and forked again; the default of 4 s can repeat for ever on a
# busy machine.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
# How long an attempt at a job may take, unless its kind says otherwise (seconds). The keeper ends it, with a reason;
# Celery's own limit is for periodic tasks, and for a keeper that stands still.
JOB_TIME_LIMIT_SECONDS = env.float("JOB_TIME_LIMIT_SECONDS", 1800.0)
CELERY_TASK_TIME_LIMIT = JOB_TIME_LIMIT_SECONDS + 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Whoever sends a hint never waits for a broker that is away; the job is in PostgreSQL.
    "max_retries": 0,
    "visibility_timeout": 3600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
}
# How long a worker may be silent about a job before another one takes it over (seconds).
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", 30.0)
# For how long a long document is worked on before another tenant's job that waits has its turn (seconds).
JOB_SLICE_SECONDS = env.float("JOB_SLICE_SECONDS", 20.0)
# How often the workers look for due jobs that no hint is out for (seconds).
JOB_TICK_SECONDS = env.float("JOB_TICK_SECONDS", 5.0)
CELERY_BEAT_SCHEDULER = "chatcms.jobs.scheduler:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# A lost hint costs at most one tick: the truth about work is in PostgreSQL, and beat looks there.
CELERY_BEAT_SCHEDULE = {
    "dispatch-due-jobs": {
        "task": "chatcms.jobs.dispatch_due",
        "schedule": JOB_TICK_SECONDS,
        "options": {"expires": JOB_TICK_SECONDS},
    },
    "drop-deleted-tenants": {"task": "chatcms.jobs.drop_deleted_tenants", "schedule": 60.0, "options": {"expires": 60}},
    "forget-old-webhook-events": {"task": "webhooks.forget_old", "schedule": 86_400.0, "options": {"expires": 3600}},
    "forget-old-mails": {"task": "chatcms.jobs.forget_old_mails", "schedule": 600.0, "options": {"expires": 600}},
    "forget-idempotent-requests": {
        "task": "chatcms.jobs.forget_idempotent_requests",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "forget-ended-sign-ins": {
        "task": "chatcms.jobs.forget_ended_sign_ins",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "recheck-own-domains": {
        "task": "chatcms.jobs.recheck_own_domains",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "remove-old-exports": {"task": "exports.remove_old", "schedule": 3600.0, "options": {"expires": 3600}},
    "sweep-orphan-files": {"task": "datasets.sweep_orphan_files", "schedule": 86_400.0, "options": {"expires": 3600}},
    "queue-stale-documents": {"task": "datasets.queue_stale", "schedule": 300.0, "options": {"expires": 300}},
    "end-idle-conversations": {"task": "chat.end_idle", "schedule": 60.0, "options": {"expires": 60}},
    "delete-expired-conversations": {
        "task": "chat.delete_expired",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 3600},
    },
    "roll-up-usage": {"task": "chat.roll_up_usage", "schedule": crontab(minute=7), "options": {"expires": 3000}},
    "forget-keys-of-questions": {"task": "chat.forget_keys", "schedule": 3600.0, "options": {"expires": 3600}},
    "sum-usage-up": {"task": "chat.sum_up", "schedule": 300.0, "options": {"expires": 300}},
    "fail-abandoned-answers": {"task": "chat.fail_abandoned", "schedule": 60.0, "options": {"expires": 60}},
}
