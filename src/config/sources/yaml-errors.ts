import type { YAMLParseError } from 'yaml';

export interface YamlFault {
  readonly message: string;
  readonly help: readonly string[];
  /** Where to point, from and to. */
  readonly pos: [number, number];
}

/**
 * The parser's words for a fault of syntax, made into a sentence with a way out where one is known.
 *
 * @param error what the parser reported
 * @param text the YAML
 * @param opened offsets of the quotes and brackets that are never closed
 */
export function explainYamlError(error: YAMLParseError, text: string, opened: readonly number[]): YamlFault {
  const { pos } = error;
  const isOpen = /closing|must end with|and end with/.test(error.message);
  const unclosed = isOpen
    ? Math.max(...opened.filter((offset) => offset < pos[1]))
    : Number.NEGATIVE_INFINITY;
  if (unclosed >= 0) {
    const message = `this ${text[unclosed]} is never closed`;
    return { message, help: closingHelp(text[unclosed]), pos: [unclosed, unclosed + 1] };
  }
  const glued = /^[\s-]*([A-Za-z_]\w*):[^\s]/.exec(lineAt(text, pos[0]));
  if (glued && (error.code === 'MISSING_CHAR' || error.code === 'MULTILINE_IMPLICIT_KEY')) {
    return { message: 'a space is missing after the colon', help: [`write \`${glued[1]}: …\``], pos };
  }
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab indents this line', help: ['indent with spaces: YAML allows no tabs'], pos };
    case 'BAD_SCALAR_START':
      return {
        message: `a value cannot start with ${text.slice(...pos)}`,
        help: ['put the value in quotes'],
        pos,
      };
    case 'NON_STRING_KEY':
      return { message: 'a key must be text, not a list, a block or an alias', help: [], pos };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'a key stands where a value has already begun',
        help: ['indent the keys of a block alike, each on a line of its own, and quote text that holds ": "'],
        pos,
      };
    case 'BLOCK_IN_FLOW':
      return { message: inOurStyle(error), help: ['a comma between two entries may be missing'], pos };
    default:
      return { message: inOurStyle(error), help: [], pos };
  }
}

function closingHelp(opened: string | undefined): string[] {
  if (opened === '[' || opened === '{') {
    return [`close it with ${opened === '[' ? ']' : '}'}, indented further than the key that it belongs to`];
  }
  return [`close it with another ${opened}`];
}

function lineAt(text: string, offset: number): string {
  const from = text.lastIndexOf('\n', offset - 1) + 1;
  const to = text.indexOf('\n', offset);
  return text.slice(from, to === -1 ? undefined : to);
}

const inOurStyle = ({ message }: YAMLParseError) =>
  `not valid YAML: ${message[0]?.toLowerCase()}${message.slice(1)}`;
