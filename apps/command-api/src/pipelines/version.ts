import { NotFoundException, type PipeTransform } from '@nestjs/common';

/** A text that cannot be a version names none. */
export const versionPipe: PipeTransform<string, number> = {
  transform(value) {
    if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
    throw new NotFoundException();
  },
};
