# The program as an image: what it sends from is mounted, what it keeps is in /data.
#
#   docker build -t mm-campaign .
#   docker run --rm -v ./campaigns:/app/campaigns:ro -v campaign:/data mm-campaign check campaigns/spring.yaml

# With a compiler, for a processor that better-sqlite3 has no binary for.
FROM node:22-bookworm AS build
WORKDIR /build
COPY . .
RUN npm ci && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --user-group --no-create-home --home-dir /data campaign \
  && install --directory --owner=campaign --group=campaign --mode=0700 /data
WORKDIR /app
COPY --from=build /build/package.json /build/campaign.schema.json /build/policy.schema.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
# The witness and the ledger outlive the container.
ENV NODE_ENV=production XDG_STATE_HOME=/data/state CAMPAIGN_LEDGER=/data/ledger.sqlite
VOLUME /data
USER campaign
# Of a server: /health. Other commands answer by themselves, and set HEALTH_URL to nothing.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD \
  test -z "$HEALTH_URL" || node -e "fetch(process.env.HEALTH_URL).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
# Passes SIGTERM on, so that a run finishes the requests in flight.
ENTRYPOINT ["tini", "--", "node", "dist/cli/main.js"]
CMD ["--help"]
