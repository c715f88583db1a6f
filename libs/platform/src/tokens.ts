/** Injection tokens of what `PlatformModule` provides: ports are interfaces, so Nest needs a name for them. */
export const CLOCK = Symbol('CLOCK');
export const NATS = Symbol('NATS');
export const EVENT_STORE = Symbol('EVENT_STORE');
export const COMMAND_HANDLER = Symbol('COMMAND_HANDLER');
export const LOGGER = Symbol('LOGGER');
export const HEALTH = Symbol('HEALTH');
export const METRICS = Symbol('METRICS');
export const SHUTDOWN = Symbol('SHUTDOWN');
