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
