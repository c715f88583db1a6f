import type { Inventory } from '#lib/agent-protocol';
import { hostDecider } from '#lib/domain';
import type { AggregateId, HostId, TenantId } from '#lib/events';
import { CommandHandler, commandIdFrom, InMemoryEventStore } from '#lib/platform';
import { TestClock } from '#lib/platform-testing';
import { FleetBook } from '../shared/fleet-book.js';
import { InventoryDesk } from './inventory-desk.js';

const tenant = 'acme' as TenantId;
const host = 'h1' as HostId;
const ref = { tenant, aggregate: 'host', id: 'h1' as AggregateId } as const;
const inventory: Inventory = {
  ...{ os: 'linux', kernel: '6.1', arch: 'x64', cpus: 2, memoryBytes: 8e9 },
  collector: { kind: 'otelcol', version: '0.149.0' },
};
const withCpus = (cpus: number): Inventory => ({ ...inventory, cpus });

/** A desk over a store in memory, with one host that enrolled with two CPUs. */
async function given() {
  const clock = new TestClock();
  const store = new InMemoryEventStore();
  const commands = new CommandHandler(store, clock);
  const book = new FleetBook();
  const warnings: string[] = [];
  const desk = new InventoryDesk({ book, commands, clock, warn: (line) => warnings.push(line) });
  const follow = async () => {
    for (const commit of await store.load(ref)) if (commit.position > book.position) book.apply(commit);
  };
  const enrol = { type: 'EnrolHost', hostname: 'h1', labels: {}, publicKey: 'U1', inventory } as const;
  await commands.handle(
    hostDecider,
    ref,
    { ...enrol, at: clock.iso() },
    { commandId: commandIdFrom('enrol'), actor: { kind: 'service', id: 'agent-gateway' } },
  );
  await follow();
  return {
    desk,
    clock,
    warnings,
    sweep: async () => {
      await desk.sweep();
      await follow();
    },
    stored: async () =>
      (await store.load(ref))
        .flatMap(({ events }) => events)
        .flatMap((event) => (event.type === 'HostInventoryReported' ? [event.data.inventory.cpus] : [])),
  };
}

describe('inventories that hosts tell', () => {
  it('are stored when they are another, and then once', async () => {
    const { desk, stored, sweep } = await given();
    desk.tell({ tenant, host }, inventory);
    await sweep();
    expect(await stored()).toEqual([]);
    for (let again = 0; again < 3; again++) {
      desk.tell({ tenant, host }, withCpus(4));
      await sweep();
    }
    expect(await stored()).toEqual([4]);
  });

  it('are stored once a minute of one host that tells another each time, and its last word counts', async () => {
    const { clock, desk, stored, sweep } = await given();
    for (let cpus = 10; cpus < 20; cpus++) {
      desk.tell({ tenant, host }, withCpus(cpus));
      await sweep();
    }
    expect(await stored()).toEqual([10]);
    await clock.advance(60_000);
    await sweep();
    expect(await stored()).toEqual([10, 19]);
  });

  it('of a host that nobody knows are refused and forgotten', async () => {
    const { desk, sweep, warnings } = await given();
    desk.tell({ tenant, host: 'stranger' as HostId }, inventory);
    await sweep();
    await sweep();
    expect(warnings).toEqual(['inventory refused']);
  });
});
