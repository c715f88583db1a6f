import { join } from 'node:path';

/** Where each part of the house keeps its files, below one data folder that is kept between starts. */
export const placesIn = (dataDirectory: string) => ({
  hub: join(dataDirectory, 'hub'),
  postgres: join(dataDirectory, 'postgres'),
  leaf: join(dataDirectory, 'leaf'),
  agent: join(dataDirectory, 'agent'),
  secrets: join(dataDirectory, 'secrets'),
  logs: join(dataDirectory, 'logs'),
  /** Read by the CLI: where the running Phoenix answers and how to log in. */
  connection: join(dataDirectory, 'connection.json'),
});

export type Places = ReturnType<typeof placesIn>;
