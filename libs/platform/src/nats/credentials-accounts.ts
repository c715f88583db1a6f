import { createHash } from 'node:crypto';
import type { Account, Export, Import, OperatorLimits, SigningKey } from '@nats-io/jwt';

/**
 * The two accounts and what may pass between them.
 *
 * SERVICES holds the streams and all apps; HOSTS holds the agents and has no JetStream. Uplink subjects are
 * service exports: a host's publish reaches the apps on its original subject, and only the acknowledgement of
 * that very message finds its way back, so the JetStream API stays out of reach. `down` is a stream export: a
 * service import would replace the reply subject by a generated one that a host may not write.
 */
const uplinkSubjects = ['up.>', 'met.>', 'hb.*.*', 'hello.*.*', 'rep.>'] as const;
const downlinkSubject = 'down.>';

const unlimited = -1;
const accountLimits: OperatorLimits = {
  subs: unlimited,
  data: unlimited,
  payload: unlimited,
  imports: unlimited,
  exports: unlimited,
  wildcards: true,
  conn: unlimited,
  leaf: unlimited,
};
const jetStreamLimits: OperatorLimits = {
  mem_storage: unlimited,
  disk_storage: unlimited,
  streams: unlimited,
  consumer: unlimited,
};

/** Account claims of SERVICES: streams, uplink offered to hosts, downlink offered to hosts. */
export function servicesAccount(): Partial<Account> {
  const uplink = uplinkSubjects.map((subject): Export => ({ name: subject, subject, type: 'service' }));
  const downlink: Export = { name: downlinkSubject, subject: downlinkSubject, type: 'stream' };
  return { exports: [...uplink, downlink], limits: { ...accountLimits, ...jetStreamLimits } };
}

/** Public keys under which users of HOSTS are minted. */
export interface HostsSigners {
  readonly hosts: string;
  readonly sites: string;
}

/** Account claims of HOSTS: everything SERVICES offers, and the scopes under which hosts and sites are minted. */
export function hostsAccount(servicesPublicKey: string, signers: HostsSigners): Partial<Account> {
  const from = (subject: string, type: Import['type']): Import => ({
    name: subject,
    subject,
    type,
    account: servicesPublicKey,
    ...(type === 'service' ? { to: subject } : {}),
  });
  return {
    imports: [...uplinkSubjects.map((subject) => from(subject, 'service')), from(downlinkSubject, 'stream')],
    signing_keys: [scope('host', signers.hosts, '{{name()}}'), scope('site', signers.sites, '{{tag(host)}}')],
    limits: accountLimits,
  };
}

/** Changes whenever the accounts are defined otherwise; says whether stored key material is still up to date. */
export function accountsFingerprint(): string {
  const claims = [
    servicesAccount(),
    hostsAccount('services', { hosts: 'signing', sites: 'sites-signing' }),
    systemAccount(),
  ];
  return createHash('sha256').update(JSON.stringify(claims)).digest('hex').slice(0, 12);
}

/** Account claims of the system account. */
export function systemAccount(): Partial<Account> {
  return { limits: accountLimits };
}

/**
 * What a host may do, as a template that the server fills in from the user JWT: its name is the host, its tag
 * `tenant:` the tenant. The link of a site is named otherwise and has a tag `host:` for each host that it may carry;
 * the server makes one subject of each (checked on nats-server 2.15.1). The inbox prefix is needed or no
 * acknowledgement returns across the leaf. No `resp` entry: it would let a host write to any reply subject it was sent.
 */
function scope(role: 'host' | 'site', signingPublicKey: string, id: string): SigningKey {
  const host = `{{tag(tenant)}}.${id}`;
  return {
    kind: 'user_scope',
    key: signingPublicKey,
    role,
    template: {
      pub: { allow: [`up.${host}.>`, `met.${host}`, `hb.${host}`, `hello.${host}`, `rep.${host}.>`] },
      sub: { allow: [`down.${host}.>`, `_INBOX_${id}.>`] },
      subs: unlimited,
      data: unlimited,
      payload: unlimited,
    },
  };
}
