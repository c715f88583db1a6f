import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { appUser, DATA_SOURCE, type AppUser } from '#lib/database';
import { CLOCK, JWT_KEY, signToken, type Clock, type Principal } from '#lib/platform';
import { refusal } from '../shared/http/edge-error.js';
import type { Database } from '../shared/views/database.js';
import type { LoginAnswer, User } from '../shared/views/user.view.js';
import type { LoginDto } from './login.dto.js';
import { hashPassword, verifyPassword } from './password.js';

/** A working day: there is no refresh yet, and nobody should have to log in during an experiment. */
const TOKEN_SECONDS = 8 * 3600;

/** Who somebody is, proven by a password. */
@Injectable()
export class AuthService {
  /** Verified when nobody has the email, so that the time of an answer does not tell who exists. */
  private readonly nobody = hashPassword('nobody has this email');

  constructor(
    @Inject(DATA_SOURCE) private readonly db: Database,
    @Inject(JWT_KEY) private readonly key: KeyObject,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ProblemError `invalid-credentials`, the same whichever part was wrong */
  async login({ email, password }: LoginDto): Promise<LoginAnswer> {
    const user = await this.db.getRepository(appUser).findOneBy({ email: email.toLowerCase() });
    const matches = await verifyPassword(password, user?.passwordHash ?? (await this.nobody));
    if (user === null || !matches || user.disabledAt !== null)
      throw refusal('invalid-credentials', 'Email or password is wrong.');
    const { id, tenant, role } = user;
    const principal: Principal = { actor: { kind: 'user', id }, tenant, role };
    const options = { clock: this.clock, lifetimeSeconds: TOKEN_SECONDS };
    const expiresAt = new Date(this.clock.now() + TOKEN_SECONDS * 1000).toISOString();
    return { accessToken: signToken(principal, this.key, options), expiresAt, user: toUser(user) };
  }

  /** @throws ProblemError `invalid-credentials` when the person behind a valid token was removed or disabled */
  async whoIs({ actor }: Principal): Promise<User> {
    const user = await this.db.getRepository(appUser).findOneBy({ id: actor.id });
    if (user === null || user.disabledAt !== null)
      throw refusal('invalid-credentials', 'The user of this token cannot log in any more.');
    return toUser(user);
  }
}

function toUser({ id, email, tenant, role }: AppUser): User {
  return { id, email, tenant, role };
}
