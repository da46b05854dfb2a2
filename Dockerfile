# The app with all models of this repository and PyTorch for CPUs. docs/serve.md says how to use it.
FROM python:3.12-slim-trixie@sha256:f77ac9e44ae96ef2c90b8053ea08c31f8be030f824196b0ae4db6d462c84e51f AS build
WORKDIR /srv/explorer
COPY docker/torch.lock docker/requirements.lock docker/
RUN python -m venv /opt/explorer && \
    /opt/explorer/bin/pip install --no-cache-dir --no-deps --require-hashes \
        --index-url https://download.pytorch.org/whl/cpu -r docker/torch.lock
# Headers, tests and compiled files of packages are removed. Python compiles missing files again.
RUN /opt/explorer/bin/pip install --no-cache-dir --no-compile --only-binary :all: --require-hashes \
        -r docker/requirements.lock && \
    /opt/explorer/bin/pip check && \
    /opt/explorer/bin/pip uninstall --yes pip && \
    find /opt/explorer/lib -depth -type d \( -path '*/torch/include' -o -path '*/pyarrow/include' \
        -o -name tests -not -path '*/numpy/*' -o -name __pycache__ \) -exec rm -r {} +
# Downloads the files for browsers from the npm registry, and checks them against the hashes in vendor.json.
COPY tools/vendor.py tools/vendor.json tools/
COPY ibinn_core/ ibinn_core/
COPY app/vendor.py app/
COPY app/static/ app/static/
RUN /opt/explorer/bin/python tools/vendor.py

FROM python:3.12-slim-trixie@sha256:f77ac9e44ae96ef2c90b8053ea08c31f8be030f824196b0ae4db6d462c84e51f
# Hugging Face Spaces run the app as user 1000. The folder /data is for downloaded data sets.
RUN useradd --uid 1000 --create-home explorer && install --directory --owner=1000 --group=1000 /data
WORKDIR /srv/explorer
COPY --from=build /opt/explorer /opt/explorer
COPY checkpoints/ checkpoints/
COPY docs/table1.json docs/curves.json docs/table2.json docs/curves2.json docs/
COPY ibinn_core/ ibinn_core/
COPY ibinn_explorer/ ibinn_explorer/
COPY tools/serve.py tools/
COPY docker/start.sh docker/
# The app puts files for browsers beside its scripts. So it may write to this folder, but not to the others.
COPY --chown=1000:1000 app/ app/
COPY --from=build --chown=1000:1000 /srv/explorer/app/static/vendor/ app/static/vendor/
ENV PATH=/opt/explorer/bin:$PATH \
    PYTHONPYCACHEPREFIX=/tmp/compiled \
    IBINN_DATA=/data \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=7860 \
    STREAMLIT_SERVER_HEADLESS=true
USER 1000
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:7860/_stcore/health', timeout=4)"]
CMD ["sh", "docker/start.sh"]
