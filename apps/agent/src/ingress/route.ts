import type { CollectorSpec } from '../collectors/collector.js';

/** A collector that takes pushed data. */
export type Route = {
  readonly instance: string;
  /** The port on which applications push. */
  readonly port: number;
  /** The collector's own, on loopback. */
  readonly receiverPort: number;
  /** Routes with the same place stand in for one another: of several, the newest is given the data. */
  readonly place: string;
  readonly isLive: boolean;
};

/** The way to a collector; undefined for one that fetches its data. */
export function routeOf({
  instance,
  receiverPort,
  spec,
}: {
  readonly instance: string;
  readonly receiverPort?: number | undefined;
  readonly spec: CollectorSpec;
}): Route | undefined {
  const port = spec.rendered.ingress?.port;
  if (port === undefined || receiverPort === undefined) return undefined;
  const isLive = spec.role === 'live';
  return { instance, port, receiverPort, isLive, place: isLive ? `${port} live` : shadowPlace(port, spec) };
}

/** A trial runs beside the shadow of its variant, not in its stead. */
function shadowPlace(port: number, { isTrial, variant }: CollectorSpec): string {
  return `${port} ${isTrial === true ? 'trial' : 'shadow'} ${variant}`;
}
