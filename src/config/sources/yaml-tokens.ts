import type { CST } from 'yaml';

/** Every token with its depth, keys and values alike. Has a stack of its own, which cannot overflow. */
export function* walk(tokens: readonly CST.Token[]): Generator<{ token: CST.Token; depth: number }> {
  const stack = tokens.map((token) => ({ token, depth: 0 }));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    yield top;
    const { token, depth } = top;
    const children: (CST.Token | null | undefined)[] = [];
    if (token.type === 'document') children.push(token.value);
    if ('items' in token) for (const { key, value } of token.items) children.push(key, value);
    for (const child of children) if (child) stack.push({ token: child, depth: depth + 1 });
  }
}

/** Offsets of the quotes and brackets that are never closed. */
export function unclosedOffsets(tokens: readonly CST.Token[]): number[] {
  const offsets: number[] = [];
  for (const { token } of walk(tokens)) if (isUnclosed(token)) offsets.push(token.offset);
  return offsets;
}

function isUnclosed(token: CST.Token): boolean {
  switch (token.type) {
    case 'double-quoted-scalar':
    case 'single-quoted-scalar':
      return token.source.length < 2 || token.source.at(-1) !== token.source[0];
    case 'flow-collection':
      return !token.end.some(({ type }) => type === 'flow-map-end' || type === 'flow-seq-end');
    default:
      return false;
  }
}
