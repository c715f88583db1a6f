import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { freePort } from '../machine/ports.js';
import { until } from '../testing/agent-house.js';
import { GrpcClient, type CallEnd } from '../testing/grpc-client.js';
import type { IngressDoor } from './door.js';
import { openGrpcDoor } from './grpc-door.js';
import { sentence, type Answer, type Pushed } from './pushed.js';
import { Room } from './room.js';

const log = { info: () => undefined, warn: () => undefined };
const MEBIBYTE = 1024 * 1024;
const EXPORT = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const callHeaders = {
  ...{ ':method': 'POST', ':path': EXPORT, 'content-type': 'application/grpc', te: 'trailers' },
};
const TAKEN: Answer = { status: 200, headers: {}, body: Buffer.from('taken') };

describe('the port that applications push to by gRPC', () => {
  let door: IngressDoor;
  let port: number;
  let client: GrpcClient;
  let raw: ClientHttp2Session;
  let isServed = true;
  let next: Answer = TAKEN;
  let hold: Promise<unknown> = Promise.resolve();
  const handled: (Pushed & { readonly port: number })[] = [];

  const call = (message: Uint8Array | string, path = EXPORT): Promise<CallEnd> =>
    client.call(path, Buffer.from(message));
  const told = async (end: Promise<CallEnd>): Promise<readonly unknown[]> => {
    const { code, details } = await end;
    return [code, details];
  };
  /** A call with these bytes, whole or not, whose headers are what they are. */
  const rawCall = (bytes: Uint8Array, headers: Record<string, string> = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const stream = raw.request({ ...callHeaders, ...headers });
      stream.once('response', (answer) => resolve(answer['grpc-status'] ?? answer[':status']));
      stream.once('error', reject).resume().end(bytes);
    });

  beforeAll(async () => {
    port = await freePort();
    const tee = {
      isServed: () => isServed,
      refuse: (_port: number, why: string): Answer => sentence(503, why, { 'retry-after': '1' }),
      handle: async (of: number, pushed: Pushed): Promise<Answer> => {
        handled.push({ ...pushed, port: of });
        await hold;
        return next;
      },
    };
    door = await openGrpcDoor({ port, pipeline: 4318, tee, room: new Room(24 * MEBIBYTE, 2), log });
    client = new GrpcClient(port);
    raw = connectHttp2(`http://127.0.0.1:${port}`);
  });

  afterAll(async () => {
    client.close();
    raw.close();
    await door.close();
  });

  it('hands on the message as the body that HTTP would bring, and the answer too', async () => {
    expect(await call('anything')).toMatchObject({ code: status.OK, answer: Buffer.from('taken') });
    const pushed = handled.at(-1)!;
    expect(Buffer.concat(pushed.body).toString()).toBe('anything');
    expect(pushed).toMatchObject({
      ...{ port: 4318, bytes: 8, headers: { 'content-type': 'application/x-protobuf' } },
    });
    expect((await call('')).code).toBe(status.OK);
    expect(handled.at(-1)).toMatchObject({ bytes: 0, body: [] });
  });

  it('leaves a packed message packed', async () => {
    const packed = new GrpcClient(port, 'gzip');
    expect((await packed.call(EXPORT, Buffer.alloc(1000))).code).toBe(status.OK);
    packed.close();
    const { body, bytes, headers } = handled.at(-1)!;
    expect(headers).toEqual({ 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' });
    expect(bytes).toBeLessThan(100);
    expect(Buffer.concat(body).subarray(0, 2)).toEqual(gzipSync('').subarray(0, 2));
  });

  it.each([
    [400, status.INVALID_ARGUMENT],
    [401, status.UNAUTHENTICATED],
    [429, status.UNAVAILABLE],
    [500, status.INTERNAL],
    [503, status.UNAVAILABLE],
  ])('says by its status what HTTP says by %d', async (http, code) => {
    next = sentence(http, 'Völlig % klar.');
    expect(await told(call('x'))).toEqual([code, 'Völlig % klar.']);
    next = TAKEN;
  });

  it('says when to come again, where that is told', async () => {
    next = sentence(429, 'Later.', { 'retry-after': '7' });
    const [details] = (await call('x')).trailers.get('grpc-status-details-bin') as Buffer[];
    // google.rpc.RetryInfo with a Duration of seven seconds.
    expect(details!.toString('latin1')).toMatch(
      /^\x08\x0e.*google\.rpc\.RetryInfo\x12\x04\x0a\x02\x08\x07$/s,
    );
    next = sentence(429, 'Later.', { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' });
    expect((await call('x')).trailers.get('grpc-status-details-bin')).toEqual([]);
    next = TAKEN;
  });

  it('takes messages up to the limit, and more of a client whose last one was too large', async () => {
    expect((await call(Buffer.alloc(20 * MEBIBYTE))).code).toBe(status.OK);
    const before = handled.length;
    expect(await told(call(Buffer.alloc(20 * MEBIBYTE + 1)))).toEqual([
      ...[status.RESOURCE_EXHAUSTED, 'A request may have 20971520 bytes; send smaller batches.'],
    ]);
    expect(handled).toHaveLength(before);
    expect((await call('small')).code).toBe(status.OK);
  });

  it('says at once that a message is too large, and ends the call of who goes on sending', async () => {
    const stream = raw.request(callHeaders);
    stream.resume().write(Uint8Array.of(0, 2, 0, 0, 0, 1));
    const answer = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
    expect(answer['grpc-status']).toBe('8');
    await until(() => (stream.closed ? true : undefined));
    expect(stream.rstCode).toBe(0);
  });

  it('tells who comes too many, or brings too much at once, to come again', async () => {
    let release = (): void => undefined;
    hold = new Promise<void>((resolve) => (release = resolve));
    const before = handled.length;
    const first = call(Buffer.alloc(20 * MEBIBYTE));
    await until(() => (handled.length > before ? true : undefined));
    expect((await call(Buffer.alloc(5 * MEBIBYTE))).code).toBe(status.UNAVAILABLE);
    const second = call('small');
    await until(() => (handled.length > before + 1 ? true : undefined));
    expect((await call('small')).code).toBe(status.UNAVAILABLE);
    release();
    expect([(await first).code, (await second).code]).toEqual([status.OK, status.OK]);
    expect((await call(Buffer.alloc(20 * MEBIBYTE))).code).toBe(status.OK);
  });

  it('refuses at once where nobody is there to take it', async () => {
    isServed = false;
    expect((await call(Buffer.alloc(MEBIBYTE))).code).toBe(status.UNAVAILABLE);
    isServed = true;
  });

  it('takes metrics alone, in packings that every collector unpacks', async () => {
    const of = (signal: string, service: string): Promise<readonly unknown[]> =>
      told(call('', `/opentelemetry.proto.collector.${signal}.v1.${service}/Export`));
    expect(await of('trace', 'TraceService')).toEqual([12, 'Only metrics are taken here, no trace.']);
    expect(await of('logs', 'LogsService')).toEqual([12, 'Only metrics are taken here, no logs.']);
    expect(await told(call('', '/a.B/C'))).toEqual([12, `Metrics are taken at ${EXPORT}.`]);
    const deflated = new GrpcClient(port, 'deflate');
    expect(await told(deflated.call(EXPORT, Buffer.alloc(1000)))).toEqual([
      ...[12, 'Messages are not taken as deflate.'],
    ]);
    deflated.close();
  });

  it.each([
    ['no message', []],
    ['half a prefix', [0, 0]],
    ['half a message', [0, 0, 0, 0, 5, 1, 2]],
    ['two messages', [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1]],
    ['a message packed without a word how', [1, 0, 0, 0, 1, 1]],
  ])('refuses %s', async (_, bytes) => {
    const before = handled.length;
    expect(await rawCall(Uint8Array.from(bytes))).toBe('3');
    expect(handled).toHaveLength(before);
  });

  it('is no place for other requests over HTTP', async () => {
    expect(await rawCall(new Uint8Array(), { 'content-type': 'application/x-protobuf' })).toBe(415);
    await expect(fetch(`http://127.0.0.1:${port}/v1/metrics`, { method: 'POST' })).rejects.toThrow();
    expect((await call('still there')).code).toBe(status.OK);
  });

  it('keeps no seat for a client that went away in the middle', async () => {
    const before = handled.length;
    // Also a message that is whole is sent again by a client that did not come to an end with it.
    for (const length of [9, 9, 1]) {
      const session = connectHttp2(`http://127.0.0.1:${port}`);
      const stream = session.request(callHeaders);
      stream.on('error', () => undefined);
      await new Promise((resolve) => stream.write(Uint8Array.of(0, 0, 0, 0, length, 1), resolve));
      await new Promise((resolve) => session.ping(resolve));
      session.destroy();
    }
    await until(async () => ((await call('whole')).code === status.OK ? true : undefined));
    expect(handled).toHaveLength(before + 1);
  });

  it('lets calls under way end when it closes, and takes no more', async () => {
    const own = await freePort();
    let release = (): void => undefined;
    const answer = new Promise<Answer>((resolve) => (release = () => resolve(TAKEN)));
    let isAsked = false;
    const tee = {
      isServed: () => true,
      refuse: () => TAKEN,
      handle: () => ((isAsked = true), answer),
    };
    const other = await openGrpcDoor({
      ...{ port: own, pipeline: own, tee, room: new Room(MEBIBYTE, 2), log },
    });
    const caller = new GrpcClient(own);
    const call = caller.call(EXPORT, Buffer.from('x'));
    await until(() => (isAsked ? true : undefined));
    const closed = other.close();
    const socket = connect(own, '127.0.0.1');
    await new Promise((resolve) => socket.once('error', resolve));
    release();
    expect((await call).code).toBe(status.OK);
    await closed;
    caller.close();
  });
});
