import { z } from 'zod';

/** How a bench tells `played-fleet` what to do. */
export const fleetCommandSchema = z.object({
  /** So many hosts are there from now on, the ones with the lowest numbers. */
  online: z.int().nonnegative(),
  /** All of them say hello and send a heartbeat at once, as after an outage. */
  hello: z.boolean(),
});
export type FleetCommand = z.output<typeof fleetCommandSchema>;

export const TENANT = 'default';
export const FLEET_CONTROL = 'bench.fleet';
export const FLEET_RAW = 'bench.raw';
