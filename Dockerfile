# syntax=docker/dockerfile:1
# The server with its site, for `docker compose up` or any container platform.

FROM rust:1.95-bookworm AS build
# npm brings wasm-opt for the release site; make and the compiler build the Kafka client.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends build-essential make nodejs npm \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The cache mounts keep dependencies compiled between builds; what is needed is copied out.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    --mount=type=cache,target=/root/.npm \
    cargo dev site --release \
 && cargo build --release --bin server \
 && mkdir /out \
 && cp target/release/server /out/server \
 && cp -r target/site /out/site

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --no-create-home --shell /usr/sbin/nologin eventsphere
COPY --from=build /out/server /usr/local/bin/server
COPY --from=build /out/site /srv/site
ENV EVENTSPHERE_ADDR=0.0.0.0:3000 \
    EVENTSPHERE_SITE_ROOT=/srv/site
USER eventsphere
EXPOSE 3000
# bash speaks HTTP well enough; the image needs no further program.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=6 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/3000 && printf 'GET /livez HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["server"]
CMD ["serve"]
