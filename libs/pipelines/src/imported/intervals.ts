import { PlainWord } from '../yaml-words.js';
import { mapOf, typeOf, type Kept, type Section } from './foreign.js';

/** Seconds between two exports of receivers that say nothing of an interval. */
const DEFAULT_SECONDS = 10;
/** What scrapers and Prometheus do unless told otherwise, and what is taken where a variable says it. */
const SCRAPER_SECONDS = 60;
/** What the interval processor does unless told otherwise. */
const HELD_SECONDS = 60;
/** Longest that an experiment compares; renderings say no more either. */
export const LONGEST_SECONDS = 60;

/** How often a receiver scrapes, in seconds; `isKnown` is false where only the host can tell. */
export type Interval = { readonly receiver: string; readonly seconds: number; readonly isKnown: boolean };

/** The intervals of the receivers that scrape; the others send when they are sent to. */
export function intervalsOf({ receivers }: Pick<Kept, 'receivers'>): readonly Interval[] {
  return Object.entries(receivers).flatMap(([receiver, settings]) =>
    textsOf(receiver, mapOf(settings)).map((text) => {
      const seconds = text === undefined ? SCRAPER_SECONDS : secondsOf(text);
      return { receiver, seconds: seconds ?? SCRAPER_SECONDS, isKnown: seconds !== undefined };
    }),
  );
}

/** The longest interval: after that long everything has been sent once. */
export function slowestOf(kept: Pick<Kept, 'receivers'>): number {
  const all = intervalsOf(kept).map(({ seconds }) => seconds);
  return all.length === 0 ? DEFAULT_SECONDS : Math.max(...all);
}

/** For how many seconds processors hold points back; 0 where none does. */
export function heldSeconds({ processors }: Pick<Kept, 'processors'>): number {
  const holding = Object.entries(processors).filter(([id]) => typeOf(id) === 'interval');
  return Math.max(
    0,
    ...holding.map(([, settings]) => secondsOf(mapOf(settings)['interval']) ?? HELD_SECONDS),
  );
}

/** How often each receiver of host metrics scrapes, by its id: those are the ones that take a delay. */
export function hostIntervals(receivers: Section): ReadonlyMap<string, number> {
  const scraping = intervalsOf({ receivers }).filter(({ receiver }) => typeOf(receiver) === 'hostmetrics');
  return new Map(scraping.map(({ receiver, seconds }) => [receiver, seconds]));
}

/** What a receiver says of its interval; undefined where it scrapes and says nothing. */
function textsOf(id: string, settings: Readonly<Record<string, unknown>>): readonly unknown[] {
  if (typeOf(id) === 'prometheus') return prometheusTexts(mapOf(settings['config']));
  const said = settings['collection_interval'];
  if (said !== undefined && said !== null) return [said];
  return typeOf(id) === 'hostmetrics' ? [undefined] : [];
}

function prometheusTexts(config: Readonly<Record<string, unknown>>): readonly unknown[] {
  const common = mapOf(config['global'])['scrape_interval'];
  const jobs: readonly unknown[] = Array.isArray(config['scrape_configs']) ? config['scrape_configs'] : [];
  return jobs.length === 0 ? [common] : jobs.map((job) => mapOf(job)['scrape_interval'] ?? common);
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 },
};

/** Undefined where it is no duration, or none that is longer than nothing. */
function secondsOf(said: unknown): number | undefined {
  if (said instanceof PlainWord) return positive(Number(said.number ?? 0) * 1e-9);
  if (typeof said !== 'string' || !/^\+?(?:\d{1,12}(?:\.\d{1,9})?(?:ns|us|µs|ms|[smhdw]))+$/.test(said))
    return undefined;
  const parts = [...said.matchAll(/([\d.]+)([a-zµ]+)/g)];
  return positive(parts.reduce((sum, [, n = '', unit = '']) => sum + Number(n) * (UNITS[unit] ?? 0), 0));
}

function positive(seconds: number): number | undefined {
  return seconds > 0 ? seconds : undefined;
}
