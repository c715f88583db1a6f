import { plainText, type Component, type Settings } from '../render/collector-config.js';
import type { Authorization, Headers } from './profile.js';
import type { SecretText } from './secret.js';

/** Settings of an exporter that sign its requests, and the extension that they need. */
export type Signed = {
  readonly settings: { readonly headers?: Settings; readonly auth?: Settings };
  readonly extensions: readonly Component[];
};

/** Headers and authorization of a destination together. */
export function signedHeaders(
  profile: { readonly authorization?: Authorization | undefined; readonly headers?: Headers | undefined },
  secret: SecretText,
): Signed {
  const own = Object.entries(profile.headers ?? {}).map(([name, value]) => [name, secret(value)] as const);
  const signed = profile.authorization && signature(profile.authorization, secret);
  const headers = { ...Object.fromEntries(own), ...signed?.settings.headers };
  return {
    settings: { ...signed?.settings, ...(Object.keys(headers).length > 0 && { headers }) },
    extensions: signed?.extensions ?? [],
  };
}

/** User and password are encoded together, which only the collector's own extension can do with a reference. */
export function signature(authorization: Authorization, secret: SecretText): Signed {
  if (authorization.scheme === 'bearer')
    return {
      settings: { headers: { authorization: `Bearer ${secret(authorization.token)}` } },
      extensions: [],
    };
  const id = 'basicauth/destination';
  const { username, password } = authorization;
  return {
    settings: { auth: { authenticator: id } },
    extensions: [
      {
        id,
        settings: {
          client_auth: { username: plainText(username), password: secret(password) },
        },
      },
    ],
  };
}
