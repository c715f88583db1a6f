import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsNumber, IsObject, IsOptional, Max, Min, ValidateNested } from 'class-validator';

const MEBIBYTE = 1024 * 1024;

/** A limit counts as broken when it was for the whole of this time. */
function ForSeconds(byDefault: number): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 3600, default: byDefault }),
    IsOptional(),
    IsInt(),
    Min(1),
    Max(3600),
  );
}

/** A number above nothing. */
function Percent(byDefault: number, maximum: number, description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ minimum: 0.01, maximum, default: byDefault, description }),
    IsOptional(),
    IsNumber(),
    Min(0.01),
    Max(maximum),
  );
}

/** Resident memory of a candidate. */
export class MemoryLimitDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: MEBIBYTE,
    default: 512 * MEBIBYTE,
    description: 'Resident bytes. The kernel ends it at twice as many.',
  })
  @IsOptional()
  @IsInt()
  @Min(MEBIBYTE)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly rssBytes?: number;

  @ForSeconds(3)
  readonly seconds?: number;
}

/** CPU of a candidate. */
export class CpuLimitDto {
  @Percent(100, 12_800, 'Of one core.')
  readonly percent?: number;

  @ForSeconds(60)
  readonly seconds?: number;
}

/** Points that a candidate loses. */
export class DropLimitDto {
  @Percent(50, 100, 'Of the points that came to the same receiver or exporter.')
  readonly percent?: number;

  @ForSeconds(20)
  readonly seconds?: number;
}

/** A candidate that sends nothing. */
export class SilenceLimitDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 2, maximum: 1000, default: 6 })
  @IsOptional()
  @IsInt()
  @Min(2)
  @Max(1000)
  readonly intervals?: number;

  @ForSeconds(30)
  readonly seconds?: number;
}

/** What the candidate may do to a host before the host takes it back by itself. */
export class LimitsDto {
  @ApiPropertyOptional({ type: MemoryLimitDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => MemoryLimitDto)
  readonly memory?: MemoryLimitDto;

  @ApiPropertyOptional({ type: CpuLimitDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => CpuLimitDto)
  readonly cpu?: CpuLimitDto;

  @ApiPropertyOptional({ type: DropLimitDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => DropLimitDto)
  readonly drops?: DropLimitDto;

  @ApiPropertyOptional({ type: SilenceLimitDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SilenceLimitDto)
  readonly silence?: SilenceLimitDto;
}
