import { join } from 'node:path';
import { nodeDisk, type Clock, type Log } from '#lib/agent-core';
import type { Inventory } from '#lib/agent-protocol';
import type { AgentConfig } from '../agent.config.js';
import { BuiltinEngine } from '../builtin/builtin-engine.js';
import { backendsOf } from '../collectors/read-backends.js';
import type { CollectorEngine } from '../collectors/collector.js';
import { offersOf } from '../collectors/collector-offers.js';
import { findCollector } from '../collectors/find-collector.js';
import { lifeline } from '../collectors/lifeline.js';
import { memoryCap } from '../collectors/memory-cap.js';
import { permitsOf } from '../collectors/permits.js';
import { collectorsFolder, OtelcolEngine, sandboxFolder } from '../collectors/otelcol-engine.js';
import { hostFacts } from '../machine/host-facts.js';
import { readResourceAttributes, UNREADABLE_ATTRIBUTES } from '../machine/resource-attributes.js';
import { collectorOf } from '../machine/inventory.js';
import { collectorPrivileges } from '../collectors/privileges.js';
import { startMeterServer, type MeterServer } from '../meter/meter-server.js';
import type { Metering } from '../meter/metering.js';

export type EngineOptions = {
  readonly config: AgentConfig;
  readonly metering: Metering;
  readonly clock: Clock;
  readonly log: Log;
};

/** The collectors of this host, the meter's door that they use, and a sentence on both for people. */
export type ChosenEngine = {
  readonly engine: CollectorEngine;
  readonly meter: MeterServer;
  readonly description: string;
  /** The same collector for a sandbox with a meter of its own: it exports nothing. */
  readonly forSandbox: (metering: Metering, meter: MeterServer) => CollectorEngine;
  /** The collector as the inventory names it. */
  readonly collector: Inventory['collector'];
};

/** A real collector where there is one; else the built-in one, which says so. */
export async function chooseEngine({ clock, config, log, metering }: EngineOptions): Promise<ChosenEngine> {
  const agentFolder = config.PHOENIX_AGENT_DIR;
  const meter = await meterDoor(agentFolder, metering, log);
  const folder = collectorsFolder(agentFolder);
  const sandbox = sandboxFolder(agentFolder);
  const backends = await backendsOf(config);
  const program = await findCollector(config.PHOENIX_OTELCOL, config.path);
  if (program === undefined) {
    const description =
      'NO OpenTelemetry Collector here: the built-in one stands in, for the built-in templates';
    log.warn({}, description);
    const builtin = { clock, log };
    const engine = new BuiltinEngine({ ...builtin, folder, backends, metering });
    const forSandbox: ChosenEngine['forSandbox'] = (own) =>
      new BuiltinEngine({ ...builtin, folder: sandbox, backends: new Map(), metering: own });
    return { engine, forSandbox, meter, description, collector: collectorOf(program) };
  }
  const privileges = await collectorPrivileges();
  const cap = await memoryCap();
  const given = readResourceAttributes(config.OTEL_RESOURCE_ATTRIBUTES);
  if (given === undefined) log.warn({}, UNREADABLE_ATTRIBUTES);
  const facts = hostFacts(given);
  const common = { program, privileges, memoryCap: cap, lifeline: await lifeline(), facts, clock, log };
  const parts = { ...common, permits: permitsOf(config) };
  const engine = new OtelcolEngine({ ...parts, folder, backends, metering, meter });
  const forSandbox: ChosenEngine['forSandbox'] = (own, door) =>
    new OtelcolEngine({ ...parts, folder: sandbox, backends: new Map(), metering: own, meter: door });
  const description = `${program.path} ${program.version}, ${privileges.description}, ${cap.description}`;
  log.info({ collector: program.path, version: program.version }, description);
  const collector = collectorOf(program, await offersOf(program.path));
  return { engine, forSandbox, meter, description, collector };
}

/** Collectors that outlived an agent know the meter by its port, so the next agent takes the same if it can. */
async function meterDoor(folder: string, metering: Metering, log: Log): Promise<MeterServer> {
  const path = join(folder, 'meter.port');
  const before = Number((await nodeDisk.read(path))?.toString('utf8') ?? 0);
  const meter = await startMeterServer(metering, Number.isInteger(before) ? before : 0, log);
  if (meter.port !== before) await nodeDisk.replace(path, String(meter.port));
  return meter;
}
