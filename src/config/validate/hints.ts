import type { JsonSchema } from '../json-schema.js';
import type { Tree } from '../sources/tree.js';
import { branches, describe, typesOf } from './allowed.js';
import { nearest } from './spelling.js';

const MOST_QUOTED = 60;
const TRUE_WORDS = ['yes', 'on', 'y', 'true', '1'];
const FALSE_WORDS = ['no', 'off', 'n', 'false', '0'];
const NULL_WORDS = ['none', 'nil', 'off', 'no', 'false', 'undefined'];

/** A value as an error names it: `text "abc"`, `0.5`, `nothing`, `a list of 3`. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing (null)';
  if (typeof value === 'string') return value === '' ? 'empty text' : `text ${quote(value)}`;
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return '.nan, which is not a number';
    return Number.isFinite(value) ? String(value) : `${value > 0 ? '' : '-'}.inf, which is not finite`;
  }
  if (typeof value !== 'object') return String(value);
  if (!Array.isArray(value)) return Object.keys(value).length === 0 ? 'an empty block' : 'a block';
  if (value.length === 0) return 'an empty list';
  const items = JSON.stringify(value);
  const isShort = value.every((item) => typeof item !== 'object') && items.length <= MOST_QUOTED;
  return isShort ? `the list ${items.replaceAll(',', ', ')}` : `a list of ${value.length}`;
}

/**
 * What to write instead of a value of the wrong kind, where one can guess what was meant.
 *
 * @param schema what is allowed at this place
 * @param value what was received
 * @param tree the value as written, whose source tells quotes and blanks
 * @returns lines of help, mostly none or one
 */
export function hintsFor(schema: JsonSchema, value: unknown, tree: Tree | undefined): string[] {
  const kinds = new Set(branches(schema).map(({ type, enum: choices }) => (choices ? 'choice' : type)));
  const isOptional = kinds.has('null');
  if (value === null) return nothingHint(schema, tree);
  if (value === false && isOptional) return ['write null to switch it off'];
  if (typeof value === 'string') return textHint(schema, value, kinds, tree);
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER && kinds.has('integer')) {
    return [`integers go up to ${Number.MAX_SAFE_INTEGER}`];
  }
  if ((value === 0 || value === 1) && kinds.has('boolean')) return [`write ${value === 1}`];
  const isOfAnotherForm = branches(schema).some(
    ({ pattern }) => pattern !== undefined && !new RegExp(pattern).test(String(value)),
  );
  if (kinds.has('string') && typeof value !== 'object' && !isOfAnotherForm) {
    return [`put it in quotes to make it text: "${tree ? written(tree) : value}"`];
  }
  if (kinds.has('object') && value === true) return [blockHint(schema)];
  if (kinds.has('array') && !Array.isArray(value)) return listHint(schema, value);
  return [];
}

function nothingHint(schema: JsonSchema, tree: Tree | undefined): string[] {
  const source = tree?.span.source;
  if (source?.kind === 'env') return [`give ${source.variable} a value, or unset it`];
  if (source?.kind === 'argument') return ['write a value behind the ='];
  if (schema.default === undefined) return ['write a value behind the colon'];
  if (typeof schema.default === 'object') return ['write its keys below it, indented, or leave it out'];
  return [`write a value behind the colon, or leave the key out: its default is ${schema.default}`];
}

function textHint(
  schema: JsonSchema,
  value: string,
  kinds: ReadonlySet<string | undefined>,
  tree: Tree | undefined,
): string[] {
  const word = value.trim().toLowerCase();
  const types = typesOf(schema);
  if (types.length > 0) {
    const type = nearest(value, types);
    return type === undefined ? [] : [`write it as a block: { type: ${type} }`];
  }
  if (kinds.has('boolean') && TRUE_WORDS.includes(word)) return ['write true'];
  if (kinds.has('boolean') && FALSE_WORDS.includes(word)) return ['write false'];
  if (kinds.has('null') && NULL_WORDS.includes(word)) return ['write null to switch it off'];
  if (/^\S+#/.test(value)) return ['put a space in front of # to begin a comment'];
  if (kinds.has('number') || kinds.has('integer')) return numberHint(value, !kinds.has('number'), tree);
  return [];
}

/** What looks like a number to people and is text to YAML. */
function numberHint(value: string, isInteger: boolean, tree: Tree | undefined): string[] {
  const text = value.trim();
  if (text !== '' && Number.isFinite(Number(text))) {
    const isQuoted = tree !== undefined && /^["']/.test(written(tree));
    return [isQuoted ? `remove the quotes: ${text}` : `write ${Number(text)}`];
  }
  const isGrouped = /^[-+]?\d{1,3}([,_ ']\d{3})+$/.test(text) || /^[-+]?\d+(_\d+)+$/.test(text);
  if (isGrouped && (isInteger || !/^[^,]*,[^,]*$/.test(text))) {
    return [`write ${text.replace(/[,_ ']/g, '')}, without separators`];
  }
  if (/^[-+]?\d+,\d+(e[-+]?\d+)?$/i.test(text)) {
    return [`write ${text.replace(',', '.')}, with a decimal point`];
  }
  const percent = Number(/^([-+]?[\d.]+) *%$/.exec(text)?.[1]) / 100;
  if (Number.isFinite(percent)) return [`write ${percent}`];
  const fraction = /^([\d.]+) *\/ *([\d.]+)$/.exec(text);
  // Of a path such as ../.. the parts are no numbers.
  const quotient = Number(fraction?.[1]) / Number(fraction?.[2]);
  if (Number.isFinite(quotient)) return [`YAML does not calculate: write ${quotient}`];
  if (/^[-+]?[\d.]+e[-+]?$/i.test(text)) return [`the exponent lacks its digits: for example ${text}3`];
  if (/^(10|[\d.]+ *[*x×] *10) *(\^|\*\*) *[-+]?\d+$/.test(text)) return ['write it like 1e-3'];
  return [];
}

function listHint(schema: JsonSchema, value: unknown): string[] {
  const isEmpty = Array.isArray(schema.default) && schema.default.length === 0;
  if (isEmpty && typeof value !== 'object') return [`write it as a list: [${value}]`];
  if (Array.isArray(schema.default) && !isEmpty)
    return [`for example ${JSON.stringify(schema.default).replaceAll(',', ', ')}`];
  const isBlock = typeof value === 'object' && value !== null;
  return isBlock && schema.type === 'array' ? ['begin each entry of the list with "- "'] : [];
}

function blockHint(schema: JsonSchema): string {
  const block = branches(schema).find(({ type }) => type === 'object');
  const required = (block?.required ?? []).map((key) => {
    const inner = block?.properties?.[key];
    return inner === undefined ? key : `${key}: <${describe(inner)}>`;
  });
  return required.length === 0 ? 'write {} for its defaults' : `write a block: { ${required.join(', ')} }`;
}

function written({ span }: Tree): string {
  return span.source.text.slice(span.start, span.end);
}

function quote(text: string): string {
  const isLong = text.length > MOST_QUOTED;
  return JSON.stringify(isLong ? `${text.slice(0, MOST_QUOTED - 1)}…` : text);
}
