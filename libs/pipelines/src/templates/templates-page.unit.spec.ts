import { readFileSync } from 'node:fs';
import { templatesPage } from './templates-page.js';

/** The text without what a formatter may do to it. */
const words = (page: string): string => page.replaceAll(/-{3,}/g, '---').replaceAll(/\s+/g, ' ');

describe('the page of templates', () => {
  it('says what the code knows', () => {
    const page = new URL('../../../../docs/pipelines/templates.md', import.meta.url);
    expect(words(readFileSync(page, 'utf8'))).toBe(words(templatesPage()));
  });
});
