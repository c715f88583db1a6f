import type { Clock } from '#lib/agent-core';
import { HostMeter, type MeteredCollector, type WindowFacts, type WindowMessage } from '#lib/metering';
import { newestPointMs } from './newest-point.js';

/** How the meter knows a collector. */
export type Admission = MeteredCollector & {
  readonly intervalSeconds: number;
  /** The bearer token by which its requests are told from all others. */
  readonly token: string;
};

/** A request as it came in: its uncompressed body and its size on the wire. */
export type ExportRequest = { readonly body: Uint8Array; readonly wireBytes: number };

type TapListener = (instance: string, body: Uint8Array) => void;
/** Hears what was counted, and when; ms since the epoch. */
export type ExportListener = (variant: Admission['variant'], body: Uint8Array, at: number) => void;
type Guest = Admission & {
  readonly admittedAt: number;
  readonly verified: Promise<void>;
  readonly verify: () => void;
  isMetered: boolean;
  requests: number;
};

/** A tick belongs to the export that it caused; a later one comes from a queue. */
const TICK_TOLERANCE_MS = 2_000;

/**
 * Knows the collectors by their tokens and meters each from its first fresh export on. What an adopted collector
 * kept in its queue while no agent was there is acknowledged but not counted: it belongs to windows that nobody
 * watched, and a gap is never filled in.
 */
export class Metering {
  private readonly guests = new Map<string, Guest>();
  private readonly meter: HostMeter;
  private tapListener: TapListener = () => undefined;
  private exportListener: ExportListener = () => undefined;

  constructor(
    host: string,
    private readonly clock: Clock,
  ) {
    this.meter = new HostMeter(host);
  }

  admit(admission: Admission): void {
    let verify = (): void => undefined;
    const verified = new Promise<void>((resolve) => (verify = resolve));
    const admittedAt = this.clock.now();
    this.guests.set(admission.token, {
      ...admission,
      admittedAt,
      verified,
      verify,
      isMetered: false,
      requests: 0,
    });
  }

  /** Ends the metering of a collector that is gone. */
  dismiss({ token, instance }: Admission): void {
    if (this.guests.get(token)?.isMetered === true) this.meter.detach(instance, this.clock.now());
    this.guests.delete(token);
  }

  /** Notes that a collector was just not given a part of its data, which its exports may lack for some seconds. */
  miss({ instance }: Admission, seconds: number): void {
    this.meter.miss(instance, this.clock.now(), seconds * 1000);
  }

  knows(token: string): boolean {
    return this.guests.has(token);
  }

  /** Resolves at the first fresh export. */
  async firstExport({ token }: Admission): Promise<void> {
    await this.guests.get(token)?.verified;
  }

  /** Meters from now on, without waiting for an export: of one that was just started, nothing old can come. */
  begin({ token }: Admission): void {
    const guest = this.guests.get(token);
    if (guest !== undefined && !guest.isMetered) this.attach(guest, this.clock.now());
  }

  /** Requests of a collector since it was admitted, those of its ranking tap included: its signs of life. */
  requestsOf({ token }: Admission): number {
    return this.guests.get(token)?.requests ?? 0;
  }

  onTap(listener: TapListener): void {
    this.tapListener = listener;
  }

  onExport(listener: ExportListener): void {
    this.exportListener = listener;
  }

  /** Counts an export request. @throws OtlpDecodeError, MeteringError */
  record(token: string, { body, wireBytes }: ExportRequest): void {
    const guest = this.guests.get(token);
    if (guest === undefined || !this.isFresh(guest, body)) return;
    const now = this.clock.now();
    this.meter.record(guest.instance, body, wireBytes, now);
    this.exportListener(guest.variant, body, now);
  }

  /** Takes a request of a ranking tap. It proves that the collector works, and is never counted. */
  tap(token: string, body: Uint8Array): void {
    const guest = this.guests.get(token);
    if (guest !== undefined && this.isFresh(guest, body)) this.tapListener(guest.instance, body);
  }

  /** Closes the oldest window that has ended. */
  closeWindow(facts: WindowFacts): WindowMessage | null {
    return this.meter.closeWindow(this.clock.now(), facts);
  }

  private isFresh(guest: Guest, body: Uint8Array): boolean {
    guest.requests += 1;
    if (guest.isMetered) return true;
    if (newestPointMs(body) < guest.admittedAt) return false;
    const now = this.clock.now();
    const tick = now - (now % (guest.intervalSeconds * 1000));
    this.attach(guest, now - tick <= TICK_TOLERANCE_MS ? tick : now);
    return true;
  }

  private attach(guest: Guest, at: number): void {
    this.meter.attach(guest, at);
    guest.isMetered = true;
    guest.verify();
  }
}
