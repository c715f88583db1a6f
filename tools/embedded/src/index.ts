export { cachedFolder, type CachedFolder } from './acquire/cache.js';
export { resolveChromium } from './acquire/chromium.js';
export { claimName, type Claim } from './claim.js';
export {
  resolveCollector,
  resolveCollectorWithPrometheus,
  type CollectorChoice,
} from './acquire/collector.js';
export { resolveNatsServer } from './acquire/nats-server.js';
export { PartMissing, type FoundPart, type Source } from './acquire/part.js';
export { resolvePostgres } from './acquire/postgres-part.js';
export { startHub, type Hub, type HubOptions, type HubPorts } from './nats/hub.js';
export { layOutLeaf, type LeafFiles } from './nats/leaf-files.js';
export {
  startConfiguredLeaf,
  startLeaf,
  type ConfiguredLeafOptions,
  type Leaf,
  type LeafOptions,
} from './nats/leaf.js';
export { LOOPBACK, type NetworkPlace } from './network-place.js';
export { dataDirectory, repositoryRoot } from './places.js';
export { claimPort, freePort, type ClaimedPort, onFreePorts } from './ports.js';
export { startPostgres, type Postgres, type PostgresOptions } from './postgres/server.js';
export { createScratchDatabase, type ScratchDatabase } from './postgres/scratch-database.js';
export { PartNotReady } from './process/ready.js';
export {
  spawnService,
  type Exit,
  type Log,
  type Output,
  type Service,
  type ServiceOptions,
} from './process/service.js';
export {
  scratchDirectory,
  startTestParts,
  type TestParts,
  type TestPartsOptions,
  type TestPostgres,
} from './test-parts.js';
