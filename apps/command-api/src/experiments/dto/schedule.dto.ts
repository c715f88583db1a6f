import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';

const THIRTY_DAYS = 30 * 86_400;

/** A number of whole seconds within bounds. */
function Seconds(minimum: number, example: number, description: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: 'integer', minimum, maximum: THIRTY_DAYS, example, description }),
    IsInt(),
    Min(minimum),
    Max(THIRTY_DAYS),
  );
}

/** Seconds of each stage. */
export class ScheduleDto {
  @Seconds(0, 60, 'Both variants run, nothing counts yet.')
  readonly warmupSeconds!: number;

  @Seconds(10, 600, 'No verdict before this much measurement.')
  readonly minimumSeconds!: number;

  @Seconds(10, 3600, 'The verdict falls at the latest after this much measurement.')
  readonly maximumSeconds!: number;

  @Seconds(10, 300, 'How long hosts may take to run both collectors before the experiment fails.')
  readonly deploySeconds!: number;
}
