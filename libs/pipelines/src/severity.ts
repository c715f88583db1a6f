/** How bad a finding is: an `error` refuses the input, a `warning` lets it pass and is shown. */
export type Severity = 'error' | 'warning';
