import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, IsString, Length } from 'class-validator';

/** Body of `POST /auth/login`. */
export class LoginDto {
  @ApiProperty({ format: 'email', example: 'admin@phoenix.io' })
  @IsEmail()
  readonly email!: string;

  // The upper bound keeps a login from costing more than one stretch of a sensible text.
  @ApiProperty({ format: 'password', minLength: 1, maxLength: 1024 })
  @IsString()
  @Length(1, 1024)
  readonly password!: string;
}
