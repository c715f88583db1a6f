import type { KeyObject } from 'node:crypto';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Clock } from '../lifecycle/clock.js';
import { CLOCK } from '../tokens.js';
import { JwtAuthGuard, RolesGuard } from './guards.js';
import { JwtStrategy } from './jwt.strategy.js';

/** Key for `signToken`, for the one app that issues tokens. */
export const JWT_KEY = Symbol('JWT_KEY');

/** Closes all routes of an app that are not `@Public()`. Needs `PlatformModule`. */
@Module({})
export class AuthModule {
  static forRoot(loadKey: () => Promise<KeyObject>): DynamicModule {
    return {
      module: AuthModule,
      global: true,
      providers: [
        { provide: JWT_KEY, useFactory: loadKey },
        {
          provide: JwtStrategy,
          useFactory: (key: KeyObject, clock: Clock) => new JwtStrategy(key, clock),
          inject: [JWT_KEY, CLOCK],
        },
        // In this order: who it is, then what they may.
        { provide: APP_GUARD, useClass: JwtAuthGuard },
        { provide: APP_GUARD, useClass: RolesGuard },
      ],
      exports: [JWT_KEY],
    };
  }
}
