import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import { IsLabels } from '../shared/http/validators.js';

const THIRTY_DAYS = 30 * 86_400;

/** Body of `POST /fleet/enrolment-tokens`. */
export class CreateEnrolmentTokenDto {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { role: 'web' },
    description: 'Every host that enrols with the token gets these labels.',
  })
  @IsOptional()
  @IsLabels()
  readonly labels?: Record<string, string>;

  @ApiPropertyOptional({ example: 'fra-1' })
  @IsOptional()
  @IsString()
  @Length(1, 120)
  readonly site?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 60, maximum: THIRTY_DAYS, default: 3600 })
  @IsOptional()
  @IsInt()
  @Min(60)
  @Max(THIRTY_DAYS)
  readonly expiresInSeconds?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    default: 1,
    description: 'Hosts it lets in.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(10_000)
  readonly maxUses?: number;
}

/** Body of `POST /fleet/hosts/{id}/rotate`. */
export class RotateHostDto {
  @ApiPropertyOptional({ maxLength: 500, example: 'Yearly' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  readonly reason?: string;
}

/** Body of `POST /fleet/hosts/{id}/revoke`. */
export class RevokeHostDto {
  @ApiPropertyOptional({ maxLength: 500, example: 'Machine was replaced' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  readonly reason?: string;
}
