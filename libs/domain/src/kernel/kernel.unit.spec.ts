import { DomainError, assertNever, isDomainError } from './index.js';

describe('a refusal', () => {
  test('says its code, a sentence and what to do', () => {
    const refusal = new DomainError('hosts-busy', 'h1 is busy.', 'Choose another host.');
    expect(refusal).toMatchObject({
      code: 'hosts-busy',
      detail: 'h1 is busy.',
      hint: 'Choose another host.',
      message: 'hosts-busy: h1 is busy.',
    });
    expect([refusal, new Error('x'), 'x'].map(isDomainError)).toEqual([true, false, false]);
  });
});

describe('a case that no type allows', () => {
  test('is loud', () => {
    expect(() => assertNever({ type: 'Unheard' } as never)).toThrow(/Unheard/);
  });
});
