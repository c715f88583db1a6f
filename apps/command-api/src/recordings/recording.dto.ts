import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsObject, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { FleetDto } from '../shared/recordings/fleet.dto.js';

/** Body of `POST /recordings`. */
export class CreateRecordingDto {
  @ApiPropertyOptional({ type: FleetDto, description: 'The fleet that is made up.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => FleetDto)
  readonly fleet?: FleetDto;

  @ApiPropertyOptional({ type: 'integer', minimum: 60, maximum: 2592000, default: 604800 })
  @IsOptional()
  @IsInt()
  @Min(60)
  @Max(2_592_000)
  readonly expiresInSeconds?: number;
}
