import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { HostId } from '#lib/events';
import { eventually } from '#lib/platform-testing';
import { listenToComplaints, seriousFindings, startTestBrowser, type Complaints } from '#tools/browser';
import { openDoor, type Door } from '../testing/door.js';
import { adminPassword, startCommandApi, type RunningApi } from '../testing/running-api.js';
import { minute, promotion, showBlocks, showExperiment, showHost } from '../testing/shown.js';

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
/** The course of an experiment that measures; `series` are two minutes of it, three quarters less. */
const course = { createdAt: minute(0), startedAt: minute(0), warmupAt: minute(0), measurementAt: minute(1) };
const running = { ...course, name: 'Top 20', phase: 'running', hosts: ['h1' as HostId] } as const;
const series = [
  { baseline: 1000, candidate: 250 },
  { baseline: 2000, candidate: 500 },
];

const UNFOLD = "document.querySelectorAll('details').forEach((one) => (one.open = true))";

/** Remembers every text that stood in the list of experiments. */
const WATCH = `window.shown = [];
  new MutationObserver(() => shown.push(document.getElementById('experiments')?.textContent.trim() ?? ''))
    .observe(document, { subtree: true, childList: true });`;

/** A busy machine may take long to draw a page. */
const PATIENCE_MS = 100_000;

