import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CursorError } from '#lib/database';
import type { TenantId } from '#lib/events';
import { JWT_KEY } from '#lib/platform';
import { invalidCursor } from './edge-error.js';

/**
 * Seals cursors, so that only what a replica of this API gave to a tenant is taken back. What a cursor holds is nobody
 * else's business and may change with any version.
 */
@Injectable()
export class CursorSeal {
  constructor(@Inject(JWT_KEY) private readonly key: KeyObject) {}

  /** One page of a list, by a cursor that was given and with one that is sealed. @throws ProblemError `invalid-cursor` */
  async page<Page extends { readonly next: string | null }>(
    tenant: TenantId,
    cursor: string | undefined,
    read: (cursor: string | undefined) => Promise<Page>,
  ): Promise<Page> {
    const from = cursor === undefined ? undefined : this.open(tenant, cursor);
    try {
      const page = await read(from);
      return page.next === null ? page : { ...page, next: this.seal(tenant, page.next) };
    } catch (error) {
      throw error instanceof CursorError ? invalidCursor() : error;
    }
  }

  private seal(tenant: TenantId, cursor: string): string {
    return `${cursor}.${this.macOf(tenant, cursor)}`;
  }

  /** @throws ProblemError `invalid-cursor` */
  private open(tenant: TenantId, sealed: string): string {
    const [cursor = '', mac = '', ...rest] = sealed.split('.');
    const expected = Buffer.from(this.macOf(tenant, cursor));
    const given = Buffer.from(mac);
    if (rest.length === 0 && given.length === expected.length && timingSafeEqual(given, expected))
      return cursor;
    throw invalidCursor();
  }

  private macOf(tenant: TenantId, cursor: string): string {
    const text = JSON.stringify(['cursor', tenant, cursor]);
    return createHmac('sha256', this.key).update(text).digest('base64url');
  }
}
