import type { Check } from '../check.js';
import { componentIds } from './component-ids.js';
import { durations } from './durations.js';
import { fields } from './fields.js';
import { filterSense } from './filter-sense.js';
import { filtersOnSample } from './filters-on-sample.js';
import { hostIdentity } from './host-identity.js';
import { ottlSyntax } from './ottl-syntax.js';
import { order } from './order.js';
import { pipelines } from './pipelines.js';
import { ports } from './ports.js';
import { requiredFields } from './required-fields.js';
import { references } from './references.js';
import { regexes } from './regexes.js';
import { secrets } from './secrets.js';
import { sections } from './sections.js';
import { unboundedAttributes } from './unbounded-attributes.js';
import { expansion } from './expansion.js';
import { plainWords } from './plain-words.js';
import { wiring } from './wiring.js';

export const checks: readonly Check[] = [
  sections,
  componentIds,
  fields,
  requiredFields,
  pipelines,
  wiring,
  order,
  filterSense,
  filtersOnSample,
  unboundedAttributes,
  hostIdentity,
  secrets,
  ports,
  ottlSyntax,
  regexes,
  durations,
  references,
  expansion,
  plainWords,
];
