/**
 * Takes the lock that the command line names and says how that went; gives it back when a line or the end of stdin comes.
 * Run from the build, as a process of its own.
 */
import { tryLock } from '../../dist/base/lock.js';

const lock = tryLock(process.argv[2]);
const isOurs = 'release' in lock;
process.stdout.write(`${JSON.stringify(isOurs ? { isOurs } : { isOurs, ...lock })}\n`);
if (isOurs) {
  await new Promise((resolve) => process.stdin.once('data', resolve).once('end', resolve));
  lock.release();
}
process.stdin.destroy();
