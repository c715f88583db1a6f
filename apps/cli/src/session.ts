import { PhoenixClient } from '#lib/client';
import { findConnection } from './cli.config.js';

/** A client of the running Phoenix, logged in. @throws NoConnection @throws ApiProblem @throws ApiUnreachable */
export async function openSession(): Promise<PhoenixClient> {
  const { apiUrl, email, password } = findConnection();
  return PhoenixClient.logIn(apiUrl, email, password);
}
