# pisang with all that several servers together need (compose.yaml): PostgreSQL, Valkey, traces.
# Packages are those of locks/production.txt, by their hashes.
FROM python:3.13-slim AS build
WORKDIR /pisang
RUN python -m venv /opt/pisang
COPY locks/production.txt locks/
RUN /opt/pisang/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    -r locks/production.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/pisang/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps \
    --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin pisang \
    && install -d -o pisang -g pisang -m 0700 /data
COPY --from=build /opt/pisang /opt/pisang
ENV PATH=/opt/pisang/bin:$PATH \
    PISANG_DATA=/data \
    PISANG_HOST=0.0.0.0 \
    MALLOC_ARENA_MAX=2
USER pisang
VOLUME /data
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8787/readyz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["pisang"]
CMD ["serve"]
