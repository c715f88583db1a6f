/** The credentials that this host shows at its doors from now on. They change when a rotation ends. */
export class ShownCredentials {
  constructor(
    private shown: { readonly creds: string | undefined; readonly httpCredential: string | undefined },
  ) {}

  /** Text of the NATS credentials file; empty where there is none, as behind a leaf that asks for a password. */
  get creds(): string {
    return this.shown.creds ?? '';
  }

  /** Bearer credential of the HTTP door; empty where there is none. */
  get httpCredential(): string {
    return this.shown.httpCredential ?? '';
  }

  replace(next: { readonly creds: string; readonly httpCredential: string }): void {
    this.shown = next;
  }
}
