import type { Page } from 'playwright-core';

/** What a browser complains of, in the order in which it came. */
export interface Complaints {
  /** Errors of scripts, and whatever was written to the console as an error or a warning. */
  readonly errors: string[];
  /** Requests that failed or were refused; the browser writes these to the console by itself. */
  readonly requests: string[];
  /** What the content security policy kept from happening. */
  readonly policy: string[];
}

const BY_ITSELF = /^(Failed to load resource|WebSocket connection to)/;

/** Listens to everything that a page complains of from now on; call it before the first `goto`. */
export async function listenToComplaints(page: Page): Promise<Complaints> {
  const complaints: Complaints = { errors: [], requests: [], policy: [] };
  page.on('pageerror', (error) => complaints.errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    (BY_ITSELF.test(message.text()) ? complaints.requests : complaints.errors).push(message.text());
  });
  await page.exposeFunction('reportPolicy', (text: string) => complaints.policy.push(text));
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => reportPolicy(event.violatedDirective + ' ' + event.blockedURI));`,
  );
  return complaints;
}
