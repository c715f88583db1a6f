import { join } from 'node:path';
import { z } from 'zod';
import { nodeDisk } from '#lib/agent-core';
import type { EnrolResponse } from '#lib/agent-protocol';

const identitySchema = z.object({
  tenant: z.string(),
  host: z.string(),
  leafUrl: z.string(),
  /** Where it enrolled, which is where the HTTP door is. Enrolments before that door know none. */
  gatewayUrl: z.string().optional(),
});

/** Who this host is, as its enrolment told it. */
export type HostIdentity = Readonly<z.output<typeof identitySchema>>;

/** The host's NATS credentials; the leaf reads the same file. */
export function credsPath(agentFolder: string): string {
  return join(agentFolder, 'host.creds');
}

/** The bearer credential of the HTTP door. */
function httpCredentialPath(agentFolder: string): string {
  return join(agentFolder, 'http.credential');
}

/** A rotation that is under way, or the last one. */
export function rotationPath(agentFolder: string): string {
  return join(agentFolder, 'rotation.json');
}

/** Puts both credentials in the place of the old ones. A crash in between leaves one of each, and both are good. */
export async function storeCredentials(
  agentFolder: string,
  { creds, httpCredential }: Pick<EnrolResponse, 'creds' | 'httpCredential'>,
): Promise<void> {
  await nodeDisk.replace(credsPath(agentFolder), creds);
  if (httpCredential !== undefined) await nodeDisk.replace(httpCredentialPath(agentFolder), httpCredential);
}

/** The credential of the HTTP door; undefined where the enrolment gave none. */
export async function readHttpCredential(agentFolder: string): Promise<string | undefined> {
  return (await nodeDisk.read(httpCredentialPath(agentFolder)))?.toString('utf8').trim();
}

/** Keeps an enrolment, readable by the agent's user only. The identity comes last: with it, both are there. */
export async function storeEnrolment(
  agentFolder: string,
  { creds, httpCredential, ...identity }: EnrolResponse & Pick<HostIdentity, 'gatewayUrl'>,
): Promise<void> {
  await nodeDisk.ensureFolder(agentFolder);
  // A rotation from before would bring back what this replaces.
  await nodeDisk.remove(rotationPath(agentFolder));
  await storeCredentials(agentFolder, { creds, httpCredential });
  await nodeDisk.replace(join(agentFolder, 'identity.json'), JSON.stringify(identity));
}

/** Undefined before an enrolment. @throws Error when the file is none of ours */
export async function readIdentity(agentFolder: string): Promise<HostIdentity | undefined> {
  const bytes = await nodeDisk.read(join(agentFolder, 'identity.json'));
  return bytes === undefined ? undefined : identitySchema.parse(JSON.parse(bytes.toString('utf8')));
}
