import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import { AgentError } from '../errors.js';
import type { Handle, Link } from './door.js';
import { openDoors, type Door } from './doors.js';

/** Time that stands still until the test moves it. */
class Hours implements Clock {
  private time = 0;
  private sleepers: { readonly due: number; readonly wake: () => void }[] = [];
  now = () => this.time;
  iso = () => new Date(this.time).toISOString();
  sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      this.sleepers.push({ due: this.time + ms, wake: resolve });
      signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });

  async advance(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.time += 1_000;
      const due = this.sleepers.filter((sleeper) => sleeper.due <= this.time);
      this.sleepers = this.sleepers.filter((sleeper) => sleeper.due > this.time);
      for (const { wake } of due) wake();
      await turn();
    }
  }
}

/** A door whose state the test sets. */
class Played implements Link {
  sent: string[] = [];
  served: string[] = [];
  opened = 0;
  isOpen = false;
  failure: Error | undefined;
  probes = 0;
  private connected = false;
  private listeners: (() => void)[] = [];

  door(name: string): Door {
    return {
      name,
      open: () => {
        this.opened += 1;
        this.isOpen = true;
        this.listeners = [];
        return this;
      },
    };
  }

  set isUp(isUp: boolean) {
    this.connected = isUp;
    if (isUp && this.isOpen) for (const listener of this.listeners) listener();
  }

  about = () => undefined;
  isConnected = () => this.isOpen && this.connected;
  publishAcked = (subject: string) => {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.sent.push(subject);
    return Promise.resolve();
  };
  publish = (subject: string) => void this.sent.push(subject);
  serve = (subject: string, _handle: Handle) => void this.served.push(subject);
  onConnect = (listener: () => void) => {
    this.listeners.push(listener);
    if (this.isConnected()) listener();
  };
  lastFailure = () => undefined;
  probe = () => {
    this.probes += 1;
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure);
  };
  renew = () => Promise.resolve();
  close = () => {
    this.isOpen = false;
    return Promise.resolve();
  };
}

function given(probeSubject?: string) {
  const clock = new Hours();
  const [nats, http] = [new Played(), new Played()];
  const log = { info: () => undefined, warn: () => undefined };
  const doors = [nats.door('nats'), http.door('http')] as const;
  const link = openDoors({ doors, clock, log, ...(probeSubject !== undefined && { probeSubject }) });
  let connects = 0;
  link.onConnect(() => (connects += 1));
  link.serve('down.t.h.task', () => Promise.resolve());
  const say = (subject: string) => link.publishAcked(subject, new Uint8Array(), {});
  return { clock, nats, http, link, say, connects: () => connects };
}

describe('several doors as one link', () => {
  it('uses the first while it lets through, and opens no other', async () => {
    const { clock, nats, http, link, say, connects } = given();
    nats.isUp = true;
    await say('up.1');
    await clock.advance(3600);
    expect([nats.sent, http.opened, connects(), link.isConnected()]).toEqual([['up.1'], 0, 1, true]);
    await link.close();
  });

  it('opens the next after some tries, and not before', async () => {
    const { clock, nats, http, link, say, connects } = given();
    http.isUp = true;
    await clock.advance(8);
    expect(http.opened).toBe(0);
    await expect(say('up.1')).rejects.toMatchObject({ code: 'not-connected' });
    await clock.advance(10);
    await say('up.1');
    expect([nats.sent, http.sent, http.served, connects()]).toEqual([[], ['up.1'], ['down.t.h.task'], 1]);
    await link.close();
  });

  it('stays at the first door when it is shut for a moment only', async () => {
    const { clock, nats, http, link } = given();
    for (let i = 0; i < 20; i++) {
      nats.isUp = false;
      await clock.advance(8);
      nats.isUp = true;
      await clock.advance(2);
    }
    expect(http.opened).toBe(0);
    await link.close();
  });

  it('returns by itself and closes the lesser door, each time saying hello', async () => {
    const { clock, nats, http, link, say, connects } = given();
    http.isUp = true;
    for (let round = 1; round <= 3; round++) {
      await clock.advance(20);
      await say(`http.${round}`);
      nats.isUp = true;
      await say(`nats.${round}`);
      link.publish(`life.${round}`, new Uint8Array());
      expect([http.isOpen, http.opened, connects()]).toEqual([false, round, 2 * round]);
      nats.isUp = false;
    }
    expect(http.sent).toEqual(['http.1', 'http.2', 'http.3']);
    expect(nats.sent).toEqual(['nats.1', 'life.1', 'nats.2', 'life.2', 'nats.3', 'life.3']);
    await link.close();
  });

  it('leaves a leaf that is there but has lost its hub, and sees when it has found it again', async () => {
    const { clock, nats, http, link, say } = given();
    nats.isUp = true;
    http.isUp = true;
    nats.failure = new Error('no responders');
    // The outbox goes on trying.
    for (let i = 0; i < 20; i++) {
      await say('lost').catch(() => undefined);
      await clock.advance(1);
    }
    await say('up.1');
    expect(http.sent).toContain('up.1');
    nats.failure = undefined;
    for (let i = 0; i < 60 && http.isOpen; i++) {
      await say(`up.${i + 2}`);
      await clock.advance(1);
    }
    expect([http.isOpen, nats.sent.length]).toEqual([false, 1]);
    await link.close();
  });

  it('does not leave a hub that answers, though it refuses', async () => {
    const { clock, nats, http, link, say } = given();
    nats.isUp = true;
    nats.failure = new AgentError('hub-refused', 'maximum messages per subject exceeded');
    for (let i = 0; i < 60; i++) {
      await expect(say('up.1')).rejects.toMatchObject({ code: 'hub-refused' });
      await clock.advance(1);
    }
    expect(http.opened).toBe(0);
    await link.close();
  });

  it('notices while nothing is sent that the hub is gone, and comes back, and says so', async () => {
    const { clock, nats, http, link } = given('up.probe');
    const states = () => link.reports().map(({ state }) => state);
    nats.isUp = true;
    http.isUp = true;
    await clock.advance(100);
    expect([nats.probes, states()]).toEqual([10, ['in-use', 'closed']]);
    nats.failure = new Error('no responders');
    await clock.advance(35);
    expect([states(), http.opened, link.isConnected()]).toEqual([['silent', 'in-use'], 1, true]);
    expect(link.reports()[0]).toMatchObject({
      lastFailure: { reason: 'its hub does not answer: no responders' },
    });
    nats.failure = undefined;
    await clock.advance(11);
    expect([states(), http.isOpen]).toEqual([['in-use', 'closed'], false]);
    await link.close();
  });

  it('does not call itself connected while a leaf answers and nothing lets through', async () => {
    const { clock, nats, link } = given('up.probe');
    nats.isUp = true;
    nats.failure = new Error('no responders');
    await clock.advance(35);
    expect([link.isConnected(), link.reports()[0]?.state]).toEqual([false, 'silent']);
    nats.failure = undefined;
    await clock.advance(11);
    expect([link.isConnected(), link.reports()[0]?.state]).toEqual([true, 'in-use']);
    await link.close();
  });
});
