/** A JSON Schema as a short text, much like a type: what people read faster than the schema itself. */
export function schemaText(schema, indent = '') {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const union = schema.oneOf ?? schema.anyOf;
  if (union) return union.map((part) => schemaText(part, indent)).join(' | ');
  if (schema.allOf) return schema.allOf.map((part) => schemaText(part, indent)).join(' & ');
  if (schema.type === 'array') return listText(schemaText(schema.items, indent));
  if (schema.properties) return objectText(schema, indent);
  if (schema.additionalProperties)
    return `{ [name]: ${schemaText(schema.additionalProperties, indent) || 'any'} }`;
  return [].concat(schema.type ?? 'any').join(' | ') + limits(schema);
}

/** What belongs together stays together: a list of either is not either or a list. */
function listText(item) {
  return / [|&] /.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
}

function objectText({ properties, required = [] }, indent) {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, schema]) => {
    const about = schema.description ? `  // ${schema.description}` : '';
    return `${inner}${name}${required.includes(name) ? '' : '?'}: ${schemaText(schema, inner)}${about}`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function limits({ minimum, maximum, format, default: usual }) {
  const parts = [format, isLimit(minimum) && `from ${minimum}`, isLimit(maximum) && `to ${maximum}`];
  const text = [...parts, usual !== undefined && `default ${usual}`].filter(Boolean).join(', ');
  return text ? ` (${text})` : '';
}

/** Every integer of JSON ends there; it says nothing about this one. */
function isLimit(bound) {
  return bound !== undefined && Math.abs(bound) !== Number.MAX_SAFE_INTEGER;
}
