import { readFile } from 'node:fs/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { appUser, DATA_SOURCE } from '#lib/database';
import type { TenantId } from '#lib/events';
import { CLOCK, commandIdFrom, idFrom, LOGGER, type Clock, type Logger } from '#lib/platform';
import type { Database } from '../shared/views/database.js';
import { hashPassword } from './password.js';

/** Injection token of what the first admin is made of. */
export const FIRST_ADMIN = Symbol('FIRST_ADMIN');
export type FirstAdminOptions = { readonly email: string; readonly passwordFile: string | undefined };

const FIRST_TENANT = 'default' as TenantId;
const SHORTEST_PASSWORD = 12;

/** Lets the first person in. Does nothing once there is a user: a password changed later stays changed. */
@Injectable()
export class FirstAdmin implements OnApplicationBootstrap {
  constructor(
    @Inject(FIRST_ADMIN) private readonly options: FirstAdminOptions,
    @Inject(DATA_SOURCE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws Error when the password is shorter than 12 characters */
  async onApplicationBootstrap(): Promise<void> {
    const users = this.db.getRepository(appUser);
    if ((await users.count()) > 0) return;
    const { email, passwordFile } = this.options;
    if (passwordFile === undefined) {
      this.logger.warn('nobody can log in: there is no user and no PHOENIX_ADMIN_PASSWORD_FILE');
      return;
    }
    const password = (await readFile(passwordFile, 'utf8')).trim();
    if (password.length < SHORTEST_PASSWORD)
      throw new Error(`the admin password must have at least ${SHORTEST_PASSWORD} characters`);
    const now = this.clock.iso();
    // The id follows from the email and a second replica that starts now changes nothing.
    const id = idFrom('user', commandIdFrom(FIRST_TENANT, email.toLowerCase()));
    const who = { id, tenant: FIRST_TENANT, email: email.toLowerCase(), role: 'admin' } as const;
    const row = {
      ...who,
      passwordHash: await hashPassword(password),
      createdAt: now,
      updatedAt: now,
      disabledAt: null,
    };
    await users.createQueryBuilder().insert().values(row).orIgnore().execute();
    this.logger.info({ email: who.email }, 'first admin created');
  }
}
