# Éco2mix on Composer. `make help` lists the commands.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help doctor quick-look setup demo test check check-tests dataset query reset bench lint lock manifest up down stack-up stack-down

# A statement may contain dollar signs, as JSON paths do, which make would read as its own variables.
override SQL := $(value SQL)
export ODRE_API ODRE_DATA ODRE_CATALOGUE SQL FORMAT OPEN
export PYTHONPATH := $(CURDIR):$(CURDIR)/plugins
# A proxy through which a company reaches the package index does not lead to the emulators.
ifneq ($(http_proxy)$(HTTP_PROXY)$(all_proxy)$(ALL_PROXY),)
export no_proxy := localhost,127.0.0.1,$(or $(no_proxy),$(NO_PROXY))
export NO_PROXY := $(no_proxy)
endif
# The first interpreter that works: on some machines one of these names exists but does not run.
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' >/dev/null 2>&1 && { echo $$p; break; }; done)
RUN := .venv/bin/python
JOBS ?= 3

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# Once the environment exists, its Python is the one that has to work.
LOOKER = $(if $(wildcard .venv/.ready),$(RUN),$(or $(PYTHON),python3))
LOOK = command -v $(LOOKER) >/dev/null || { echo "error: there is no Python → install Python 3.11 or 3.12" >&2; exit 1; }; \
	$(LOOKER) laptop/doctor.py

doctor: ## check Python, disk, folder, exports and ports, and say what to do
	@$(LOOK)

quick-look:
	@$(LOOK) --quick

setup: .venv/.ready .venv-stack/.ready ## make both Python environments (the other commands do it when needed)

.venv/.ready: requirements.lock
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or 3.12 is needed (3.13 does not resolve yet) → install one, or make PYTHON=/path/to/it"; exit 1; }
	@echo "installing the pipeline's environment (.venv)"
	@$(RUN) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	@$(RUN) -m pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV="$(CURDIR)/.venv" .venv/bin/uv pip install --quiet --compile-bytecode -r requirements.lock
	@touch $@

.venv-stack/.ready: laptop/requirements.lock .venv/.ready
	@echo "installing the emulators' environment (.venv-stack)"
	@test -x .venv-stack/bin/python || $(RUN) -m venv .venv-stack
	@VIRTUAL_ENV="$(CURDIR)/.venv-stack" .venv/bin/uv pip install --quiet --compile-bytecode -r laptop/requirements.lock
	@touch $@

demo: quick-look setup ## run the whole pipeline once, offline, and open the dashboard; ODRE_DATA=<folder of exports>, ODRE_API=live|<url>, OPEN=0
	@$(RUN) -P laptop/demo.py

check: setup ## lint, types and the tests that need no service: a minute or two; `make test` runs all
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint check-tests

check-tests:
	@$(RUN) -m pytest --quiet -m "not service" --hypothesis-profile quick --numprocesses 2 --dist loadfile --no-loadscope-reorder

test: setup ## run all tests, three files at a time (JOBS=n: n files)
	@$(RUN) -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder

dataset: setup ## add a dataset: ID=<ODRÉ dataset>; asks ODRE_API=live|<url>, else the running replica, else the public API
	@$(RUN) -m laptop.scaffold $(if $(ID),"$(ID)",--help)

bench: setup ## compare the pipeline with what one would use instead; ONLY=<part>, PAIRS=5, YEARS=12, JSON=1
	@$(RUN) -m laptop.bench $(ONLY:%=--only %) $(PAIRS:%=--pairs %) $(YEARS:%=--years %) $(if $(filter-out 0,$(JSON)),--json)

# On a terminal the message is enough, so make does not add an error of its own. A script gets the exit code.
query: setup ## query the local warehouse: SQL="select …", FORMAT=csv or json for machines
	@$(RUN) -m laptop.query || test -t 1

up: quick-look setup ## start everything with the Airflow UI on http://localhost:8080; UNPAUSE=1 lets the schedules run
	@$(RUN) -m laptop.airflow up $(if $(filter-out 0,$(UNPAUSE)),--unpause)

down: ## stop everything that `make up` has started; keep the data
	@test ! -x $(RUN) || $(RUN) -m laptop.airflow down

stack-up: quick-look setup ## start the emulators and the API replica
	@$(RUN) -m laptop.stack up

stack-down: ## stop the emulators and the API replica; keep the data
	@test ! -x $(RUN) || $(RUN) -m laptop.stack down

reset: ## stop everything and delete all local data
	@test ! -x $(RUN) || $(RUN) -m laptop.airflow down
	@test ! -x $(RUN) || $(RUN) -m laptop.stack reset

lint: setup ## all hooks of .pre-commit-config.yaml on all files: ruff, mypy, sqlfluff, oxlint, dbt-score, yamllint, typos, terraform fmt and others
	@.venv/bin/pre-commit run --all-files --show-diff-on-failure

manifest: setup ## generate the manifests, two macros and columns in YAML again, after any change of the dbt project
	@$(RUN) -m laptop.manifest

# uv writes this command into the lock files, where Renovate reads it, so every option needs `=`.
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version=3.11 --generate-hashes

lock: setup ## resolve both lock files again, within constraints-composer.txt, and write the licence list
	@$(LOCK) --constraint=constraints-composer.txt --output-file=requirements.lock requirements-dev.txt
	@$(LOCK) --output-file=laptop/requirements.lock laptop/requirements.txt
	@$(MAKE) --no-print-directory setup
	@$(RUN) -m tests.deploy.known
	@$(RUN) -m tests.deploy.licences
