import { RequestMethod, type INestApplication } from '@nestjs/common';

export const API_PREFIX = 'api/v1';

/** What stands beside the API at the root: for people, probes and scrapers. */
const atRoot = ['', 'docs', 'assets/:name', 'health', 'health/live', 'health/ready', 'metrics'];

/** Puts everything else below `/api/v1`. */
export function placeRoutes(app: Pick<INestApplication, 'setGlobalPrefix'>): void {
  app.setGlobalPrefix(API_PREFIX, { exclude: atRoot.map((path) => ({ path, method: RequestMethod.GET })) });
}
