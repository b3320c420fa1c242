import type { Machine } from '../machine.js';

/** What a part was measured on. */
export function describe({ cpu, cores }: Machine): string {
  return `${cpu}, ${cores} cores`;
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map((name) => '-'.repeat(name.length)), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
