#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/cli/main.js', import.meta.url);

/** Node opens the files of a program side by side: where it may not, it fails in many ways before lossnet begins. */
const FILES_NEEDED = 256;

// The only place that sets an exit code. It is set, not forced: what is still being written must get out.
if (existsSync(fileURLToPath(built))) {
  try {
    const { main } = await import(built.href);
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const { soft } = process.report.getReport().userLimits?.open_files ?? {};
    const isFull = soft < FILES_NEEDED;
    if (!isFull && !/^E[A-Z]+$/.test(error.code)) throw error;
    const reason = isFull ? `only ${soft} files may be open (ulimit -n)` : error.message;
    const remedy = isFull ? 'Allow more of them: ulimit -n 4096' : 'Make it readable, or install it again.';
    process.stderr.write(`error: lossnet cannot be loaded: ${reason}.\n  ${remedy}\n`);
    process.exitCode = 1;
  }
} else {
  process.stderr.write('lossnet is not built yet. Run: npm run build\n');
  process.exitCode = 1;
}
