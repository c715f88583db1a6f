import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  decodeWindowMessage,
  encodeWindowMessage,
  HostMeter,
  MeteringError,
  type WindowMessage,
} from './index.js';
import { asVersion1, windowMessage } from './testing/arbitrary-windows.js';
import { scrape } from './testing/scrape.js';

const T = 1_700_000_040_000;
const golden = (file: string): Buffer => readFileSync(join('libs/metering/src/golden', file));

/** A host with 100 executables and 40 metrics, of which the candidate keeps a third. */
function typicalHost(windows: number): WindowMessage {
  const meter = new HostMeter('host-0123456789abcdef');
  meter.attach({ variant: 'baseline', instance: 'baseline-7f3a', configHash: 'a'.repeat(64) }, T);
  meter.attach({ variant: 'candidate', instance: 'candidate-91bc', configHash: 'b'.repeat(64) }, T);
  const gauges = Array.from(
    { length: 38 },
    (_, i) => `process.${['disk', 'net', 'paging', 'context'][i % 4]!}.gauge${i}`,
  );
  const names = [
    'worker',
    'nginx',
    'postgres',
    'systemd-',
    'java',
    'node',
    'containerd-shim',
    'cron',
    'ssh',
    'kube',
  ];
  const processes = Array.from({ length: 100 }, (_, i) => ({
    ...{
      pid: 1_000 + i * 37,
      executable: `${names[i % 10]!}${i}`,
      startedAt: T - 1_000_000 - i * 777,
      gauges,
    },
    cpu: { user: (i * 7_919) % 1_000, system: (i * 104_729) % 500 },
    rss: ((i * 15_485_863) % 500_000) * 4_096,
  }));
  const use = { cpuSeconds: 0.1234, rssBytes: 123_456_789, refused: 0, failed: 0 };
  const facts = { clockOffsetMs: 1.5, use: new Map([['baseline-7f3a', use], ['candidate-91bc', use]]) }; // prettier-ignore
  for (let at = T; ; at += 10_000) {
    const kept = processes.filter((_, i) => i % 3 === 0);
    meter.record('baseline-7f3a', scrape(at + 100, processes), 40_000, at + 250);
    meter.record('candidate-91bc', scrape(at + 100, kept), 15_000, at + 260);
    const message = meter.closeWindow(at + 10_004, facts);
    if (message !== null && at === T + (windows - 1) * 10_000) return message;
  }
}

describe('a window message', () => {
  it('survives its bytes', () => {
    fc.assert(
      fc.property(windowMessage, (message) => {
        expect(decodeWindowMessage(encodeWindowMessage(message))).toEqual(message);
      }),
    );
    for (const message of [typicalHost(1), typicalHost(6)]) {
      expect(decodeWindowMessage(encodeWindowMessage(message))).toEqual(message);
    }
  });

  it('takes at most 2 KiB for 100 executables and 40 metrics in both variants', () => {
    const message = typicalHost(1);
    expect(message.collectors.map((one) => [one.executables.length, one.metrics.length])).toEqual([
      [100, 40],
      [34, 40],
    ]);
    expect(encodeWindowMessage(message).length).toBeLessThanOrEqual(2_048);
  });

  it('takes at most 8 KiB with the sketches of a minute', () => {
    const message = typicalHost(6);
    expect(message.minute).not.toBeNull();
    expect(encodeWindowMessage(message).length).toBeLessThanOrEqual(8_192);
  });

  it('written by version 1 is read for ever', () => {
    const expected: unknown = JSON.parse(golden('window-v1.json').toString());
    expect(decodeWindowMessage(golden('window-v1.bin'))).toEqual(expected);
  });

  it('written by version 2 is read for ever, with services and namespaces', () => {
    const expected: unknown = JSON.parse(golden('window-v2.json').toString());
    expect(decodeWindowMessage(golden('window-v2.bin'))).toEqual(expected);
    expect(expected).toMatchObject({
      collectors: [
        {
          services: [
            { name: '(none)', points: 4 },
            { name: 'cart', points: 8 },
            { name: 'checkout', points: 4 },
          ],
          namespaces: [
            { name: '(none)', points: 8 },
            { name: 'shop', points: 8 },
          ],
        },
        { services: [{ name: 'cart', points: 8 }] },
      ],
    });
  });

  it('that came without services goes on as version 1, for nobody may take them for none', () => {
    const old = decodeWindowMessage(golden('window-v1.bin'));
    expect(encodeWindowMessage(old)[0]).toBe(1);
    expect(encodeWindowMessage(asVersion1(typicalHost(1)))[0]).toBe(1);
    expect(encodeWindowMessage(typicalHost(1))[0]).toBe(2);
    expect(old.collectors[0]).not.toHaveProperty('services');
  });

  it('with a damaged sketch is refused, so that no block fails on it later', () => {
    const message = typicalHost(6);
    const minute = message.minute!;
    const variants = minute.variants.map((one) => ({ ...one, sketch: `${one.sketch}A` }));
    const damaged = encodeWindowMessage({ ...message, minute: { ...minute, variants } });
    expect(() => decodeWindowMessage(damaged)).toThrow(/bad-message/);
  });

  it('is refused by its kind of fault, whatever the bytes', () => {
    expect(() => decodeWindowMessage(Uint8Array.of(3, 1))).toThrow(/unsupported-version/);
    expect(() => decodeWindowMessage(new Uint8Array())).toThrow(/bad-message/);
    const random = fc
      .tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 60 }))
      .map(([version, bytes]) => Uint8Array.of(version, ...bytes));
    fc.assert(
      fc.property(random, (bytes) => {
        expect(() => decodeWindowMessage(bytes)).toThrow(MeteringError);
      }),
    );
  });
});
