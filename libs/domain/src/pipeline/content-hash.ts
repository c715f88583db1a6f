import { createHash } from 'node:crypto';
import type { PipelineContent } from '#lib/events';
import { canonicalJson } from '../canonical-json.js';

/** sha-256 of a content, in hexadecimal digits. Equal content has an equal hash, whatever the order of its keys. */
export function contentHash(content: PipelineContent): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
