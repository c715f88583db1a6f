import { AuthorizationError, connect, credsAuthenticator } from '@nats-io/transport-node';
import { HTTP_DOOR_PATHS } from '#lib/agent-protocol';

/** A credential that a server has looked at and will not have. */
export class CredentialRefused extends Error {
  override readonly name = 'CredentialRefused';
}

const BUDGET_MS = 10_000;

/** Resolves when the server at `url` lets these credentials in. @throws CredentialRefused, or what the client threw */
export async function tryOverNats(url: string, creds: string, name: string): Promise<void> {
  try {
    const connection = await connect({
      ...{ servers: url, name, reconnect: false, timeout: BUDGET_MS },
      authenticator: credsAuthenticator(new TextEncoder().encode(creds)),
    });
    await connection.rtt();
    await connection.close();
  } catch (error) {
    throw error instanceof AuthorizationError ? new CredentialRefused(`${url}: ${error.message}`) : error;
  }
}

/** Resolves when the gateway at `url` lets this credential in. @throws CredentialRefused, or what fetch threw */
export async function tryOverHttp(url: string, credential: string): Promise<void> {
  // A wait that no poll may have is refused as such, once the credential was looked at; it takes no task.
  const { status } = await fetch(new URL(`/api/v1/${HTTP_DOOR_PATHS.tasks}?wait=-1`, url), {
    headers: { authorization: `Bearer ${credential}` },
    redirect: 'error',
    signal: AbortSignal.timeout(BUDGET_MS),
  });
  if (status === 422) return;
  if (status === 401 || status === 403) throw new CredentialRefused(`the gateway answered ${status}`);
  throw new Error(`the gateway answered ${status}`);
}
