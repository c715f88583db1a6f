/** Where the agent's words go; the shape of a pino logger, as far as we use it. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
