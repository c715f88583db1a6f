import { HTTP_DOOR_PATHS, type EnrolResponse } from '#lib/agent-protocol';
import { stagesOf } from '#lib/database';
import { subjects, type AggregateId, type HostId, type TaskMessage } from '#lib/events';
import { systemClock } from '#lib/platform';
import { eventually, GatewayHouse, tenant } from '../testing/gateway-house.js';
import { PlayedHost } from '../testing/played-host.js';

const by = { kind: 'user', id: 'u1' } as const;

describe('a gateway that is told to leave while a host has a task in its hands', () => {
  let house: GatewayHouse;
  let enrolled: EnrolResponse;
  let host: PlayedHost;

  beforeAll(async () => {
    house = await GatewayHouse.open(1);
    enrolled = await house.enrolled('web-1');
    host = await PlayedHost.connect(house, enrolled);
    host.accepting = false;
  }, 120_000);
  afterAll(async () => {
    await host.stop();
    await house.close();
  });

  const ask = (taskId: string) => {
    const deadline = new Date(systemClock.now() + 600_000).toISOString();
    const task = { kind: 'CollectLogs', taskId, deadline, variant: 'baseline', lines: 10 } as const;
    const message: TaskMessage = { op: 'request', at: systemClock.iso(), by, task };
    const payload = new TextEncoder().encode(JSON.stringify(message));
    return house.services.publisher.publish(subjects.task(tenant, enrolled.host as HostId), payload);
  };
  const stages = async (id: string) =>
    (await stagesOf(house.source, tenant, id as AggregateId)).map(({ stage }) => stage);
  const accepted = (id: string): Promise<void> => {
    host.accept(id);
    return Promise.resolve();
  };
  const arrived = (id: string) => host.received.filter(({ taskId }) => taskId === id).length;
  const isHandedOver = (id: string) =>
    eventually(() => {
      host.beat();
      expect(arrived(id)).toBe(1);
    });

  it('hears the reply, and its successor does not hand the task over again', async () => {
    await ask('t1');
    await isHandedOver('t1');
    house.whileLeaving(() => accepted('t1'));
    await house.stopGateway();
    expect(await stages('t1')).toEqual(['requested', 'offered', 'accepted']);
    host.accepting = true;
    await house.startGateway();
    await ask('t2');
    await isHandedOver('t2');
    expect(arrived('t1')).toBe(1);
  });

  it('hears it over HTTP too', async () => {
    host.accepting = false;
    await ask('t3');
    await isHandedOver('t3');
    house.whileLeaving(async () => {
      const answer = await fetch(`${house.url}/api/v1/${HTTP_DOOR_PATHS.acceptance('t3')}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${enrolled.httpCredential ?? ''}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ taskId: 't3', status: 'accepted' }),
      });
      expect(answer.status).toBe(204);
    });
    await house.stopGateway();
    expect(await stages('t3')).toEqual(['requested', 'offered', 'accepted']);
  });

  it('begins with no other task once it is to leave', async () => {
    await house.startGateway();
    await ask('t4');
    await ask('t5');
    await isHandedOver('t4');
    house.whileLeaving(() => accepted('t4'));
    await house.stopGateway();
    await host.heardAll(house);
    expect(await stages('t4')).toEqual(['requested', 'offered', 'accepted']);
    expect(arrived('t5')).toBe(0);
    expect(await stages('t5')).toEqual(['requested']);
  });
});
