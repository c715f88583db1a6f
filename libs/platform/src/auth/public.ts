import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const IS_PUBLIC = Symbol('IS_PUBLIC');

/** Opens a route or controller to callers without a token. Every other route is closed. */
export function Public(): CustomDecorator<typeof IS_PUBLIC> {
  return SetMetadata(IS_PUBLIC, true);
}
