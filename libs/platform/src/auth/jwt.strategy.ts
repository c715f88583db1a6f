import type { KeyObject } from 'node:crypto';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Clock } from '../lifecycle/clock.js';
import { JWT_ISSUER, principalOf } from './jwt.js';
import type { Principal } from './principal.js';

/** Verifies the bearer token of a request. Only HS256 is accepted, whatever the token says about itself. */
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    key: KeyObject,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // The types know texts and buffers only; the verifier underneath takes a KeyObject.
      secretOrKey: key as unknown as Buffer,
      algorithms: ['HS256'],
      issuer: JWT_ISSUER,
      // Judged in `validate`, by the injected clock.
      ignoreExpiration: true,
    });
  }

  validate(claims: unknown): Principal | false {
    return principalOf(claims, this.clock) ?? false;
  }
}
