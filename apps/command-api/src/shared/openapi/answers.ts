import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { Roles } from '#lib/platform';
import type { AnswerName } from './schemas.js';

/** The body of a successful answer, by the name of its schema. */
export function Answers(status: number, name: AnswerName, description = ''): MethodDecorator {
  return ApiResponse({ status, description, schema: { $ref: `#/components/schemas/${name}` } });
}

/** Viewers read everything and change nothing. */
export function MayChange(): MethodDecorator & ClassDecorator {
  return Roles('admin', 'operator');
}

/** A command: conditional, repeatable, answered with the position of its commit. */
export function CommandRoute(description = 'The command is stored.'): MethodDecorator {
  return applyDecorators(
    RepeatableRoute(description),
    ApiHeader({
      name: 'If-Match',
      required: false,
      schema: { type: 'string', examples: ['"41"'] },
      description: 'The ETag that the caller has seen; a newer position is refused with 412.',
    }),
  );
}

/** A request that is stored once however often it is repeated, answered with where it stands. */
export function RepeatableRoute(description: string): MethodDecorator {
  return applyDecorators(
    MayChange(),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      schema: { type: 'string', maxLength: 200 },
      description: 'The same key is answered as the first time, for ever.',
    }),
    ApiResponse({
      status: 202,
      description,
      headers: { ETag: { description: 'Position of the aggregate, quoted.', schema: { type: 'string' } } },
      schema: { $ref: '#/components/schemas/Accepted' },
    }),
  );
}

/** A query that can wait for the views to contain a position. */
export function QueryRoute(name: AnswerName): MethodDecorator {
  return applyDecorators(
    ApiQuery({
      name: 'atLeast',
      required: false,
      schema: { type: 'string', pattern: '^\\d{1,15}$' },
      description: 'Wait until the answer contains this position; 503 `projection-behind` after two seconds.',
    }),
    Answers(200, name),
  );
}

/** The id of an aggregate in the path. */
export function IdParam(description: string): MethodDecorator & ClassDecorator {
  return ApiParam({
    name: 'id',
    description,
    schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,63}$' },
  });
}
