import { chromium, type Browser } from 'playwright-core';
import { resolveChromium } from '#tools/embedded';

/**
 * A real Chromium without a window, for one test file. Call it in `beforeAll`, and `close` in `afterAll`; it ends with
 * this process in every case, because it listens on a pipe that closes then.
 * @throws PartMissing when no Chromium can be had
 */
export async function startTestBrowser(): Promise<Browser> {
  const { path } = await resolveChromium(() => undefined);
  return chromium.launch({
    executablePath: path,
    // Chromium refuses to be sandboxed as root; everybody else gets the sandbox.
    chromiumSandbox: process.getuid?.() !== 0,
    timeout: 120_000,
  });
}
