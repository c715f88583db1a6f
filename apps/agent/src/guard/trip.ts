/** What a collector may not do for long. */
export type Guardrail = 'exit-loop' | 'memory' | 'cpu' | 'drops' | 'silence';

/** A guardrail was broken. */
export type Trip = {
  readonly guardrail: Guardrail;
  /** In words that follow the name of the variant, with the figure and its limit. */
  readonly reason: string;
};
