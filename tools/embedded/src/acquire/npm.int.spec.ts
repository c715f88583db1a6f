import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from '../test-parts.js';
import { requireIntegrity } from './npm.js';

describe('a package of npm', () => {
  const scratch = scratchDirectory();
  const path = join(scratch, 'package.tgz');
  beforeAll(() => writeFileSync(path, 'abc'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('is taken when it is the pinned one', async () => {
    const published =
      'sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==';
    await expect(requireIntegrity(path, published)).resolves.toBeUndefined();
  });

  it('is refused when it is another one', async () => {
    await expect(requireIntegrity(path, 'sha512-AAAA')).rejects.toThrow('not sha512-AAAA');
  });
});
