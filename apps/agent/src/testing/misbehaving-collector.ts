import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How candidates behave that start from now on. */
export type Mood = 'well' | 'leaks' | 'tiny-queue';

/** A collector program whose candidates are real ones that really misbehave; the baseline always behaves. */
export type MisbehavingCollector = {
  readonly path: string;
  /** For those that start from now on. */
  become(mood: Mood): Promise<void>;
  /** From now on every candidate kills itself, also one that starts later, until it is told to stop that. */
  killThemselves(isOn: boolean): Promise<void>;
};

/**
 * `leaks`: the garbage collector is off, so what a scrape took stays in memory. `tiny-queue`: two requests wait for the
 * backend and no more, so that a backend that refuses is felt at once. The shell becomes the collector by `exec`;
 * beside it, in its group, waits another one for the word to kill it.
 */
export async function misbehavingCollector(folder: string, program: string): Promise<MisbehavingCollector> {
  const path = join(folder, 'otelcol');
  const [moodFile, killFile] = [join(folder, 'mood'), join(folder, 'kill')];
  const script = `#!/bin/sh
case "$*" in
  validate*|*--version*|*/baseline-*) exec '${program}' "$@" ;;
esac
sh -c 'while kill -0 "$0" && [ ! -e "$1" ]; do sleep 0.2; done; kill -9 "$0"' $$ '${killFile}' >/dev/null 2>&1 &
case "$(cat '${moodFile}')" in
  leaks) exec env -u GOMEMLIMIT GOGC=off '${program}' "$@" ;;
  tiny-queue)
    export TINY='exporters: {otlphttp/destination: {sending_queue: {queue_size: 2, num_consumers: 1}}}'
    exec '${program}' "$@" --config=env:TINY ;;
  *) exec '${program}' "$@" ;;
esac
`;
  const become = (mood: Mood): Promise<void> => writeFile(moodFile, mood);
  await writeFile(path, script);
  await Promise.all([folder, path].map((file) => chmod(file, 0o755)));
  await become('well');
  return {
    path,
    become,
    killThemselves: async (isOn) => {
      if (isOn) await writeFile(killFile, '');
      else await rm(killFile, { force: true });
    },
  };
}
