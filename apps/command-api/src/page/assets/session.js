const PLACE = 'phoenix.session';

/** The session of this tab, or null; it ends with the tab. */
export function storedSession() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

export function storeSession(session) {
  if (session) sessionStorage.setItem(PLACE, JSON.stringify(session));
  else sessionStorage.removeItem(PLACE);
}

/** Exchanges email and password for a session. Errors are written for people. */
export async function login(email, password) {
  const answer = await fetch('/api/v1/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  }).catch(() => {
    throw new Error(`Phoenix does not answer at ${location.host}. Is it running? Try again in a moment.`);
  });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  throw new Error(body.detail ?? body.title ?? `Phoenix answered with status ${answer.status}.`);
}

/** How far the slowest view is behind, in commits; null when nobody can say. */
export async function currentLag(token) {
  try {
    const answer = await fetch('/api/v1/fleet/status', { headers: { authorization: `Bearer ${token}` } });
    const { projections } = await answer.json();
    return Math.max(...projections.map(({ lag }) => lag));
  } catch {
    return null;
  }
}
