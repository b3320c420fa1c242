import { createInterface } from 'node:readline';
import { jsonLine } from '../../../base/printable.js';
import { processIo } from '../../../cli/io.js';
import { main } from '../../../cli/main.js';
import { END_OF_COMMAND } from './worker-process.js';

/** The program of a `WorkerProcess`: carries out command lines, a JSON array on each line of stdin, until stdin ends. */
const io = processIo();
let isBusy = false;
// Nobody is there any more who would want the result. A run is saved, one that has not begun does not begin. It may have noticed
// already that nobody reads: it must not take this for a second wish, to end at once.
process.stdin.on('end', () => {
  if (!isBusy) return;
  if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM');
  else io.stdout.emit('error', new Error('the comparison has ended'));
});
for await (const line of createInterface({ input: process.stdin })) {
  isBusy = true;
  const code = await main(JSON.parse(line) as string[], io);
  isBusy = false;
  io.print(jsonLine({ type: END_OF_COMMAND, code }));
  io.log(END_OF_COMMAND);
}
