FROM node:26-slim AS build
WORKDIR /ledger
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:26-slim
WORKDIR /ledger
COPY --from=build /ledger/package.json ./
COPY --from=build /ledger/node_modules node_modules
COPY --from=build /ledger/dist dist
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/token-ledger
USER node
ENV NODE_ENV=production
VOLUME /var/lib/token-ledger
EXPOSE 3000
# The flags of `npm start`: docs/adr/0018-node-runs-with-two-flags.md.
CMD ["node", "--max-semi-space-size=64", "--v8-pool-size=1", "dist/apps/server/src/main.js"]
