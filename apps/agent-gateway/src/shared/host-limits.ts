import type { Provider } from '@nestjs/common';
import { CLOCK, LOGGER, METRICS, type Clock, type Logger, type Metrics } from '#lib/platform';
import { Counter } from 'prom-client';
import { HostBuckets, type Rate } from './host-buckets.js';

/** An honest host says hello when it connects and gives a heartbeat every ten seconds. */
const LIFE_SIGNS: Rate = { burst: 20, perSecond: 2 };
/** An honest host polls, and sends what waits in its outbox one after the other: after an outage as fast as it may. */
const REQUESTS: Rate = { burst: 100, perSecond: 20 };
/** What a host that asked too much is told to wait: then there is room for several requests again. */
const RETRY_AFTER_SECONDS = 1;
/** What the log may say because of one host. */
const LINES: Rate = { burst: 10, perSecond: 0.1 };

/** Over-limit things by kind; never by host, of which there can be any number. */
type Kind = 'hello' | 'heartbeat' | 'http-request' | 'log-line';

/** Says no to a host that says too much. What is refused is counted and costs next to nothing. */
export class HostLimits {
  private readonly lifeSigns = new HostBuckets(LIFE_SIGNS);
  private readonly requests = new HostBuckets(REQUESTS);
  private readonly lines = new HostBuckets(LINES);
  private readonly limited: Counter<'kind'>;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly logger: Pick<Logger, 'warn'>,
    metrics: Pick<Metrics, 'registry'>,
  ) {
    this.limited = new Counter({
      name: 'phoenix_gateway_rate_limited_total',
      help: 'Messages of hosts, and log lines about hosts, beyond the limit of a host, by kind.',
      labelNames: ['kind'] as const,
      registers: [metrics.registry],
    });
  }

  /** True when a hello or heartbeat may be looked at. The hub lets a host use no subject but its own. */
  admits(subject: string): boolean {
    return this.take(this.lifeSigns, subject, subject.startsWith('hello.') ? 'hello' : 'heartbeat');
  }

  /** Seconds after which a host may ask over HTTP again; undefined when it may now. */
  retryAfter({ tenant, host }: { readonly tenant: string; readonly host: string }): number | undefined {
    return this.take(this.requests, `${tenant}.${host}`, 'http-request') ? undefined : RETRY_AFTER_SECONDS;
  }

  /** Warns about `about`, a host or subject, unless the log has had enough of it. */
  warn(about: string, line: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.take(this.lines, about, 'log-line')) this.logger.warn(fields, line);
  }

  private take(buckets: HostBuckets, name: string, kind: Kind): boolean {
    const isLeft = buckets.take(name, this.clock.now());
    if (!isLeft) this.limited.inc({ kind });
    return isLeft;
  }
}

export const hostLimits: Provider = {
  provide: HostLimits,
  useFactory: (clock: Clock, logger: Logger, metrics: Metrics) => new HostLimits(clock, logger, metrics),
  inject: [CLOCK, LOGGER, METRICS],
};
