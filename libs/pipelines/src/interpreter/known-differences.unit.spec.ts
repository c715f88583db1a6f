import { readFileSync } from 'node:fs';
import { differencesPage } from './known-differences.js';

/** The text without what a formatter may do to it. */
const words = (page: string): string => page.replaceAll(/-{3,}/g, '---').replaceAll(/\s+/g, ' ');

describe('the page of known differences', () => {
  it('says what the code knows', () => {
    const page = new URL('../../../../docs/pipelines/differences.md', import.meta.url);
    expect(words(readFileSync(page, 'utf8'))).toBe(words(differencesPage()));
  });
});
