import { decode, encodeAccount, fromSeed, type Account } from '@nats-io/jwt';
import { readKeyFile, type SecurityFiles } from './credentials-files.js';

/** What making a leaf's accounts takes. All that comes out of it is public. */
export type LeafAccountsMaker = Pick<
  SecurityFiles,
  'operatorJwt' | 'operatorSigningSeed' | 'systemAccountJwt' | 'hostsAccountJwt'
>;

/**
 * Part of the configuration of a leaf that knows agents by their own credentials: operator, system account, and HOSTS
 * under the variable of that name. HOSTS comes without what it imports: on a leaf, an import would end the way of a
 * message there, because the services are at the hub. `hostsJwt` is the account as the hub has it now, with who was
 * revoked; as it was made when left out.
 */
export async function leafAccountsOf(maker: LeafAccountsMaker, hostsJwt?: string): Promise<string> {
  const signer = fromSeed(Buffer.from(await readKeyFile(maker.operatorSigningSeed)));
  const system = await readKeyFile(maker.systemAccountJwt);
  const current = decode<Account>(hostsJwt ?? (await readKeyFile(maker.hostsAccountJwt)));
  const { imports: _imports, ...claims } = current.nats;
  const hosts = await encodeAccount(current.name, current.sub, claims, { signer });
  const systemId = decode(system).sub;
  return [
    `operator: ${await readKeyFile(maker.operatorJwt)}`,
    `system_account: ${systemId}`,
    'resolver: MEMORY',
    'resolver_preload {',
    `  ${systemId}: ${system}`,
    `  ${current.sub}: ${hosts}`,
    '}',
    `HOSTS: ${current.sub}`,
    '',
  ].join('\n');
}
