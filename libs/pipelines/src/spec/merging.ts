import { z } from 'zod';

/** What merged processes share: their executable, or the built-in class of it. */
export const grouping = z.enum(['executable', 'class']);

export type Grouping = z.infer<typeof grouping>;

/** What the scraper knows of a process beyond its executable name, each without the prefix `process.`. */
export const tellingAttributes = [
  'pid',
  'parent_pid',
  'command',
  'command_line',
  'executable.path',
  'owner',
  'cgroup',
] as const;

/** How long a silent series is remembered while counters are merged. */
export const staleAfterMinutes = 10;
