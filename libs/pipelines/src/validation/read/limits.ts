/** The largest configuration that is looked at, in bytes. */
export const MAX_INPUT_BYTES = 1_000_000;

/** The most pieces (words, indents, signs) of one text. A configuration of 30,000 lines has about 200,000. */
export const MAX_LEXEMES = 300_000;

/** The most values once every alias stands for a copy of what it means. */
export const MAX_EXPANDED_VALUES = 200_000;

export const MAX_DEPTH = 64;

/** Of one rule, so that one broken spot cannot make megabytes of findings. */
export const MAX_FINDINGS_PER_RULE = 100;
