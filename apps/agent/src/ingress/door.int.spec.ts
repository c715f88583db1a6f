import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { freePort } from '../machine/ports.js';
import { openIngressDoor, type IngressDoor } from './door.js';
import { sentence, type Answer, type Pushed } from './pushed.js';
import { Room } from './room.js';

const log = { info: () => undefined, warn: () => undefined };
const MEBIBYTE = 1024 * 1024;

describe('the port that applications push to', () => {
  let door: IngressDoor;
  let port: number;
  let isServed = true;
  let hold: Promise<unknown> = Promise.resolve();
  const handled: Pushed[] = [];

  const post = (body: Uint8Array | string, headers: Record<string, string> = {}, path = '/v1/metrics') =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', ...headers },
      body: new Uint8Array(Buffer.from(body)),
    });
  const outcome = async (response: Promise<Response>) => {
    const { headers, status } = await response;
    return [status, headers.get('retry-after')];
  };

  beforeAll(async () => {
    port = await freePort();
    const tee = {
      isServed: () => isServed,
      refuse: (_port: number, why: string): Answer => sentence(503, why, { 'retry-after': '1' }),
      handle: async (_port: number, pushed: Pushed): Promise<Answer> => {
        handled.push(pushed);
        await hold;
        return {
          status: 429,
          headers: { 'retry-after': '7', 'content-type': 'x/y' },
          body: Buffer.from('b'),
        };
      },
    };
    door = await openIngressDoor({
      port,
      tee,
      room: new Room(24 * MEBIBYTE, 2),

      log,
    });
  });

  afterAll(() => door.close());

  it('hands on body and headers as they came, and the answer too', async () => {
    const body = gzipSync('anything');
    const response = await post(body, { 'content-encoding': 'gzip', 'x-own': 'yes' });
    const pushed = handled.at(-1);
    expect(Buffer.concat(pushed?.body ?? [])).toEqual(body);
    expect(pushed?.headers).toMatchObject({ 'content-encoding': 'gzip', 'x-own': 'yes' });
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
      ...[429, '7', 'b'],
    ]);
  });

  it('takes bodies up to the limit, whether their length is told or not', async () => {
    expect((await post(Buffer.alloc(20 * MEBIBYTE))).status).toBe(429);
    expect((await post(Buffer.alloc(20 * MEBIBYTE + 1))).status).toBe(413);
    let left = 21;
    const chunked = new ReadableStream({
      pull: (controller) => (left-- > 0 ? controller.enqueue(new Uint8Array(MEBIBYTE)) : controller.close()),
    });
    const init = { method: 'POST', body: chunked, duplex: 'half' };
    const unannounced = await fetch(`http://127.0.0.1:${port}/v1/metrics`, init as RequestInit);
    expect(unannounced.status).toBe(413);
  });

  it('tells who comes too many, or brings too much at once, to come again', async () => {
    let release = (): void => undefined;
    hold = new Promise<void>((resolve) => (release = resolve));
    const before = handled.length;
    const first = post(Buffer.alloc(20 * MEBIBYTE));
    while (handled.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await outcome(post(Buffer.alloc(5 * MEBIBYTE)))).toEqual([503, '1']);
    const second = post('small');
    while (handled.length === before + 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await outcome(post('small'))).toEqual([503, '1']);
    release();
    expect((await first).status).toBe(429);
    expect((await second).status).toBe(429);
    expect((await post(Buffer.alloc(20 * MEBIBYTE))).status).toBe(429);
  });

  it('refuses at once where nobody is there to take it', async () => {
    isServed = false;
    expect(await outcome(post(Buffer.alloc(MEBIBYTE)))).toEqual([503, '1']);
    isServed = true;
  });

  it('takes metrics alone, by POST alone', async () => {
    expect((await post('', {}, '/v1/logs')).status).toBe(404);
    expect((await post('', {}, '/')).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/v1/metrics`)).status).toBe(405);
  });

  it('hands on nothing of a client that went away in the middle', async () => {
    const before = handled.length;
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /v1/metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    expect((await post('whole')).status).toBe(429);
    expect(handled).toHaveLength(before + 1);
    expect(Buffer.concat(handled.at(-1)?.body ?? []).toString()).toBe('whole');
  });
});
