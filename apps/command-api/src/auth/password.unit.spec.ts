import { hashPassword, verifyPassword } from './password.js';

describe('passwords', () => {
  it('are accepted when they made the hash, however their letters are composed', async () => {
    const hash = await hashPassword('pässword of the admin');
    await expect(verifyPassword('pässword of the admin', hash)).resolves.toBe(true);
    await expect(verifyPassword('pa\u0308ssword of the admin', hash)).resolves.toBe(true);
    await expect(verifyPassword('pässword of the admiN', hash)).resolves.toBe(false);
  });

  it('never give the same hash twice, nor contain the password', async () => {
    const [first, second] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(first).not.toBe(second);
    expect(first).not.toContain('correct horse');
  });

  it('match nothing that is not a hash of ours', async () => {
    await expect(verifyPassword('', '')).resolves.toBe(false);
    await expect(verifyPassword('x', 'plain$x')).resolves.toBe(false);
  });
});
