import { createServer } from 'node:net';
import { freePort, portOrFree } from './ports.js';

describe('a port', () => {
  it('is the wanted one where that is free', async () => {
    const port = await freePort();

    expect(await portOrFree(port)).toBe(port);
  });

  it('is another one where the wanted one is taken', async () => {
    const port = await freePort();
    const occupant = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => occupant.once('listening', resolve));

    expect(await portOrFree(port)).not.toBe(port);
    occupant.close();
  });
});
