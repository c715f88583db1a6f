import { readOptions, UsageError } from './options.js';

describe('the options', () => {
  it('are a prefix, a form and a page, and by default everything as a table', () => {
    expect(readOptions([])).toEqual({ only: '', json: false, write: false });
    expect(readOptions(['--only', 'events', '--json'])).toEqual({ only: 'events', json: true, write: false });
  });

  it('do not let a part of the figures be written as all of them', () => {
    expect(() => readOptions(['--write', '--only', 'events'])).toThrow(UsageError);
    expect(() => readOptions(['--fast'])).toThrow(UsageError);
  });
});
