# Two commands are enough on a fresh machine: `make demo` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
DEMO_ENV = PORTAL_DEMO=1 DJANGO_SECRET_KEY="$$(cat var/secret-key)" SITE_URL=http://127.0.0.1:$(PORT) EMAIL_URL=filemail:///$(CURDIR)/var/mail
DEMO_MANAGE = $(DEMO_ENV) $(BIN)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test test-services test-browser lighthouse mutants lint messages bench

help: ## Lists what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.installed: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	@touch $@

var/secret-key:
	@mkdir -p var
	@$(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(48))' > $@

demo: $(VENV)/.installed var/secret-key ## Runs the portal with demo data on http://127.0.0.1:8000 (PORT=… for another)
	@$(DEMO_MANAGE) migrate --verbosity 0
	@$(DEMO_MANAGE) load_reference --apply --verbosity 0
	@$(DEMO_MANAGE) load_demo --apply
	@$(DEMO_MANAGE) make_open_data --apply > /dev/null
	@$(DEMO_MANAGE) collectstatic --noinput --verbosity 0
	@echo "http://127.0.0.1:$(PORT)   (Ctrl+C to stop; accounts: http://127.0.0.1:$(PORT)/tai-khoan-mau/)"
	@$(DEMO_ENV) $(BIN)/gunicorn portal.wsgi --config portal/serving.py --bind 127.0.0.1:$(PORT) --workers 1 --threads 8 --log-level warning

demo-reset: ## Forgets what was entered in the demo and starts over
	rm -rf var/portal.sqlite3 var/portal.sqlite3-shm var/portal.sqlite3-wal var/media var/mail
	$(MAKE) demo

test: $(VENV)/.installed-dev ## The whole suite on SQLite, no server needed
	$(BIN)/pytest -n auto --dist loadscope --no-loadscope-reorder --nomigrations -m "not browser and not services"

test-services: $(VENV)/.installed-dev ## What depends on the database again on PostgreSQL and Redis (numbers of queries are the same on both), with races, a real worker and beat; PAGES=--pages-once opens each page once
	$(BIN)/python -m tests.with_services $(BIN)/pytest -n auto --maxprocesses 8 --dist loadscope --no-loadscope-reorder --nomigrations --of-the-database $(PAGES) -m "services or not (browser or crawl)" -k "not (costs_the_same or cost_the_same)"

test-browser: $(VENV)/.installed-dev ## Journeys in a real headless Chromium
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder --nomigrations -m browser tests/journeys

lighthouse: $(VENV)/.installed-dev ## Lighthouse on a simulated phone: four pages, at least 95 in all four
	$(BIN)/python -m tests.lighthouse

mutants: $(VENV)/.installed-dev ## Small changes to the tally, each of which a test must notice
	$(BIN)/python -m tests.mutants

lint: $(VENV)/.installed-dev ## Style, types, templates, migrations, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/mypy .
	DJANGO_DEBUG=1 $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_DEBUG=1 $(BIN)/python -W error manage.py check --fail-level WARNING
	DJANGO_DEBUG=1 $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(BIN)/python -m tests.translations

messages: $(VENV)/.installed-dev ## Collects what the public reads into the English catalogue, compiles every catalogue
	$(BIN)/python -m tests.translations update

bench: $(VENV)/.installed-dev ## Speed as ratios: public pages at 5,000, 50,000 and 500,000 products, then the rest on 50,000
	$(BIN)/python -m tests.with_services $(BIN)/python -m tests.bench.public
	$(BIN)/python -m tests.with_services $(BIN)/python -m tests.bench
