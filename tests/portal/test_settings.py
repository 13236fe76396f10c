"""Settings are read strictly: what is missing or malformed stops the start in words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from portal.celery import app

ROOT = Path(__file__).resolve().parent.parent.parent
KEEP = {"PATH", "HOME", "LANG"}


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k in KEEP} | variables
    command = [sys.executable, "-c", "from django.conf import settings; print(settings.DEBUG, settings.ALLOWED_HOSTS)"]
    environment["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_start_without_a_secret_key_is_refused() -> None:
    found = start()
    assert found.returncode != 0
    assert "DJANGO_SECRET_KEY is missing" in found.stderr


def test_a_start_with_the_needed_variables_is_not_in_debug() -> None:
    found = start(DJANGO_SECRET_KEY="x" * 50, DJANGO_ALLOWED_HOSTS="a.example.vn,b.example.vn")
    assert found.stdout.strip() == "False ['a.example.vn', 'b.example.vn']"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SITE_URL", "sanpham.example.vn", "SITE_URL must be a whole address"),
        ("MEDIA_URL_BACKEND", "file://media", "MEDIA_URL_BACKEND must be file://"),
        ("DATABASE_URL", "oracle-of-delphi://x", ""),
        ("DJANGO_DEBUG", "maybe", ""),
        ("BOUNCE_ADDRESS", "Tra Lai", "BOUNCE_ADDRESS must be a short address"),
    ],
)
def test_a_malformed_value_stops_the_start(name: str, value: str, words: str) -> None:
    found = start(**({"DJANGO_SECRET_KEY": "x" * 50} | {name: value}))
    assert found.returncode != 0
    assert words in found.stderr


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled - set(app.tasks) == set()
    assert scheduled


def compose() -> dict[str, dict[str, dict[str, object]]]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_runs_web_worker_beat_database_and_redis_with_health_checks() -> None:
    services = compose()["services"]
    assert {"web", "worker", "beat", "db", "redis"} <= set(services)
    assert [name for name, service in services.items() if name != "migrate" and "healthcheck" not in service] == []


def test_compose_holds_no_secret() -> None:
    values = [
        (name, str(value))
        for service in compose()["services"].values()
        for name, value in dict(service.get("environment", {})).items()  # type: ignore[call-overload]
        if "PASSWORD" in name or "SECRET" in name
    ]
    assert values
    assert [name for name, value in values if not value.startswith("${")] == []
