import { z } from 'zod';

/** Whether a name of a URL is this machine itself. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Text that would be expanded, or that carries a secret where logs show it. */
const unwanted = /[\s${}\p{Cc}]/u;

/** What is wrong with an address to which data and secrets are sent, or `undefined`. */
function addressFault(text: string): string | undefined {
  if (unwanted.test(text) || !URL.canParse(text)) return 'is no address';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must not contain a user or password';
  if (url.search !== '' || url.hash !== '') return 'must not have a query or fragment';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return 'must begin with https://';
  return isLoopback(url.hostname) ? undefined : 'must begin with https://, except on this machine itself';
}

/** An address to which data is sent: over TLS, unless it is this machine itself. */
export const address = z
  .string()
  .max(2000)
  .superRefine((text, context) => {
    const fault = addressFault(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

/** `host:port` and whether the way is in clear, for exporters that take no address with a scheme. */
export function hostAndPort(text: string): { readonly target: string; readonly isClear: boolean } {
  const { hostname, port, protocol } = new URL(text);
  const isClear = protocol === 'http:';
  return { target: `${hostname}:${port === '' ? (isClear ? '80' : '443') : port}`, isClear };
}
