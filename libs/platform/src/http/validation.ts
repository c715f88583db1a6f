import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { ProblemError, type FieldProblem } from './problem.js';

/** Turns bodies and queries into their DTO class. Fields that the DTO does not know are refused, never ignored. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new ProblemError(validationProblem(errors)),
  });
}

function validationProblem(errors: readonly ValidationError[]) {
  return {
    status: 400,
    code: 'validation-failed',
    detail: 'The request has fields that are missing, unknown or malformed.',
    hint: 'See `errors` for every one of them.',
    errors: errors.flatMap((error) => fieldProblems(error, [])),
  };
}

function fieldProblems(error: ValidationError, parents: readonly string[]): readonly FieldProblem[] {
  const path = [...parents, error.property];
  const own = Object.values(error.constraints ?? {});
  return [
    ...(own.length > 0 ? [{ field: path.join('.'), problems: own }] : []),
    ...(error.children ?? []).flatMap((child) => fieldProblems(child, path)),
  ];
}
