import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder by its path from there, with its bytes; folders end in `/` and have none. */
export function contentsOf(folder: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  const visit = (path: string): void => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const inner = join(path, name);
      const kind = lstatSync(join(folder, inner));
      if (kind.isDirectory()) {
        found.set(`${inner}/`, Buffer.alloc(0));
        visit(inner);
      } else found.set(inner, kind.isFile() ? readFileSync(join(folder, inner)) : Buffer.from('no file'));
    }
  };
  if (existsSync(folder)) visit('');
  return found;
}

/**
 * @param before what `contentsOf` said
 * @param after and later
 * @returns the paths of what is gone, new or different
 */
export function changes(before: ReadonlyMap<string, Buffer>, after: ReadonlyMap<string, Buffer>): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths.flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (now === undefined) return [`${path} is gone`];
    if (old === undefined) return [`${path} is new`];
    return old.equals(now) ? [] : [`${path} is different`];
  });
}
