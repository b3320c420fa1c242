#!/usr/bin/env node
// Old versions of Node run this file too: it keeps to what they understand, and loads the rest only where it can run.
import { existsSync, readFileSync } from 'node:fs';
import * as modules from 'node:module';
import { fileURLToPath } from 'node:url';

const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Node opens the files of a program side by side: where it may not, it fails in many ways before lossnet begins. */
const FILES_NEEDED = 256;

/** Why lossnet cannot run here, or null. */
function obstacle() {
  const needed = JSON.parse(readFileSync(fileOf('../package.json'), 'utf8')).engines.node.replace(
    /[^\d.]/g,
    '',
  );
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = needed.split('.').map(Number);
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    return `lossnet needs Node ${needed} or later, and this is Node ${process.versions.node}: https://nodejs.org`;
  }
  return existsSync(fileOf('../dist/program/main.js'))
    ? null
    : 'lossnet is not built yet. Run: npm run build';
}

/** Says why the program could not be loaded, where the system is the reason. */
function cannotLoad(error) {
  const { soft } = process.report.getReport().userLimits?.open_files ?? {};
  const isFull = soft < FILES_NEEDED;
  if (!isFull && !/^E[A-Z]+$/.test(error.code)) throw error;
  const reason = isFull ? `only ${soft} files may be open (ulimit -n)` : error.message;
  const remedy = isFull ? 'Allow more of them: ulimit -n 4096' : 'Make it readable, or install it again.';
  process.stderr.write(`error: lossnet cannot be loaded: ${reason}.\n  ${remedy}\n`);
  return 1;
}

const problem = obstacle();
// The only place that sets an exit code. It is set, not forced: what is still being written must get out.
if (problem === null) {
  // Node 22 and later keep what they have compiled, in the folder for temporary files, and start sooner with it.
  if (modules.enableCompileCache) modules.enableCompileCache();
  import('../dist/program/main.js')
    .then(({ main }) => main(process.argv.slice(2)))
    .catch(cannotLoad)
    .then((code) => {
      process.exitCode = code;
    });
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
