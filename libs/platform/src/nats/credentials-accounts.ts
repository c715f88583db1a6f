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

/** Account claims of HOSTS: everything SERVICES offers, and the one scope under which hosts are minted. */
export function hostsAccount(servicesPublicKey: string, signingPublicKey: string): Partial<Account> {
  const from = (subject: string, type: Import['type']): Import => ({
    name: subject,
    subject,
    type,
    account: servicesPublicKey,
    ...(type === 'service' ? { to: subject } : {}),
  });
  return {
    imports: [...uplinkSubjects.map((subject) => from(subject, 'service')), from(downlinkSubject, 'stream')],
    signing_keys: [hostScope(signingPublicKey)],
    limits: accountLimits,
  };
}

/** Changes whenever the accounts are defined otherwise; says whether stored key material is still up to date. */
export function accountsFingerprint(): string {
  const claims = [servicesAccount(), hostsAccount('services', 'signing'), systemAccount()];
  return createHash('sha256').update(JSON.stringify(claims)).digest('hex').slice(0, 12);
}

/** Account claims of the system account. */
export function systemAccount(): Partial<Account> {
  return { limits: accountLimits };
}

/**
 * What a host may do, as a template that the server fills in from the user JWT: its name is the host, its tag
 * `tenant:` the tenant. The inbox prefix is needed or no acknowledgement returns across the leaf
 * (checked on nats-server 2.15.1). No `resp` entry: it would let a host write to any reply subject it was sent.
 */
function hostScope(signingPublicKey: string): SigningKey {
  const host = '{{tag(tenant)}}.{{name()}}';
  return {
    kind: 'user_scope',
    key: signingPublicKey,
    role: 'host',
    template: {
      pub: { allow: [`up.${host}.>`, `met.${host}`, `hb.${host}`, `hello.${host}`, `rep.${host}.>`] },
      sub: { allow: [`down.${host}.>`, '_INBOX_{{name()}}.>'] },
      subs: unlimited,
      data: unlimited,
      payload: unlimited,
    },
  };
}
