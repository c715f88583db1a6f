import { eventually } from '#lib/platform-testing';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { LeaseStore, type LeaseRound } from './lease-store.js';

const names = ['a', 'b', 'c', 'd', 'e'];

describe('the leases of gateways in Postgres', () => {
  let database: TestDatabase;
  const gateway = (owner: string, leaseSeconds = 600) => new LeaseStore(database.source, owner, leaseSeconds);
  const held = ({ held: leases }: LeaseRound) => leases.map(({ name }) => name).sort();
  const epoch = ({ held: leases }: LeaseRound, name: string) =>
    leases.find((lease) => lease.name === name)?.epoch ?? 0;

  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.stop());
  beforeEach(() => database.source.query('TRUNCATE gateway_lease, gateway_member'));

  it('are all of one gateway that is alone', async () => {
    const one = await gateway('one').round(names);
    expect([held(one), one.surplus]).toEqual([names, 0]);
    expect(await gateway('one').round(names)).toEqual(one);
  });

  it('come to nearly equal shares when another gateway joins, without one lease in two hands', async () => {
    const [one, two] = [gateway('one'), gateway('two')];
    const before = await one.round(names);
    expect(held(await two.round(names))).toEqual([]);
    const asked = await one.round(names);
    expect([held(asked), asked.surplus]).toEqual([names, 2]);
    await one.release(['d', 'e']);
    const after = await two.round(names);
    expect([held(after), after.surplus]).toEqual([['d', 'e'], 0]);
    expect(epoch(after, 'd')).toBeGreaterThan(epoch(before, 'd'));
    expect(held(await one.round(names))).toEqual(['a', 'b', 'c']);
  });

  it('pass to another gateway once they have run out, under a higher epoch, and not before', async () => {
    const [dead, heir] = [gateway('dead', 2), gateway('heir')];
    const before = await dead.round(names);
    expect(held(await heir.round(names))).toEqual([]);
    let after: LeaseRound | undefined;
    await eventually(async () => held((after = await heir.round(names))).length === names.length, 'the heir');
    for (const name of names) expect(epoch(after!, name)).toBeGreaterThan(epoch(before, name));
    expect(held(await dead.round(names))).toEqual([]);
  });

  it('stay with a gateway whose renewal comes late, if nobody has taken them', async () => {
    const late = gateway('late', 1);
    const before = await late.round(names);
    await eventually(async () => {
      const [row] = await database.source.query<{ over: boolean }[]>(
        'SELECT bool_and(lease_until < clock_timestamp()) AS over FROM gateway_lease',
      );
      return row?.over === true;
    }, 'the end of the leases');
    expect((await late.round(names)).held).toEqual(before.held);
  });

  it('are free at once when a gateway leaves', async () => {
    await gateway('one').round(names);
    await gateway('one').leave();
    const heir = await gateway('two').round(names);
    expect([held(heir), heir.surplus]).toEqual([names, 0]);
  });

  it('are never taken from another gateway by giving them back', async () => {
    await gateway('one').round(names);
    await gateway('two').release(names);
    expect(held(await gateway('one').round(names))).toEqual(names);
  });

  it('have epochs that an older database cannot take back', async () => {
    const before = await gateway('one').round(names);
    await database.source.query('TRUNCATE gateway_lease');
    expect(epoch(await gateway('one').round(names), 'a')).toBeGreaterThan(epoch(before, 'a'));
  });

  it('go to one gateway each when many ask at once', async () => {
    const rounds = await Promise.all(['1', '2', '3', '4'].map((owner) => gateway(owner).round(names)));
    const all = rounds.flatMap(held);
    expect(all.length).toBe(new Set(all).size);
  });
});
