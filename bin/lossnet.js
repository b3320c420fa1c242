#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/cli/main.js', import.meta.url);

// The only place that sets an exit code. It is set, not forced: what is still being written must get out.
if (existsSync(fileURLToPath(built))) {
  const { main } = await import(built.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write('lossnet is not built yet. Run: npm run build\n');
  process.exitCode = 1;
}
