# syntax=docker/dockerfile:1
# Two stages: the first has the tools to build, the second has Python and the service. Dependencies are locked with hashes.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements/runtime.txt requirements/build.txt requirements/
RUN python -m venv /opt/presence \
    && /opt/presence/bin/pip install --quiet --require-hashes -r requirements/runtime.txt \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --quiet --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY presence presence
COPY connectors connectors
RUN /opt/build/bin/hatchling build -t wheel \
    && /opt/presence/bin/pip install --quiet --no-deps --no-index dist/*.whl \
    && /opt/presence/bin/pip uninstall --quiet --yes pip setuptools

FROM python:3.11-slim
LABEL org.opencontainers.image.title="presence" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 presence \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/presence --shell /usr/sbin/nologin presence \
    && install -d -o presence -g presence -m 0750 /var/lib/presence /etc/presence
COPY --from=build /opt/presence /opt/presence
# Nothing but /var/lib/presence is written to: run it with --read-only and a volume there. Settings and keys are mounted into
# /etc/presence; none are in the image.
ENV PATH=/opt/presence/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/presence
VOLUME /var/lib/presence
USER 10001:10001
EXPOSE 8020
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8021/healthz', timeout=4)"]
CMD ["presence", "serve", "--config", "/etc/presence/presence.toml"]
