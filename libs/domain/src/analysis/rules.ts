/** The rules by which blocks become a verdict. Any change of a number or a formula is a new version. */
export const RULE_VERSION = 'verdict/1';

export const rules = {
  /** From this many hosts on, the host is a unit that carries a claim about other hosts. */
  hostsForAcross: 10,
  /** From this many blocks on, merged past the autocorrelation time, the evidence carries a claim about time. */
  mergedBlocksForTime: 30,
  /** A block counts when both variants were watched for at least this share of it. */
  coverageOfBlock: 0.5,
  /** Shares above which a health check fails. */
  unusableBlocks: 0.1,
  gaps: 0.2,
  /** Points that a collector refused or gave up: savings by loss are no savings. */
  losses: 0.01,
  clockOffsetMs: 5000,
  /** How many standard errors a count by sketch may be off before a block speaks for or against the criterion. */
  sketchErrors: 2,
  /** A share that misses its bound by less than this misses it by the rounding of floats. */
  rounding: 1e-12,
  /** How many names a sentence lists. */
  namesInSentence: 5,
} as const;
