import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { problemOf } from '#lib/platform';

/** All that there is to fetch: a name that comes from outside never becomes a path otherwise. */
const NAMES = /^(install\.sh|SHA256SUMS|phoenix-agent-linux-(amd64|arm64))$/;

/**
 * `GET /install/<file>`: install.sh, the agent's files and their sums, from the folder that `npm run build:agent` made.
 * Open to everybody, as a host has nothing to show before it is installed; nothing in it is secret.
 */
export function serveInstall(app: NestFastifyApplication, directory: string | undefined): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get<{ Params: { readonly file: string } }>('/install/:file', async (request, reply) => {
    const { file } = request.params;
    const size =
      directory === undefined || !NAMES.test(file) ? undefined : await sizeOf(join(directory, file));
    if (directory === undefined || size === undefined)
      return reply
        .status(404)
        .type('application/problem+json; charset=utf-8')
        .send(
          JSON.stringify(
            problemOf({
              ...{ status: 404, code: 'not-found', detail: `This gateway hands out no ${file}.` },
              hint: 'Run `npm run build:agent`, and set PHOENIX_INSTALL_DIR to the folder dist/agent.',
            }),
          ),
        );
    return reply
      .type(file.startsWith('phoenix-agent') ? 'application/octet-stream' : 'text/plain; charset=utf-8')
      .header('content-length', size)
      .send(createReadStream(join(directory, file)));
  });
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}
