FROM python:3.13-slim-trixie AS base
# The image comes without bytecode, and where nothing can be written, every start would compile the library anew.
RUN python -m compileall -q -x site-packages /usr/local/lib

FROM base AS build
WORKDIR /src
RUN python -m venv --without-pip /opt/sheepbot
COPY .deploy/requirements.lock .deploy/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/sheepbot install --require-hashes --only-binary :all: -r .deploy/requirements.lock
COPY . .
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/sheepbot install --no-deps --no-build-isolation .

FROM base
LABEL org.opencontainers.image.title="sheepbot" \
      org.opencontainers.image.description="Film reviews in Discord, rated by the flock: one to five sheep." \
      org.opencontainers.image.licenses="MIT"
RUN useradd --uid 10001 --no-log-init --no-create-home --shell /usr/sbin/nologin sheepbot \
    && install --directory --mode=0700 --owner=sheepbot --group=sheepbot /data
# For the cards of boards and results. The default is 43 MB; the README has the others, and what they are for.
ARG FONTS=fonts-noto-core
RUN apt-get update && apt-get install -y --no-install-recommends $FONTS && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/sheepbot /opt/sheepbot
ENV PATH=/opt/sheepbot/bin:$PATH \
    HEALTH_PORT=8080
# From here the defaults, data/sheepbot.db and data/reviews, lie on the volume; without reviews there, the samples show.
WORKDIR /
VOLUME /data
# A number, as an orchestrator can tell of no other that it is not root.
USER 10001:10001
STOPSIGNAL SIGTERM
# Not /readyz: who restarts what is unhealthy would log in to Discord again and again while Discord is down.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['HEALTH_PORT']), timeout=3); c.request('GET', '/livez'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["sheepbot"]
CMD ["run"]
