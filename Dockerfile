# The bot as an image. `docker compose up -d` builds and starts it; docs/operations.md says how to set it up.
# `python -m tools.try_image` executes these lines in a clean Debian root where there is no Docker.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
# Libraries first and from the run-time lock alone, so that a change of the program does not fetch them again.
COPY requirements/run.lock requirements/run.lock
RUN python -m venv /opt/rotation-bot && /opt/rotation-bot/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY signals signals
RUN /opt/rotation-bot/bin/pip install --no-cache-dir --no-deps --no-build-isolation . && /opt/rotation-bot/bin/python -m compileall -q /opt/rotation-bot/lib

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin rotation-bot && install -d -o rotation-bot -g rotation-bot -m 700 /data
COPY --from=build /opt/rotation-bot /opt/rotation-bot
ENV ROTATION_BOT_HOME=/data
ENV ROTATION_BOT_HEALTH_PORT=9090
ENV PYTHONUNBUFFERED=1
USER rotation-bot
VOLUME /data
# The first look comes late, because a slow machine needs half a minute to start.
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 CMD ["/opt/rotation-bot/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9090/livez', timeout=8)"]
ENTRYPOINT ["/opt/rotation-bot/bin/rotation-bot"]
CMD ["run"]
