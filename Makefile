# The site's few commands. All state is in .venv/ (the environment) and in DATA_DIR, by default var/.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check bench backup restore requirements

# The first Python on PATH that is new enough; another one: make run PYTHON=/path/to/python3
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	echo "$$name" && break; done)
BIN := .venv/bin

help:
	@echo "make run                  start the whole site (PORT, BIND, DATA_DIR and others: .env.example)"
	@echo "make backup               save the database to DATA_DIR/backups/, also while the site runs"
	@echo "make restore FILE=path    put the database of a backup in place; the site must be stopped"
	@echo "make test                 run the tests"
	@echo "make check                run the linters, the type checker and the project's own checks"
	@echo "make requirements         pin the versions again after a change of pyproject.toml (needs uv)"
	@echo "make bench                measure start-up, recompute, pages and script size"

# `exec`: a signal that make passes on must reach the program, not a shell in front of it.
run: .venv/run.stamp
	@exec $(BIN)/python -m indexsite.run

backup: .venv/run.stamp
	@exec $(BIN)/python -m indexsite.run.backup

restore: .venv/run.stamp
	@exec $(BIN)/python -m indexsite.run.restore "$(FILE)"

# Each process of tests has its own PostgreSQL and Redis.
test: .venv/dev.stamp
	$(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal

# Production settings for `check --deploy`; nothing connects to these addresses.
check: .venv/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	SITE_URL=https://index.example DEBUG=false \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py check_templates
	$(BIN)/python manage.py messages --check

bench: .venv/dev.stamp
	$(BIN)/python -m tests.bench

# Versions are pinned by hash; lock files that carry the addresses of registries are not kept.
requirements:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements" \
		-o requirements/run.txt
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--quiet --no-emit-index-url --no-emit-find-links -c requirements/run.txt \
		--custom-compile-command "make requirements" -o requirements/dev.txt

# dev.txt holds everything in run.txt in the same versions, so an environment for tests also runs.
.venv/run.stamp: requirements/run.txt
	$(call build,requirements/run.txt)
	@touch $@

.venv/dev.stamp: requirements/dev.txt
	$(call build,requirements/dev.txt)
	@touch .venv/run.stamp $@

define build
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found on PATH: \
install one, or name it with PYTHON=/path/to/python3." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or \
newer is needed; $(PYTHON) is older, or does not run." >&2; exit 1; }
	@echo "Building the environment in .venv from $(1) ..."
	@if uv --version >/dev/null 2>&1; then \
		{ $(BIN)/python -c '' 2>/dev/null || uv venv --clear --python "$(PYTHON)" .venv; } && \
		uv pip install --python $(BIN)/python --require-hashes -r $(1); \
	else \
		"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks the venv \
module: on Debian and Ubuntu, apt install python3-venv." >&2; exit 1; }; \
		{ $(BIN)/python -m pip --version >/dev/null 2>&1 || \
			"$(PYTHON)" -m venv --clear .venv; } && \
		$(BIN)/python -m pip install --disable-pip-version-check --no-input \
			--require-hashes -r $(1); \
	fi
endef
