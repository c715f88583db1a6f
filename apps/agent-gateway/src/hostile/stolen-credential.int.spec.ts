import type { EnrolResponse } from '#lib/agent-protocol';
import { hostPresence, outboxGap } from '#lib/database';
import { streams } from '#lib/events';
import { eventually, GatewayHouse, tenant } from '../testing/gateway-house.js';
import { HostileHost } from '../testing/hostile-host.js';
import { PlayedHost } from '../testing/played-host.js';

const FRESH = 'another-token-of-the-test';
const at = '2026-01-02T03:04:05.000Z';
const gap = (n: number) => ({ kind: 'outbox-gap', at, fromN: n, toN: n }) as const;

/** What docs/security.md says of a stolen credential, step by step. */
describe('a credential file that was copied', () => {
  let house: GatewayHouse;
  let file: EnrolResponse;
  let owner: PlayedHost;
  let intruder: HostileHost;
  let bystander: PlayedHost;

  beforeAll(async () => {
    house = await GatewayHouse.open(2);
    file = await house.enrolled('owner');
    owner = await PlayedHost.connect(house, file);
    bystander = await PlayedHost.connect(house, await house.enrolled('bystander'));
    intruder = await HostileHost.connect(house, file, 'direct');
  }, 120_000);
  afterAll(async () => {
    for (const host of [intruder, owner, bystander]) await host.stop();
    await house.close();
  });

  const stored = async () => {
    const manager = await house.services.manager();
    const infos = await Promise.all(streams.map(({ name }) => manager.streams.info(name)));
    return Object.fromEntries(infos.map(({ config, state }) => [config.name, state.last_seq]));
  };
  const gapsOf = (host: string) =>
    house.source.getRepository(outboxGap).countBy({ host: host as PlayedHost['id'] });

  it('does not let its holder write as another host, for the house, or to JetStream and the system', async () => {
    const before = await stored();
    const targets = [
      ...[`up.${tenant}.${bystander.id}.attempt`, `met.${tenant}.${bystander.id}`],
      ...[`hb.${tenant}.${bystander.id}`, `hello.${tenant}.${bystander.id}`],
      ...[`rep.${tenant}.${bystander.id}.t1`, `up.globex.${file.host}.attempt`],
      ...[`down.${tenant}.${file.host}.task`, `down.${tenant}.${bystander.id}.task`],
      ...[`evt.${tenant}.host.${file.host}`, `want.${tenant}.${file.host}`, `task.${tenant}.${file.host}`],
      ...['$JS.API.INFO', '$JS.API.STREAM.PURGE.UPLINK', '$JS.API.DIRECT.GET.WANT'],
      ...['$KV.settings.x', '$SYS.REQ.SERVER.PING', '$SYS.REQ.CLAIMS.LIST', `_INBOX_${bystander.id}.x.1`],
    ];
    const refused = await Promise.all(targets.map((subject) => intruder.isRefused(subject, '{}')));
    expect(targets.filter((_, i) => !refused[i])).toEqual([]);
    // The server says so itself, for each: it was not just that nobody answered.
    await eventually(() => {
      for (const subject of targets)
        expect(intruder.violations.join('\n')).toContain(`Publish to "${subject}"`);
    });
    expect(await stored()).toEqual(before);
    expect([bystander.received, bystander.refused]).toEqual([[], []]);
  });

  it('does not let its holder hear others, JetStream or the system', async () => {
    const wanted = [
      ...['>', `down.${tenant}.${bystander.id}.>`, `down.${tenant}.*.task`, 'up.>', 'hb.*.*', 'evt.>'],
      ...['$JS.API.>', '$KV.>', '$SYS.>', '_INBOX.>', `_INBOX_${bystander.id}.>`],
    ];
    const heard = wanted.map((subject) => intruder.spy(subject));
    await eventually(() => {
      for (const subject of wanted)
        expect(intruder.violations.join('\n')).toContain(`Subscription to "${subject}"`);
    });
    await bystander.tell(gap(1));
    await bystander.heardAll(house);
    await intruder.connection.flush();
    expect(heard.flat()).toEqual([]);
  });

  it('lets its holder pass for that host: report as it, and hear what it is told', async () => {
    const heard = intruder.spy(intruder.subjects.task);
    intruder.report(JSON.stringify({ ...gap(1), host: bystander.id }), 1, 'forged', 'outbox-gap');
    await intruder.connection.flush();
    await eventually(async () => expect(await gapsOf(file.host)).toBe(1));
    expect(await gapsOf(bystander.id)).toBe(1);
    await owner.heardAll(house);
    await eventually(() => expect(heard).toHaveLength(1));
  });

  it('is shown by a second outbox of the host', async () => {
    await owner.tell(gap(1));
    await eventually(async () => {
      const rows = await house.source.getRepository(outboxGap).findBy({ host: owner.id });
      expect(rows.map(({ epoch }) => epoch).sort()).toEqual(['e1', 'forged']);
    });
  });

  it('is worth nothing once the host is revoked: its connections are cut, and it opens no other', async () => {
    await house.revoke(file.host);
    await eventually(async () => expect(await intruder.isCut()).toBe(true));
    await expect(HostileHost.connect(house, file, 'direct')).rejects.toThrow(/authorization|authentication/i);
    await bystander.tell(gap(2));
    await eventually(async () => expect(await gapsOf(bystander.id)).toBe(2));
  });

  it('keeps the real host from nothing: a new token lets it in again, and the copy stays shut out', async () => {
    expect((await house.enrol({ hostname: 'owner', token: FRESH })).status).toBe(403);
    await house.issueToken(FRESH);
    const again = (await (await house.enrol({ hostname: 'owner', token: FRESH })).json()) as EnrolResponse;
    const renewed = await PlayedHost.connect(house, again);
    await eventually(async () => {
      renewed.beat();
      expect(await house.source.getRepository(hostPresence).countBy({ host: renewed.id })).toBe(1);
    });
    await renewed.tell(gap(1));
    await eventually(async () => expect(await gapsOf(renewed.id)).toBe(1));
    await expect(HostileHost.connect(house, file, 'direct')).rejects.toThrow(/authorization|authentication/i);
    await renewed.stop();
  });
});
