const MAX_NAME = 128;
/** Fields and headers that hold secrets by their name. */
const secretName =
  /^(?:authorization|cookie|.*(?:api|licen[sc]e|access|insert|private)[-_]?key|.*(?:token|secret|passw(?:or)?d|passphrase|credentials?)|x-honeycomb-team|.*key_pem)$/i;
/** Names that end like a secret and hold where it is, or how long it lasts. */
export const harmlessName = /(?:_file|_path|_url|_endpoint|_name|_type|_ttl|_id|cert_pem|ca_pem)$/i;

/** Whether a field or header of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return name.length <= MAX_NAME && secretName.test(name) && !harmlessName.test(name);
}

/** Long, in one piece, and changing between letters and digits as keys do and words do not. Ids in UUID form are none. */
export function looksRandom(text: string): boolean {
  if (text.length < 20 || text.length > 512 || !/^[\w+=.~-]+$/.test(text) || uuid.test(text)) return false;
  const letters = text.replaceAll(/[^A-Za-z0-9]/g, '');
  return (letters.match(change)?.length ?? 0) >= text.length / 4;
}

/** A sign that is followed by one of another kind. */
const change = /[a-z](?=[A-Z\d])|[A-Z](?=[a-z\d])|\d(?=[A-Za-z])/g;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
