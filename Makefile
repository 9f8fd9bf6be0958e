.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export ANB_DATA_DIR ?= $(CURDIR)/var
export UV_NO_PROGRESS := 1
unexport VIRTUAL_ENV
PROBE_TESTS := tests/unit/test_adapters_prober.py $(addprefix tests/unit/test_media_,probe.py container.py head.py) \
	$(wildcard tests/integration/test_media_prober*.py tests/integration/test_media_start.py tests/integration/test_media_told_*.py) \
	$(wildcard tests/integration/test_corpus_[rt]*.py tests/integration/test_hostile_*.py)

.PHONY: help run test unit test-slow test-byhand test-probe check docs format fuzz fuzz-http mutation mutation-sample bench chaos chaos-long \
	network network-sample generated fraud crowd-votes \
	aws-synth aws-test aws-deploy aws-release aws-check aws-destroy \
	lab lab-up lab-sh lab-down clients lock clean

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

unit: $(VENV)/.dev ## Run tests/unit alone, in seconds: no engine, no platform
	@"$(BIN)/python" tests/run.py tests/unit

test-slow: $(VENV)/.dev ## Run the tests that take long: the whole corpus of clips, most of the tests in Chromium
	@"$(BIN)/python" tests/run.py -m "slow and not byhand"

test-byhand: $(VENV)/.dev ## Run the tests that need minutes of the machine alone: trials of mutants
	@"$(BIN)/python" tests/run.py -m byhand

test-probe: $(VENV)/.dev ## Run the tests of what opens strangers' files; VENV=.venv-3.13 PYTHON=python3.13 with another Python's PyAV
	@"$(BIN)/python" tests/run.py $(PROBE_TESTS)

check: $(VENV)/.dev ## Lint, types, import directions, lock files, migrations
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/mypy"
	@"$(BIN)/lint-imports"
	@"$(BIN)/python" tests/gates.py
	@"$(BIN)/python" requirements/audit.py

docs: $(VENV)/.docs ## Build the site of docs/ into var/site, with search, and check every link
	@NO_MKDOCS_2_WARNING=1 "$(BIN)/mkdocs" build --strict --quiet
	@echo "Built. To read it: $(BIN)/python -m http.server --directory var/site 8000"

format: $(VENV)/.dev ## Write the code as the formatter likes it
	@"$(BIN)/ruff" check --fix-only .
	@"$(BIN)/ruff" format .

fuzz: $(VENV)/.dev ## Put files made to harm and MUTANTS=10000 mutants of clips through probe, rules and edit
	@"$(BIN)/python" tests/fuzz.py --mutants $(or $(MUTANTS),10000)

mutation: $(VENV)/.dev ## Change the code in small ways and see whether a test fails; ONLY="jobs.store …" some of it
	@nice -n 15 "$(BIN)/python" -m verify.mutation --keep $(ONLY)

mutation-sample: $(VENV)/.dev ## The same with 40 mutants of what changed, in four minutes, after COVERAGE=1 make test
	@"$(BIN)/python" -m verify.mutation --contexts .coverage --sample 40 --minutes 4

fuzz-http: $(VENV)/.dev ## Ask every address what nobody would ask; SEED=7 for the same again, EXAMPLES=2000 for longer
	@"$(BIN)/python" tests/run.py -m slow -s tests/integration/test_web_fuzz.py

bench: $(VENV)/.dev ## Measure, each figure beside its limit in the same run; results go to verify/bench/results/
	@"$(BIN)/python" -m verify.bench

chaos: $(VENV)/.dev ## Kill and break parts of the running platform for three minutes; SEED=7 for the same again
	@"$(BIN)/python" -m verify.chaos $(if $(SEED),--seed $(SEED))

chaos-long: $(VENV)/.dev ## The same for up to an hour, with 300 faults
	@"$(BIN)/python" -m verify.chaos --faults 300 --minutes 55 --outage 300 $(if $(SEED),--seed $(SEED))

network: $(VENV)/.dev ## Send and fetch clips over every kind of bad network, with public clients; the result is kept
	@"$(BIN)/python" -m verify.network --keep $(if $(ONLY),--only "$(ONLY)")

network-sample: $(VENV)/.dev ## Some of its cells, in which every pair of values meets; SEED=7 for others
	@"$(BIN)/python" -m verify.network --sample --minutes 4 $(if $(SEED),--seed $(SEED))

