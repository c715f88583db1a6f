import type { Check } from '../check.js';
import type { Model } from '../model/model.js';
import { problem, type Problem } from '../problem.js';
import { entryOf, textOf } from '../read/tree.js';
import { expansions } from './expand.js';
import { mapsIn, scalarsOfComponent, spotsIn, type Spot } from './scalars.js';
import { harmlessName, isSecretName, looksRandom } from '../../secret-text.js';

const userInfo = /^[a-z][a-z0-9+.-]*:\/\/[^/?#:@]*:([^/?#@]+)@/i;
const secretParameter = /[?&](?:api[-_]?key|key|token|access_token|license_key)=([^&#]+)/i;

/** No secret stands in the text; a reference such as `${env:NAME}` stands for it. The message never shows the value. */
export const secrets: Check = (model) => [
  ...spotsOf(model).filter(isSecret).map(inClear),
  ...pairsOf(model).flatMap(({ name, spot }) =>
    isSecretName(name) && hasClearText(spot.scalar.text) ? [inClear(spot)] : [],
  ),
];

function spotsOf({ components, root }: Model): readonly Spot[] {
  const service = entryOf(root, 'service');
  const inService =
    service === undefined ? [] : spotsIn(service.value, { path: 'service', offset: service.offset });
  return [...components.flatMap(scalarsOfComponent), ...inService];
}

function isSecret(spot: Spot): boolean {
  const { value, text } = spot.scalar;
  if (typeof value === 'number') return isNamedSecret(spot);
  if (typeof value !== 'string' || value === '') return false;
  if (isAddressWithSecret(text)) return true;
  if (!hasClearText(text)) return false;
  return isNamedSecret(spot) || isHiddenByCollector(spot);
}

function isAddressWithSecret(text: string): boolean {
  const secret = userInfo.exec(text)?.[1] ?? secretParameter.exec(text)?.[1];
  return secret !== undefined && hasClearText(secret);
}

function isNamedSecret({ key, place }: Spot): boolean {
  return isSecretName(key) && !isListOfNames(place.path);
}

/** The collector hides all headers, of which most are no secrets. */
function isHiddenByCollector({ key, field, isOwnKey, scalar }: Spot): boolean {
  if (field?.secret !== true || harmlessName.test(key)) return false;
  return isOwnKey ? looksRandom(scalar.text) : true;
}

/** Lists under such a name hold names, as `metadata_keys` does. */
function isListOfNames(path: string): boolean {
  return /\.\d+$/.test(path);
}

/** Headers may also be written as a list of `name` and `value`. */
function pairsOf({ root }: Model): readonly { readonly name: string; readonly spot: Spot }[] {
  return mapsIn(root, { path: '', offset: 0 }).flatMap(({ map, place }) => {
    const name = textOf(entryOf(map, 'name')?.value);
    const value = entryOf(map, 'value');
    if (name === undefined || value === undefined) return [];
    return spotsIn(value.value, { ...place, path: `${place.path}.value` }).map((spot) => ({
      name,
      spot,
    }));
  });
}

/** Text that is no reference, apart from the word that says how to read the secret. A default of a reference is text. */
function hasClearText(text: string): boolean {
  const references = expansions(text).filter(({ escaped }) => !escaped);
  if (references.some(({ name }) => /:-./.test(name))) return true;
  if (references.length > 0) return false;
  return text.replace(/^(?:bearer|basic|api-token|api-key|token)\s*/i, '').trim() !== '';
}

function inClear({ place }: Spot): Problem {
  const message = 'A secret stands here in clear.';
  return problem(
    'secret-in-clear',
    place,
    message,
    'Replace it by ${env:NAME} or ${file:PATH}, and change the secret.',
  );
}
