import { Param, type PipeTransform } from '@nestjs/common';
import { NotFoundException } from '@nestjs/common';
import { aggregateIdSchema, type AggregateId } from '#lib/events';

/** A text that cannot be an id names nothing, so it is not found rather than malformed. */
const idPipe: PipeTransform<string, AggregateId> = {
  transform(value) {
    const parsed = aggregateIdSchema.safeParse(value);
    if (!parsed.success) throw new NotFoundException();
    return parsed.data;
  },
};

/** The path parameter `id` as an aggregate id. */
export function Id(): ParameterDecorator {
  return Param('id', idPipe);
}
