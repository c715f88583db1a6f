import { runTool } from './work.js';

describe('a tool of the machine', () => {
  it('returns what it printed', async () => {
    expect(await runTool({ command: 'sh', args: ['-c', 'echo one; echo two'], cwd: '/' })).toEqual([
      'one',
      'two',
    ]);
  });

  it('fails with its last lines', async () => {
    const failing = { command: 'sh', args: ['-c', 'echo the reason >&2; exit 3'], cwd: '/' };

    await expect(runTool(failing)).rejects.toThrow(/code 3: the reason$/);
  });
});
