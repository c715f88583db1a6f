import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '#lib/platform-testing';
import { repositoryRoot } from '#tools/embedded';
import { listenToComplaints, seriousFindings, startTestBrowser, type Complaints } from './index.js';

const faulty = `<!doctype html><html lang="en"><title>faulty</title><main>
  <h1>Faulty</h1><img src="/none.png"><button></button>
  <script>document.title = 'run';</script>
  <script src="/script.js"></script></main></html>`;

describe('the browser of the tests', () => {
  let browser: Browser;
  let server: Server;
  let page: Page;
  let complaints: Complaints;
  beforeAll(async () => {
    browser = await startTestBrowser();
    server = createServer((request, response) => {
      response.setHeader('content-security-policy', "default-src 'self'");
      if (request.url === '/script.js') response.end("console.error('said'); throw new Error('thrown');");
      else if (request.url === '/none.png') response.writeHead(404).end();
      else response.setHeader('content-type', 'text/html').end(faulty);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    page = await browser.newPage();
    complaints = await listenToComplaints(page);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }, 600_000);
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  it('is kept by a content policy, and what it kept is known', async () => {
    await eventually(() => complaints.policy.length > 0, 'the report of the browser');
    expect(complaints.policy).toEqual(['script-src-elem inline']);
    expect(await page.title()).toBe('faulty');
  });

  it('tells errors of scripts and refused requests apart', async () => {
    await eventually(() => complaints.requests.length > 0, 'the missing picture');
    expect(complaints.errors).toEqual(expect.arrayContaining(['said', 'thrown']));
    expect(complaints.requests).toEqual([expect.stringContaining('404')]);
  });

  it('finds what keeps people from using a page', async () => {
    const rules = (await seriousFindings(page)).map(({ rule }) => rule);
    expect(rules).toEqual(expect.arrayContaining(['button-name', 'image-alt']));
  });

  it('ends with the process that started it, even when that was killed', async () => {
    const script =
      "import('#tools/browser').then((t) => t.startTestBrowser()).then((b) => console.log(b.version()))";
    const starter = spawn(process.execPath, ['-e', script], { cwd: repositoryRoot(), stdio: 'pipe' });
    await new Promise((resolve) => starter.stdout.once('data', resolve));
    const browserProcesses = descendantsOf(starter.pid!);
    expect(browserProcesses.length).toBeGreaterThan(2);

    starter.kill('SIGKILL');

    await eventually(() => !browserProcesses.some(runs), 'every process of the browser to end', 60_000);
  });
});

/** Process ids below this one, from /proc. */
function descendantsOf(pid: number): readonly number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => parentOf(other) === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function parentOf(pid: number): number | undefined {
  return Number(statOf(pid)?.[1]);
}

/** A zombie that nobody waits for has ended. */
function runs(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat[0] !== 'Z';
}

/** State and parent, the first fields after the name in parentheses. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return undefined;
  }
}
