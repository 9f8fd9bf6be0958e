.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export ANB_DATA_DIR ?= $(CURDIR)/var
export UV_NO_PROGRESS := 1
unexport VIRTUAL_ENV

.PHONY: help run test test-slow check format fuzz bench chaos chaos-long \
	aws-synth aws-test aws-deploy aws-release aws-check aws-destroy \
	lab lab-up lab-sh lab-down lock clean

help: ## Say what each command does
	@echo "ANB Rising Stars. The two that matter first are 'make run' and 'make test'."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PYTHON=python3.12 make run   chooses the Python (3.11 to 3.14); ANB_HTTP_PORT=9000 make run, the port."

run: $(VENV)/.run ## Set up what is needed, start the whole platform, and run the main job once
	@exec "$(BIN)/anb" up

test: $(VENV)/.dev ## Set up what is needed and run the tests
	@"$(BIN)/python" tests/run.py

test-slow: $(VENV)/.dev ## Run the tests that take long: the whole corpus of clips
	@"$(BIN)/python" tests/run.py -m slow

check: $(VENV)/.dev ## Lint, types, import directions, lock files, migrations
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/mypy"
	@"$(BIN)/lint-imports"
	@"$(BIN)/python" tests/gates.py

format: $(VENV)/.dev ## Write the code as the formatter likes it
	@"$(BIN)/ruff" check --fix-only .
	@"$(BIN)/ruff" format .

fuzz: $(VENV)/.dev ## Put files made to harm and MUTANTS=10000 mutants of clips through probe, rules and edit
	@"$(BIN)/python" tests/fuzz.py --mutants $(or $(MUTANTS),10000)

bench: $(VENV)/.dev ## Measure, each figure beside its limit in the same run; results go to bench/results/
	@"$(BIN)/python" -m bench

chaos: $(VENV)/.dev ## Kill and break parts of the running platform for three minutes; SEED=7 for the same again
	@"$(BIN)/python" -m chaos $(if $(SEED),--seed $(SEED))

chaos-long: $(VENV)/.dev ## The same for up to an hour, with 300 faults
	@"$(BIN)/python" -m chaos --faults 300 --minutes 55 --outage 300 $(if $(SEED),--seed $(SEED))

aws-synth: $(VENV)/.aws ## Write the CloudFormation template of the three servers and the database; offline
	@"$(BIN)/python" -m deploy.aws synth

aws-test: $(VENV)/.aws $(VENV)/.dev ## Prove the template without AWS: lint, rules, and a deployment into moto read back
	@"$(BIN)/python" -m pytest -q -n2 --dist=loadfile tests/aws

aws-deploy: $(VENV)/.aws ## Make or change the stack: make aws-deploy SSH_RANGE=203.0.113.7/32 CONTACT=you@example.com [DOMAIN=…]
	@"$(BIN)/python" -m deploy.aws deploy $(if $(YES),--yes)

aws-release: $(VENV)/.aws ## Build a release of this commit and publish it to the stack's bucket; hosts fetch it
	@"$(BIN)/python" -m deploy.aws release

aws-check: $(VENV)/.aws ## Compare who reaches whom in the account with the deployment document
	@"$(BIN)/python" -m deploy.aws check

aws-destroy: $(VENV)/.aws ## Remove the stack, once its name is typed; says what remains
	@"$(BIN)/python" -m deploy.aws destroy

lab: $(VENV)/.aws $(VENV)/.dev ## Boot the servers of the deployment here and prove what they promise (root); ONLY="matrix …" some of it
	@"$(BIN)/python" -m deploy.lab prove $(if $(KEEP),--keep) $(foreach proof,$(ONLY),--only $(proof))

lab-up: $(VENV)/.aws $(VENV)/.dev ## Boot them and leave them standing
	@"$(BIN)/python" -m deploy.lab up

lab-sh: $(VENV)/.aws $(VENV)/.dev ## A shell of root in one of them: make lab-sh HOST=web (worker, file, database)
	@"$(BIN)/python" -m deploy.lab sh $(or $(HOST),web)

lab-down: $(VENV)/.aws $(VENV)/.dev ## Remove them
	@"$(BIN)/python" -m deploy.lab down

lock: $(VENV)/.uv ## Take newer versions into the lock files within what pyproject.toml allows
	@"$(BIN)/python" requirements/lock.py --upgrade

clean: ## Remove what setting up made (the data folder stays)
	rm -rf "$(VENV)" .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/.uv: requirements/uv.txt
	@"$(PYTHON)" -c 'import sys; ok = (3, 11) <= sys.version_info[:2] <= (3, 14); sys.exit(None if ok else "Python 3.11 to 3.14 is needed; this is %d.%d. Try: make PYTHON=python3.12 …" % sys.version_info[:2])'
	@echo "Making the environment in .venv …"
	@"$(PYTHON)" -m venv "$(VENV)"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch "$@"

$(VENV)/.run: $(VENV)/.uv requirements/run.txt pyproject.toml hatch_build.py src/anb/media/hlg.py $(wildcard src/anb/media/brand/*.svg)
	@echo "Installing the engines and libraries …"
	@"$(UV)" pip install --quiet --compile-bytecode --python "$(BIN)/python" --require-hashes -r requirements/run.txt
	@"$(UV)" pip install --quiet --python "$(BIN)/python" --no-deps --editable .
	@touch "$@"

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Installing the tools for tests and checks …"
	@"$(UV)" pip install --quiet --python "$(BIN)/python" --require-hashes -r requirements/dev.txt
	@touch "$@"

$(VENV)/.aws: $(VENV)/.run requirements/aws.txt
	@echo "Installing what AWS's template and its proof need …"
	@"$(UV)" pip install --quiet --python "$(BIN)/python" --require-hashes -r requirements/aws.txt
	@touch "$@"