generated: $(VENV)/.dev ## Make some 300 clips by combining properties and judge their edits; ONLY="…" one, SEED=7 COUNT=1000 others
	@"$(BIN)/python" -m verify.clips $(if $(ONLY),--only "$(ONLY)",--keep) $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT))

fraud: $(VENV)/.dev ## Play farms, bought votes, a viral clip and a school through the rules; SEED=7 for others, ONLY="school" one
	@"$(BIN)/python" -m verify.fraud $(if $(ONLY),--only "$(ONLY)",--keep) $(if $(SEED),--seed $(SEED))

crowd-votes: $(VENV)/.dev ## Let 100,000 votes race through nginx while parts die, and verify the count; VOTES=5000 for fewer
	@"$(BIN)/python" -m verify.votes $(if $(VOTES),--votes $(VOTES),--keep)

aws-synth: $(VENV)/.aws ## Write the CloudFormation template of the three servers and the database; offline
	@"$(BIN)/python" -m deploy.aws synth

aws-test: $(VENV)/.aws $(VENV)/.dev ## Prove the template without AWS: lint, rules, and a deployment into moto read back
	@"$(BIN)/python" -m pytest -q -n2 --dist=loadfile tests/aws

aws-deploy: $(VENV)/.aws ## Make or change the stack: make aws-deploy SSH_RANGE=203.0.113.7/32 CONTACT=you@example.com [DOMAIN=… SEND_MAIL=yes]
	@"$(BIN)/python" -m deploy.aws deploy $(if $(YES),--yes)

aws-release: $(VENV)/.aws ## Build a release of this commit and publish it to the stack's bucket; hosts fetch it
	@"$(BIN)/python" -m deploy.aws release

aws-check: $(VENV)/.aws ## Compare who reaches whom in the account with the deployment document
	@"$(BIN)/python" -m deploy.aws check

aws-destroy: $(VENV)/.aws ## Remove the stack, once its name is typed; says what remains
	@"$(BIN)/python" -m deploy.aws destroy

lab: $(VENV)/.aws $(VENV)/.dev ## Boot the servers of the deployment here and prove what they promise (root); ONLY="matrix …" some of it
	@"$(BIN)/python" -m verify.lab prove $(if $(KEEP),--keep) $(foreach proof,$(ONLY),--only $(proof))

lab-up: $(VENV)/.aws $(VENV)/.dev ## Boot them and leave them standing
	@"$(BIN)/python" -m verify.lab up

lab-sh: $(VENV)/.aws $(VENV)/.dev ## A shell of root in one of them: make lab-sh HOST=web (worker, file, database)
	@"$(BIN)/python" -m verify.lab sh $(or $(HOST),web)

lab-down: $(VENV)/.aws $(VENV)/.dev ## Remove them
	@"$(BIN)/python" -m verify.lab down

clients: $(VENV)/.dev ## Generate clients in TypeScript and Python from the OpenAPI document, into build/clients
	@cd tests && "$(BIN)/python" -m support.clients ../build/clients

lock: $(VENV)/.uv ## Take newer versions into the lock files within what pyproject.toml allows
	@"$(BIN)/python" requirements/lock.py --upgrade

clean: ## Remove what setting up made (the data folder stays)
	rm -rf "$(VENV)" src/anb/pages/static/tus.* src/anb/pages/static/altcha.* src/anb/pages/static/redoc.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/.uv: requirements/uv.txt
	@"$(PYTHON)" -c 'import sys; ok = (3, 11) <= sys.version_info[:2] <= (3, 14); sys.exit(None if ok else "Python 3.11 to 3.14 is needed; this is %d.%d. Try: make PYTHON=python3.12 …" % sys.version_info[:2])'
	@echo "Making the environment in .venv …"
	@"$(PYTHON)" -m venv "$(VENV)"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch "$@"

$(VENV)/.run: $(VENV)/.uv requirements/run.txt pyproject.toml hatch_build.py src/anb/media/hlg.py src/anb/pages/static/mark.svg $(wildcard src/anb/media/brand/*.svg) $(wildcard src/anb/pages/client/*)
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

$(VENV)/.docs: $(VENV)/.dev requirements/docs.txt
	@echo "Installing what makes a site of the docs …"
	@"$(UV)" pip install --quiet --python "$(BIN)/python" --require-hashes -r requirements/docs.txt
	@touch "$@"
