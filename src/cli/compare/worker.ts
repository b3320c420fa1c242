import { createInterface } from 'node:readline';
import { processIo } from '../io.js';
import { main } from '../main.js';
import { END_OF_COMMAND } from './worker-process.js';

/** The program of a `WorkerProcess`: carries out command lines, a JSON array on each line of stdin, until stdin ends. */
const io = processIo();
for await (const line of createInterface({ input: process.stdin })) {
  const code = await main(JSON.parse(line) as string[], io);
  io.print(JSON.stringify({ type: END_OF_COMMAND, code }));
  io.log(END_OF_COMMAND);
}