describe('the live page and the reference in a browser', () => {
  let api: RunningApi;
  let door: Door;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: Complaints;
  beforeAll(async () => {
    [api, browser] = await Promise.all([startCommandApi(), startTestBrowser()]);
    door = await openDoor(api.url);
  }, 600_000);
  afterAll(async () => {
    await Promise.all([browser.close(), door.shut()]);
    await api.stop();
  });
  afterEach(() => context.close());

  /** A new browser at this path, as a stranger. */
  const arrive = async (path: string, options: BrowserContextOptions = desktop): Promise<void> => {
    context = await browser.newContext(options);
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    complaints = await listenToComplaints(page);
    await page.goto(`${door.url}${path}`);
  };
  /** The same with the session that a sign-in leaves. */
  const arriveSignedIn = async (
    path = '/',
    options = desktop,
    token = api.token('viewer'),
  ): Promise<void> => {
    const session = { accessToken: token, user: { email: 'ada@phoenix.io', role: 'viewer' } };
    await arrive('/docs', options);
    await page.evaluate(
      `sessionStorage.setItem('phoenix.session', ${JSON.stringify(JSON.stringify(session))})`,
    );
    await page.goto(`${door.url}${path}`);
  };
  const sees = (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();
  const focus = (): Promise<string> =>
    page.evaluate('document.activeElement.id || document.activeElement.textContent');
  const tabTo = async (wanted: string): Promise<void> => {
    for (let step = 0; step < 30 && (await focus()) !== wanted; step += 1) await page.keyboard.press('Tab');
    expect(await focus()).toBe(wanted);
  };
  /** How many pixels the page is wider than the screen. */
  const overhang = (): Promise<number> =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  const nothingWrong = (): void => {
    expect(complaints).toEqual({ errors: [], requests: [], policy: [] });
  };

  it('lets a person in by keyboard alone, and says what a wrong password is', async () => {
    await arrive('/');
    await sees('Sign in');
    expect(await seriousFindings(page)).toEqual([]);
    await tabTo('email');
    await page.keyboard.type('admin@phoenix.io');
    await page.keyboard.press('Tab');
    await page.keyboard.type('not this one');
    await page.keyboard.press('Enter');
    await sees('Email or password is wrong.');
    expect(await focus()).toBe('password');
    expect(complaints.requests.splice(0)).toEqual([expect.stringContaining('401')]);

    await page.keyboard.press('Control+A');
    await page.keyboard.type(adminPassword);
    await page.keyboard.press('Enter');
    await sees('admin@phoenix.io (admin)');
    await sees('live');
    await tabTo('sign-out');
    await page.keyboard.press('Enter');
    await eventually(async () => (await focus()) === 'email', 'the door again');
    expect(await page.locator('#experiments').textContent()).not.toContain('no experiment');
    nothingWrong();
  });

  it('says what to do where there is nothing yet', async () => {
    await arriveSignedIn();
    await sees('There is no experiment yet. Create one:');
    await sees('No host has joined yet.');
    await sees('Views are up to date.');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('link', { name: 'Make an enrolment token' }).click();
    await page.locator('#post-api-v1-fleet-enrolment-tokens[open]').waitFor();
    nothingWrong();
  });

  it('shows why there are no figures before there are any', async () => {
    await showExperiment(api, 'e1', { name: 'Top 20', createdAt: minute(0) });
    await arriveSignedIn();
    await sees('Hosts are chosen at the start.');
    const { body } = await api.call('GET', '/api/v1/experiments/e1/kpis');
    const { reduction } = body['series'] as { reduction: { reason: string } };
    await sees(reduction.reason);
    await sees('Nothing has been measured yet, so no figure holds for anything.');
    expect(await page.locator('.big').allTextContents()).toEqual(['no data', 'no data']);
    nothingWrong();
  });

  it('shows a change without being loaded again, and keeps the reader where they were', async () => {
    await showExperiment(api, 'e2', { name: 'Another draft', createdAt: minute(-1) });
    await arriveSignedIn();
    await sees('Another draft');
    await page.evaluate('window.loadedOnce = true');
    await tabTo('card-e2');
    await showExperiment(api, 'e1', running);
    await sees(/Runs on 1 host: h1/);
    await showBlocks(api, 'e1', series);
    await sees('-75%');
    await showHost(api, 'h1', { status: 'suspect' });
    await page.locator('#fleet .chip[data-tone=wait]', { hasText: 'suspect' }).waitFor();
    await showHost(api, 'h1', { status: 'offline', lastError: 'the collector ended' });
    await sees('the collector ended');
    expect(await focus()).toBe('card-e2');
    expect(await page.evaluate('window.loadedOnce')).toBe(true);
    nothingWrong();
  });

  it('shows both variants, what was lost, the price and how far it holds, as the API has them', async () => {
    await arriveSignedIn();
    await sees('-75%');
    const figures = await page
      .getByRole('list', { name: 'Active series' })
      .getByRole('listitem')
      .allTextContents();
    expect(figures).toEqual(['baseline1,500', 'candidate375']);
    await sees('Lost most series: cron (1,500 series)');
    await sees(/^Measured .* on 1 host, 12 windows of 10 seconds, no gap/);
    const tariffs = (await api.call('GET', '/api/v1/tariffs')).body['items'] as unknown[];
    const prices = page.getByRole('table', { name: 'Price of a month under each tariff' });
    expect(await prices.getByRole('row').count()).toBe(tariffs.length + 1);
    const widths = await page.evaluate<number[]>(
      "[...document.querySelectorAll('.track')].map((track) => track.offsetWidth)",
    );
    expect([widths[0], widths[2]]).toEqual([widths[1], widths[3]]);
    expect(await page.title()).toBe('Top 20: running – Phoenix');
    nothingWrong();
  });

  it('never says that there is nothing before it was told so', async () => {
    await arriveSignedIn();
    await page.addInitScript(WATCH);
    await page.reload();
    await sees('-75%');
    const shown = await page.evaluate<string[]>('window.shown');
    expect(shown).toContain('Loading experiments.');
    expect(shown.filter((text) => text.includes('There is no experiment yet'))).toEqual([]);
  });

  it('goes on by itself after the connection was cut, with what happened meanwhile', async () => {
    await arriveSignedIn();
    await sees('-75%');
    await page.evaluate('window.loadedOnce = true');
    await door.shut();
    await sees(/^No connection to Phoenix since .* What stands here is from before/);
    expect(await page.locator('.big').first().textContent()).toBe('-75%');
    const verdict = { ...running, phase: 'concluded', concludedAt: minute(4), verdict: promotion } as const;
    await showExperiment(api, 'e1', verdict);
    await door.open();
    await sees('Promote the candidate');
    await page.locator('#lost').waitFor({ state: 'hidden' });
    await sees('Holds for this host only, this period only.');
    await sees('critical processes: passed. All of the baseline are seen.');
    expect(await page.evaluate('window.loadedOnce')).toBe(true);
    expect({ ...complaints, requests: [] }).toEqual({ errors: [], requests: [], policy: [] });
  });

  it('says how far the views are behind', async () => {
    const unseen = { name: 'Unseen', template: 'topk' };
    expect((await api.call('POST', '/api/v1/pipelines', { body: unseen })).status).toBeLessThan(300);
    const { projections } = (await api.call('GET', '/api/v1/fleet/status')).body as unknown as {
      projections: { lag: number }[];
    };
    const lag = Math.max(...projections.map(({ lag: behind }) => behind));
    expect(lag).toBeGreaterThan(0);
    await arriveSignedIn();
    await sees(`Views are ${lag} ${lag === 1 ? 'commit' : 'commits'} behind.`);
  });

  it('is worked by keyboard: skip link, an experiment, and the reader’s place stay', async () => {
    await arriveSignedIn('/#/experiments/e2');
    await page.getByRole('heading', { name: 'Another draft' }).waitFor();
    await tabTo('Skip to content');
    await page.keyboard.press('Enter');
    expect(await focus()).toBe('main');
    await page.getByRole('heading', { name: 'Another draft' }).waitFor();
    await tabTo('card-e1');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Top 20' }).waitFor();
    await eventually(async () => (await focus()) === 'experiment-title', 'the focus on what was chosen');
    await tabTo('sign-out');
    await page.keyboard.press('Enter');
    await eventually(async () => (await focus()) === 'email', 'the door');
    expect(await page.locator('body').textContent()).not.toMatch(/Top 20|Another draft|web-01|cron/);
    nothingWrong();
  });

  it('sends a reader whose session has ended to the door and keeps nothing of theirs', async () => {
    await arriveSignedIn('/', desktop, 'no token of ours');
    await sees('Your session has ended. Sign in again.');
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    expect(await page.locator('#live').isVisible()).toBe(false);
  });

  it('says so when nobody answers at the door', async () => {
    await arrive('/');
    await page.getByLabel('Email').fill('admin@phoenix.io');
    await page.getByLabel('Password').fill(adminPassword);
    await door.shut();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await sees(/^Phoenix does not answer at 127\.0\.0\.1:\d+\. Is it running\?/);
    await door.open();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await sees('Promote the candidate');
    expect(complaints.errors).toEqual([]);
  });

  it.each([
    ['on a desk', { ...desktop, colorScheme: 'light' }],
    ['on a desk in the dark', { ...desktop, colorScheme: 'dark' }],
    ['on a phone', phone],
  ] as const)('fits and keeps nobody out, %s', async (_where, options) => {
    await showHost(api, 'h2', { hostname: `${'very-long-'.repeat(6)}name`, labels: { region: 'eu-west-1' } });
    await arriveSignedIn('/#/experiments/e1', options);
    await sees('Promote the candidate');
    await sees('very-long-very-long');
    expect([await overhang(), await seriousFindings(page)]).toEqual([0, []]);
    await page.goto(`${door.url}/docs#get-api-v1-experiments`);
    await sees('Lists experiments, newest first unless asked otherwise.');
    expect(await seriousFindings(page)).toEqual([]);
    await page.evaluate(UNFOLD);
    expect(await overhang()).toBe(0);
    nothingWrong();
  });

  it('refers to every operation of the API and finds one by its name', async () => {
    const { body } = await api.call('GET', '/api/v1/openapi.json', { as: 'none' });
    const paths = Object.entries(body['paths'] as Record<string, Record<string, unknown>>);
    const operations = paths.flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    await arrive('/docs');
    await sees(`${operations.length} operations`);
    const listed = await page.evaluate<string[]>(
      "[...document.querySelectorAll('summary:has(.chip)')].map((one) => one.querySelector('.chip').textContent + ' ' + one.querySelector('code').textContent.trim())",
    );
    expect([...listed].sort()).toEqual([...operations].sort());
    await page.evaluate(UNFOLD);
    expect(await seriousFindings(page)).toEqual([]);
    await page.reload();
    await sees(`${operations.length} operations`);
    await tabTo('search');
    await page.keyboard.type('auth/login');
    await sees('1 operation, 0 schemas');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Body' }).waitFor();
    await page.getByLabel('Find an operation').fill('no such thing');
    await sees('Nothing is called “no such thing”.');
    nothingWrong();
  });
});
